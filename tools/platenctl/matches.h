// Conditions as people type them: "alert.category=jam", "site!=hq,branch". Pure.
#pragma once

#include <string>
#include <vector>

#include "platen/rules/v1/rules.pb.h"

#include "absl/status/statusor.h"

namespace platen::platenctl {

// Conditions that hold together. kInvalidArgument with the form.
absl::StatusOr<platen::rules::v1::Match> ParseMatch(const std::vector<std::string>& texts);

}  // namespace platen::platenctl
