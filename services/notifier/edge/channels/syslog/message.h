// What is said by syslog (RFC 5424).
#pragma once

#include <cstdint>
#include <string>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

struct SyslogFrame {
  std::uint32_t facility = 16;
  // "-" where there is none.
  std::string hostname = "-";
  // SD-ID of the structured data.
  std::string structured_data_id = "platen@32473";
};

// One message: what it tells is its MSGID ("RAISED", "CLEARED"), its id and the incident's are in
// the structured data, and people read the rest. At most 8192 bytes, which receivers should take
// (RFC 5425, 4.3.1). A digest is for ComposeSyslogStream().
std::string ComposeSyslogMessage(const v1::Notification& notification, const SyslogFrame& frame);

// What goes over the connection: each message with its length in octets (RFC 5425, 4.3); of a
// digest one for each that it stands for.
std::string ComposeSyslogStream(const v1::Notification& notification, const SyslogFrame& frame);

}  // namespace platen::notifier::edge
