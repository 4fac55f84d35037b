// The command line of platen-topics.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace platen::topics {

enum class Verb { kHelp, kEnsure, kTail };

struct Options {
  Verb verb = Verb::kHelp;
  std::string bootstrap_servers;
  // What topics begin with: put in place of "platen".
  std::string prefix = "platen";
  std::string file;   // ensure: the list of topics.
  std::string topic;  // tail: the topic without prefix and version, "alerts".
  // tail: from the beginning instead of from the end; end there instead of waiting for more.
  bool from_beginning = false;
  bool until_end = false;
};

// kInvalidArgument names the option and what it takes. `arguments` without the program's name.
absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments);

std::string_view Usage();

}  // namespace platen::topics
