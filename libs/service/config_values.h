// How single values of a configuration are written and read. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace google::protobuf {
class EnumDescriptor;
class EnumValueDescriptor;
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace platen::service {

// "1h30m", "200ms", "7d", "0s", "-5s". Units: ns us ms s m h d. kInvalidArgument otherwise, or
// beyond ±292 years.
absl::StatusOr<std::chrono::nanoseconds> ParseDuration(std::string_view text);
// The shortest text that ParseDuration reads back to the same value: "90s" stays "90s", 3600 s is
// "1h".
std::string FormatDuration(std::chrono::nanoseconds duration);

// Sets, or appends to if repeated, a scalar, enum, Duration or Timestamp field from its text.
// kInvalidArgument with what was expected; the text itself is quoted only where the field is no
// secret.
absl::Status SetFromText(google::protobuf::Message& message,
                         const google::protobuf::FieldDescriptor& field,
                         std::string_view text);

// The text of a scalar, enum, Duration or Timestamp field; `index` counts in repeated fields and is
// -1 in others.
std::string TextOf(const google::protobuf::Message& message,
                   const google::protobuf::FieldDescriptor& field,
                   int index);

// Whether the field is written as a mapping of keys.
bool IsNested(const google::protobuf::FieldDescriptor& field);
bool IsSecret(const google::protobuf::FieldDescriptor& field);

}  // namespace platen::service
