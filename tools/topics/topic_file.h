// The list of topics as an operator writes it (deploy/local/topics.yaml).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/broker/broker.h"

namespace platen::topics {

// The topics of YAML text that `source` names in errors. `prefix` takes the place of the names'
// first word. kInvalidArgument with "source:line: what is wrong" for the first fault: an unknown
// key, a name twice, a number that is none.
absl::StatusOr<std::vector<broker::TopicSpec>> ParseTopics(const std::string& text,
                                                           std::string_view source,
                                                           std::string_view prefix);

// The same from a file. kNotFound where it can't be read.
absl::StatusOr<std::vector<broker::TopicSpec>> ReadTopics(const std::string& path,
                                                          std::string_view prefix);

// "platen.alerts.v1" with the prefix "test" is "test.alerts.v1".
std::string WithPrefix(std::string_view name, std::string_view prefix);

}  // namespace platen::topics
