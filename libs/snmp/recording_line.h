// One line of a recording, in either format. Private to libs/snmp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/snmp/value.h"

namespace platen::snmp::internal {

std::string_view Trim(std::string_view text);

// Digits in pairs, with or without blanks between the pairs; nothing if it is anything else.
std::optional<std::string> FromHex(std::string_view text);

// The whole of `text` as a number of `type` that its 32 or 64 bits can hold.
absl::StatusOr<Value> ParseNumber(ValueType type, std::string_view text);

// "OID|TAG|VALUE". kInvalidArgument with the reason otherwise.
absl::StatusOr<Varbind> ParseSnmprecLine(std::string_view line);

// Whether the line begins as one of snmpwalk's does: ".1.3.6… = ".
bool IsWalkLine(std::string_view line);

// ".1.3.6.1 = TYPE: value", a value of several lines included. kNotFound for a line that says that
// there is no value, kInvalidArgument for one that cannot be read.
absl::StatusOr<Varbind> ParseWalkLine(std::string_view line);

}  // namespace platen::snmp::internal
