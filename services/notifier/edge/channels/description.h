// What a notification says, apart from how a channel writes it. Pure: the same notification is
// described in the same words at every try. Nothing here is escaped; one line each.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

struct Description {
  // Customer, location, serial number, page count, tray: what the person who goes there needs
  // first. Of a digest: how many messages of how many printers.
  std::string first_line;
  // "Jam in tray 2", "Cleared: jam in tray 2", "Acknowledged by Alice: jam in tray 2".
  std::string headline;
  // Label and value; only what is known. Of a digest: when, and which message it stands for.
  std::vector<std::pair<std::string, std::string>> rows;
  // What to click on, and its address: where the reader says that they take care of it. Of a digest
  // one for each of its members that has any.
  std::vector<std::pair<std::string, std::string>> links;
};

// The notification's title or a member's, as it may be shown: what the device says of itself in it
// is cleaned, whoever has written it.
std::string ShownTitle(const std::string& title);

Description Describe(const v1::Notification& notification);

// "raised", "cleared", "acknowledged", "escalated", "reminded", "digest".
std::string TransitionWord(v1::NotificationKind kind);

// What stands before the title of everything but a beginning and a digest: "Cleared",
// "Acknowledged", "Escalated", "Reminder"; empty for those.
std::string_view KindPrefix(v1::NotificationKind kind);

// "critical" of ALERT_SEVERITY_CRITICAL; empty where unspecified.
std::string CategoryWord(event::v1::AlertCategory category);
std::string SeverityWord(event::v1::AlertSeverity severity);
std::string TrainingWord(event::v1::AlertTraining training);

// "Brother HL-L5100DN": many models begin with their maker's name already.
std::string PrinterName(const event::v1::DeviceLabel& device);

}  // namespace platen::notifier::edge
