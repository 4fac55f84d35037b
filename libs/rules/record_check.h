// What a record of platen.rules.v1 has to be, as far as it can be seen without compiling it: name,
// bounds, what is needed and what excludes something else.
//
// Pure.
#pragma once

#include "platen/rules/v1/rules.pb.h"

#include "absl/status/statusor.h"
#include "libs/rules/record_name.h"

namespace platen::rules {

// The record's name, taken apart. kInvalidArgument with the field and how it would be right.
// Conditions, calendars and rosters are looked at by whatever compiles them.
absl::StatusOr<RecordName> CheckTerms(const v1::Record& record);

}  // namespace platen::rules
