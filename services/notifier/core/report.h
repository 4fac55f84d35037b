// The event that says how a delivery ended, or that it has not yet.
#pragma once

#include <optional>
#include <string>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/notification.pb.h"

#include "libs/base/time.h"

namespace platen::notifier::core {

struct DeliveryEnd {
  const v1::Notification& notification;
  event::v1::NotificationReport::Outcome outcome;
  std::uint32_t attempts = 0;
  // "email", "webhook".
  std::string channel;
  std::string detail;
  // Of what is delayed, where that is known.
  std::optional<base::WallTime> next_try = std::nullopt;
};

// A NotificationReport about the alert's device, for the alerts lane; source and id are for
// event::Sequencer to fill in. `epoch` is the notifier's life: a delivery that a crash made happen
// twice is two facts, and shows as two.
event::v1::Event MakeReport(base::WallTime now, const DeliveryEnd& end, std::uint64_t epoch);

// Whether `report`, of another message of the same record, can say of `end` as well. What follows
// from a report that a receiver was told of an outage (outage_alert.h) is nobody else's: such a
// report is alone.
bool CanShare(const event::v1::Event& report, const DeliveryEnd& end);

// The report is about this message as well, and another event than without it: those who were told
// may be others when it is said again after a hand-over. REQUIRES: CanShare().
void AddFellow(const v1::Notification& notification, event::v1::Event& report);

}  // namespace platen::notifier::core
