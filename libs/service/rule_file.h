// Files of rules (platen.rules.v1.RuleFile), as people write and ship them.
#pragma once

#include <string>
#include <vector>

#include "platen/rules/v1/rules.pb.h"

#include "absl/status/statusor.h"

namespace platen::service {

// The records of a YAML file, each of which can be taken, no two of one name. kInvalidArgument
// lists all faults with file and line.
absl::StatusOr<std::vector<rules::v1::Record>> ReadRuleFile(const std::string& path);

}  // namespace platen::service
