// What Alertmanager takes (prometheus.io, "Alerts API"): a list of alerts, each known by its
// labels. Pure: the same notification is the same body at every try.
#pragma once

#include <string>

#include "platen/notifier/v1/notification.pb.h"

#include "libs/base/time.h"

namespace platen::notifier::edge {

struct AlertmanagerTerms {
  // How long an alert is open there after the last that was said of it.
  base::Duration open_for = std::chrono::hours(24 * 7);
  // "{device}" and "{incident}" stand for their ids; empty: none.
  std::string generator_url;
};

// JSON. Labels are what stays the same from an alert's beginning to its end: alertname
// ("PrinterJam"), category, tenant, site, device, alert, incident. All that people read, and the
// severity, which may change, are annotations. Of a digest: all its alerts.
std::string ComposeAlerts(const v1::Notification& notification, const AlertmanagerTerms& terms);

}  // namespace platen::notifier::edge
