// What filters of lists look like: a subset of AIP-160, conditions joined by AND.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace platen::gateway::core {

// Takes one condition, `op` being '=' or ':'; says what is wrong with it, empty where nothing is.
using ApplyCondition =
    std::function<std::string(const std::string& field, char op, std::string value)>;

// `field = "value" AND other : "value"`; values are quoted, or single words. An empty text has no
// condition. kInvalidArgument says at which column it stopped understanding, with `example`.
absl::Status ReadFilter(std::string_view text,
                        std::string_view example,
                        const ApplyCondition& apply);

}  // namespace platen::gateway::core
