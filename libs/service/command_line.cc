#include "libs/service/command_line.h"

#include "libs/base/nearest_name.h"
#include "libs/base/status.h"
#include "libs/service/faults.h"

namespace platen::service {
namespace {

using Action = CommandLine::Action;

const std::vector<std::string>& OptionNames() {
  static const auto& names = *new std::vector<std::string>{"--config",
                                                           "--check-config",
                                                           "--print-config",
                                                           "--set",
                                                           "--log-format",
                                                           "--log-level",
                                                           "--version",
                                                           "--help"};
  return names;
}

std::optional<Action> ActionOf(std::string_view name) {
  if (name == "--check-config") return Action::kCheckConfig;
  if (name == "--print-config") return Action::kPrintConfig;
  if (name == "--version") return Action::kVersion;
  if (name == "--help" || name == "-h") return Action::kHelp;
  return std::nullopt;
}

absl::Status Unknown(std::string_view argument) {
  const std::string near = base::NearestName(argument, OptionNames());
  if (!near.empty())
    return base::InvalidArgument("unknown option ", argument, "; did you mean ", near, "?");
  return base::InvalidArgument("unknown option ", argument, "; see --help");
}

absl::Status Store(CommandLine& line, std::string_view name, std::string_view value) {
  if (name == "--config") {
    line.config_file = value;
  } else if (name == "--set") {
    line.sets.emplace_back(value);
  } else if (name == "--log-format") {
    PLATEN_ASSIGN_OR_RETURN(line.log_format, ParseLogFormat(value));
  } else if (name == "--log-level") {
    PLATEN_ASSIGN_OR_RETURN(line.log_level, ParseLogLevel(value));
  } else {
    return Unknown(name);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(std::span<const std::string_view> arguments) {
  CommandLine line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (const std::optional<Action> action = ActionOf(argument)) {
      // --help and --version win over what else is said; two of the others would leave one undone.
      if (*action == Action::kHelp || line.action == Action::kRun) line.action = *action;
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    if (!argument.starts_with("--"))
      return base::InvalidArgument("unexpected argument '", argument, "'; see --help");
    if (equals != std::string_view::npos) {
      PLATEN_RETURN_IF_ERROR(Store(line, name, argument.substr(equals + 1)));
    } else if (name != "--config" && name != "--set" && name != "--log-format" &&
               name != "--log-level") {
      return Unknown(name);
    } else if (i + 1 == arguments.size()) {
      return base::InvalidArgument("option ", name, " needs a value; see --help");
    } else {
      PLATEN_RETURN_IF_ERROR(Store(line, name, arguments[++i]));
    }
  }
  return line;
}

std::string HelpText(std::string_view program, std::string_view description) {
  return base::StrCat("Usage: ", program, " [OPTION]...\n", description, R"(

  --config FILE          read the configuration from this YAML file
  --set PATH=VALUE       override one key, such as --set log.level=debug; may be repeated
  --check-config         list every fault of the configuration as file:line: path: message, and exit
  --print-config         print the effective configuration as YAML, secrets redacted, and exit
  --log-format FORMAT    text or json
  --log-level LEVEL      debug, info, warning or error
  --version              print the version, and exit
  --help                 print this, and exit

Precedence: defaults < file < environment (PLATEN_LOG_LEVEL is log.level) < options.
SIGTERM and SIGINT drain and exit; a second one exits at once. SIGHUP reads the configuration again.
Exit status: 0 done, 1 failed or a fault in the configuration, 2 wrong usage.
)");
}

}  // namespace platen::service
