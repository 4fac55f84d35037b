// Times as text, for every event and message: printf and its kin cost more than the rest of them.
#pragma once

#include <string>

#include <google/protobuf/timestamp.pb.h>

namespace platen::event {

// RFC 3339 in UTC with as many digits of the second as it takes: 0, 3, 6 or 9, as in protobuf's
// JSON. Whatever is no time between the years 1 and 9999 becomes the nearest that is one.
std::string Rfc3339(const google::protobuf::Timestamp& time);

// The same, to the millisecond: "2023-11-14T22:23:21.000Z".
std::string Rfc3339Millis(const google::protobuf::Timestamp& time);

}  // namespace platen::event
