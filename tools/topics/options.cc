#include "tools/topics/options.h"

#include <map>

#include "libs/base/status.h"

namespace platen::topics {
namespace {

constexpr std::string_view kUsage =
    "platen-topics: makes Platen's topics, and shows what is in them.\n"
    "\n"
    "  platen-topics ensure --bootstrap-servers=HOST:PORT --file=TOPICS.yaml\n"
    "        makes what is missing; a topic with another number of partitions is an error\n"
    "  platen-topics tail --bootstrap-servers=HOST:PORT --topic=alerts [--from-beginning] "
    "[--until-end]\n"
    "        one JSON line a record: topic, partition, offset, append_time, key, and the value as\n"
    "        protobuf JSON; {\"end_reached\":true} once everything there was has been shown\n"
    "\n"
    "  --prefix=NAME    what topics begin with (platen)\n";

using Texts = std::map<std::string, std::string Options::*>;
using Switches = std::map<std::string, bool Options::*>;

const Texts& TextOptions() {
  static const auto& options = *new Texts{{"--bootstrap-servers", &Options::bootstrap_servers},
                                          {"--prefix", &Options::prefix},
                                          {"--file", &Options::file},
                                          {"--topic", &Options::topic}};
  return options;
}

const Switches& SwitchOptions() {
  static const auto& options = *new Switches{{"--from-beginning", &Options::from_beginning},
                                             {"--until-end", &Options::until_end}};
  return options;
}

absl::StatusOr<Verb> ParseVerb(const std::string& word) {
  if (word == "ensure") return Verb::kEnsure;
  if (word == "tail") return Verb::kTail;
  if (word == "help" || word == "--help") return Verb::kHelp;
  return base::InvalidArgument("\"", word, "\" is no command: ensure, tail; see --help");
}

absl::Status CheckComplete(const Options& options) {
  const auto required = [](std::string_view name, const std::string& value) {
    return value.empty() ? base::InvalidArgument(name, " is missing; see --help")
                         : absl::OkStatus();
  };
  PLATEN_RETURN_IF_ERROR(required("--bootstrap-servers", options.bootstrap_servers));
  PLATEN_RETURN_IF_ERROR(required("--prefix", options.prefix));
  return options.verb == Verb::kEnsure ? required("--file", options.file)
                                       : required("--topic", options.topic);
}

}  // namespace

std::string_view Usage() {
  return kUsage;
}

absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments) {
  Options options;
  if (arguments.empty()) return options;
  PLATEN_ASSIGN_OR_RETURN(options.verb, ParseVerb(arguments[0]));
  if (options.verb == Verb::kHelp) return options;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (const auto flag = SwitchOptions().find(argument); flag != SwitchOptions().end()) {
      options.*flag->second = true;
      continue;
    }
    const std::size_t equals = argument.find('=');
    const auto text = TextOptions().find(argument.substr(0, equals));
    if (text == TextOptions().end()) {
      return base::InvalidArgument("\"", argument, "\" is not an option; see --help");
    }
    // Both --topic=alerts and --topic alerts.
    const bool in_next = equals == std::string::npos && i + 1 < arguments.size();
    options.*text->second = equals != std::string::npos ? argument.substr(equals + 1)
                            : in_next                   ? arguments[++i]
                                                        : "";
  }
  PLATEN_RETURN_IF_ERROR(CheckComplete(options));
  return options;
}

}  // namespace platen::topics
