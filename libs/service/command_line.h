// The options every service takes. Pure: parses, prints nothing, exits nowhere.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/service/log.h"

namespace platen::service {

struct CommandLine {
  enum class Action { kRun, kCheckConfig, kPrintConfig, kVersion, kHelp };

  Action action = Action::kRun;
  std::string config_file;
  std::vector<std::string> sets;
  std::optional<LogFormat> log_format;
  std::optional<LogLevel> log_level;
};

// `arguments` without the program's name. Options are `--name value` or `--name=value`.
// kInvalidArgument with one line that says what is wrong.
absl::StatusOr<CommandLine> ParseCommandLine(std::span<const std::string_view> arguments);

// The text of --help.
std::string HelpText(std::string_view program, std::string_view description);

}  // namespace platen::service
