#include "tools/platenctl/run.h"

#include <algorithm>

#include "libs/base/nearest_name.h"
#include "libs/base/status.h"
#include "libs/service/main.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/import_file.h"
#include "tools/platenctl/output.h"

namespace platen::platenctl {
namespace {

constexpr OptionSpec kGlobalOptions[] = {
    {"context",
     "FILE",
     "context file; default $PLATENCTL_CONFIG, else ~/.config/platen/platenctl.yaml"},
    {"gateway", "HOST:PORT", "gateway"},
    {"cert", "FILE", "client certificate, PEM"},
    {"key", "FILE", "its key"},
    {"ca", "FILE", "authorities that are trusted"},
    {"crl", "FILE", "their revocation lists"},
    {"timeout", "SECONDS", "for one call; default 20", 1, 3600},
    {"help", "", "this text, or a command's"},
    {"version", "", "the version"}};

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done; 1 refused or failed; 2 wrong usage or context; 3 no gateway answers, or "
    "one\n"
    "side does not trust the other; 4 no such device, target, alert or record; 5 answered with "
    "no.\n";

// "meters verify" and its like before "meters", which takes any word behind it.
std::vector<Command> Commands() {
  return {
      DevicesListCommand(),
      DevicesGetCommand(),
      DevicesHistoryCommand(),
      DevicesMergeCommand(),
      DevicesSplitCommand(),
      MetersVerifyCommand(),
      MetersConfirmCommand(),
      MetersEnterCommand(),
      MetersCommand(),
      AlertsAckCommand(),
      AlertsUnackCommand(),
      AlertsSilenceCommand(),
      AlertsUnsilenceCommand(),
      AlertsExplainCommand(),
      AlertsCommand(),
      AuditGapsCommand(),
      CollectorCoverageCommand(),
      CollectorOwnersCommand(),
      CollectorSlowCommand(),
      DeadletterListCommand(),
      DeadletterReplayCommand(),
      RulesApplyCommand(),
      RulesCheckCommand(),
      RulesListCommand(),
      RulesGetCommand(),
      RulesDeleteCommand(),
      RulesReplayCommand(),
      RulesTestCommand(),
      TargetsAddCommand(),
      TargetsChangeCommand(),
      TargetsImportCommand(),
      TargetsListCommand(),
      TargetsRemoveCommand(),
      StatusCommand(),
      TopCommand(),
  };
}

std::string Usage(const Command& command) {
  std::string text = base::StrCat("platenctl ", command.name);
  if (!command.operands.empty()) text += base::StrCat(" ", command.operands);
  return text;
}

// The commands of `group`, "devices"; all where it is empty.
std::string ListCommands(std::string_view group) {
  std::string text;
  for (const Command& command : Commands()) {
    if (!group.empty() && !command.name.starts_with(base::StrCat(group, " "))) continue;
    std::string line = "  " + Usage(command);
    const std::size_t width = DisplayWidth(line);
    line.append(std::max<std::size_t>(width + 2, 36) - width, ' ');
    text += base::StrCat(line, command.help, "\n");
  }
  return text;
}

std::string HelpText() {
  return base::StrCat("platenctl: the gateway's API on the command line.\n\nCommands:\n",
                      ListCommands(""),
                      "\nOptions of all commands:\n",
                      DescribeOptions(kGlobalOptions),
                      "\nplatenctl COMMAND --help tells a command's own options.\n",
                      kExitCodes);
}

std::string HelpText(const Command& command) {
  std::string text = base::StrCat("usage: ", Usage(command), " [OPTIONS]\n", command.help, "\n");
  if (!command.options.empty()) text += "\nOptions:\n" + DescribeOptions(command.options);
  if (command.name == "targets import") {
    text += "\nColumns: " + ImportColumns() + ".\nOnly address is required.\n";
  }
  if (const std::string further = ListCommands(command.name); !further.empty()) {
    text += base::StrCat("\nFurther commands:\n", further);
  }
  return base::StrCat(
      text, "\nOptions of all commands:\n", DescribeOptions(kGlobalOptions), kExitCodes);
}

// The position of the command's first word: options of all commands may come before it.
std::size_t CommandAt(const std::vector<std::string>& words) {
  std::size_t at = 0;
  while (at < words.size() && words[at].starts_with("--")) {
    const std::string name = words[at].substr(2);
    const auto option = std::ranges::find(kGlobalOptions, name, &OptionSpec::name);
    at += option != std::end(kGlobalOptions) && !option->value.empty() ? 2 : 1;
  }
  return std::min(at, words.size());
}

// The command, and `words` without its name. kInvalidArgument where there is none.
absl::StatusOr<Command> TakeCommand(std::vector<std::string>& words) {
  const std::size_t at = CommandAt(words);
  const std::string first = at < words.size() ? words[at] : "";
  const std::string second = at + 1 < words.size() ? words[at + 1] : "";
  std::vector<std::string> names;
  for (const Command& command : Commands()) {
    const std::string name(command.name);
    const bool two_words = name.find(' ') != std::string::npos;
    names.push_back(name);
    if (name != (two_words ? first + " " + second : first)) continue;
    const auto begin = words.begin() + static_cast<std::ptrdiff_t>(at);
    words.erase(begin, begin + (two_words ? 2 : 1));
    return command;
  }
  const std::string said =
      second.empty() || second.starts_with("--") ? first : first + " " + second;
  const std::string nearest = base::NearestName(said, names);
  if (said.empty()) {
    PLATEN_RETURN_IF_ERROR(Arguments::Parse(words, kGlobalOptions).status());
    return base::InvalidArgument("which command? platenctl --help lists them");
  }
  if (const std::string commands = ListCommands(said); !commands.empty()) {
    return base::InvalidArgument("which of these?\n", commands.substr(0, commands.size() - 1));
  }
  return base::InvalidArgument(
      "there is no command \"",
      said,
      "\"",
      nearest.empty() ? "; platenctl --help lists them" : "; did you mean ",
      nearest,
      nearest.empty() ? "" : "?");
}

ExitCode CodeFor(const absl::Status& status) {
  if (IsUsageError(status)) return kExitUsage;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnauthenticated:
      return kExitUnreachable;
    case absl::StatusCode::kCancelled:
      return kExitNo;
    default:
      return kExitFailed;
  }
}

absl::StatusOr<Arguments> ReadArguments(const Command& command,
                                        const std::vector<std::string>& words) {
  std::vector<OptionSpec> options = command.options;
  options.insert(options.end(), std::begin(kGlobalOptions), std::end(kGlobalOptions));
  PLATEN_ASSIGN_OR_RETURN(Arguments arguments, Arguments::Parse(words, options));
  if (arguments.Has("output")) PLATEN_RETURN_IF_ERROR(ReadFormat(arguments).status());
  const std::size_t operands = arguments.operands().size();
  if (!arguments.Has("help") &&
      (operands < command.operands_min || operands > command.operands_max)) {
    return base::InvalidArgument("usage: ", Usage(command), " [OPTIONS]");
  }
  return arguments;
}

int Fail(const absl::Status& status, ExitCode code, Environment& environment) {
  environment.err << "platenctl: " << base::ToStd(status.message()) << '\n';
  return code;
}

int Finish(const absl::Status& status, Environment& environment) {
  environment.out.flush();
  return status.ok() ? kExitOk : Fail(status, CodeFor(status), environment);
}

int RunCommand(const Command& command, const Arguments& arguments, Environment& environment) {
  auto context = ReadContext(arguments);
  const bool is_absent = absl::IsNotFound(context.status()) && command.works_offline;
  if (!context.ok() && !is_absent) return Fail(context.status(), kExitUsage, environment);
  const std::chrono::seconds timeout(arguments.Number("timeout", 20));
  auto gateway = is_absent ? Connection::Absent(base::InvalidArgument(context.status().message()))
                           : Connection::Open(*context, timeout, environment.clock);
  if (is_absent) context.emplace();
  if (!gateway.ok()) return Fail(gateway.status(), kExitUsage, environment);
  Session session{.gateway = **gateway,
                  .context = *context,
                  .arguments = arguments,
                  .clock = environment.clock,
                  .in = environment.in,
                  .out = environment.out,
                  .err = environment.err,
                  .program = environment.program,
                  .interactive = environment.interactive,
                  .columns = environment.columns};
  return Finish(command.run(session), environment);
}

}  // namespace

int Run(const std::vector<std::string>& words, Environment environment) {
  std::vector<std::string> rest = words;
  if (rest.empty() || (CommandAt(rest) == rest.size() && std::ranges::count(rest, "--help") > 0)) {
    (rest.empty() ? environment.err : environment.out) << HelpText();
    return rest.empty() ? kExitUsage : kExitOk;
  }
  if (rest.front() == "--version") {
    environment.out << "platenctl " << service::Version() << '\n';
    return kExitOk;
  }
  const std::size_t at = CommandAt(rest);
  const auto commands = Commands();
  const bool is_command =
      at < rest.size() && std::ranges::find(commands, rest[at], &Command::name) != commands.end();
  if (!is_command && at + 1 < rest.size() && rest[at + 1] == "--help" &&
      !ListCommands(rest[at]).empty()) {
    environment.out << ListCommands(rest[at]) << "\nplatenctl COMMAND --help tells more of one.\n";
    return kExitOk;
  }
  const auto command = TakeCommand(rest);
  if (!command.ok()) return Fail(command.status(), kExitUsage, environment);
  const auto arguments = ReadArguments(*command, rest);
  if (!arguments.ok()) return Fail(arguments.status(), kExitUsage, environment);
  if (arguments->Has("help")) {
    environment.out << HelpText(*command);
    return kExitOk;
  }
  return RunCommand(*command, *arguments, environment);
}

}  // namespace platen::platenctl
