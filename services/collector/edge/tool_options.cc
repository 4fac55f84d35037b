#include "services/collector/edge/tool_options.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <utility>

#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "libs/base/status.h"

namespace platen::collector::edge {
namespace {

using base::StrCat;

constexpr std::string_view kOptions[] = {
    "--community",   "--user",    "--auth",   "--priv",     "--port",     "--version",
    "--timeout",     "--retries", "--format", "--profiles", "--diff",     "--seed",
    "--ranges",      "--exclude", "--allow",  "--slp",      "--slp-port", "--dns-sd",
    "--dns-sd-port", "--rate",    "--known",  "--report",   "--show",     "--help"};

absl::Status CheckKnown(std::string_view option) {
  std::string known;
  for (const std::string_view name : kOptions) {
    if (name == option) return absl::OkStatus();
    known += StrCat(known.empty() ? "" : ", ", name);
  }
  return base::InvalidArgument("there is no option ", option, "; options are ", known);
}

// The number from `low` to `high` that `text` is.
absl::StatusOr<int> NumberIn(std::string_view option, std::string_view text, int low, int high) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < low || number > high) {
    return base::InvalidArgument(
        option, " takes a number from ", low, " to ", high, ", not '", text, "'");
  }
  return number;
}

// "2s", "500ms" or seconds.
absl::StatusOr<std::chrono::milliseconds> DurationOf(std::string_view text) {
  int scale = 1000;
  if (text.ends_with("ms")) {
    scale = 1;
    text.remove_suffix(2);
  } else if (text.ends_with('s')) {
    text.remove_suffix(1);
  }
  PLATEN_ASSIGN_OR_RETURN(const int number, NumberIn("--timeout", text, 1, 600000 / scale));
  return std::chrono::milliseconds(number * scale);
}

// One of SNMPv3's protocols by its name, as in usm's own Name(): "SHA-256", "sha256".
template <typename Protocol>
absl::Status SetProtocol(std::string_view option,
                         std::string_view text,
                         std::span<const Protocol> protocols,
                         Protocol& chosen) {
  const auto plain = [](std::string_view name) {
    std::string letters;
    for (const char c : name) {
      if (c != '-') letters += absl::ascii_tolower(static_cast<unsigned char>(c));
    }
    return letters;
  };
  std::string known;
  for (const Protocol protocol : protocols) {
    chosen = protocol;
    if (plain(snmp::usm::Name(protocol)) == plain(text)) return absl::OkStatus();
    known += StrCat(known.empty() ? "" : ", ", snmp::usm::Name(protocol));
  }
  return base::InvalidArgument(option, " takes one of ", known, "; not '", text, "'");
}

absl::Status SetUserOption(std::string_view option,
                           const std::string& value,
                           snmp::usm::UserOptions& user) {
  using snmp::usm::AuthProtocol;
  using snmp::usm::PrivProtocol;
  constexpr AuthProtocol kAuth[] = {AuthProtocol::kMd5,
                                    AuthProtocol::kSha1,
                                    AuthProtocol::kSha224,
                                    AuthProtocol::kSha256,
                                    AuthProtocol::kSha384,
                                    AuthProtocol::kSha512};
  constexpr PrivProtocol kPriv[] = {
      PrivProtocol::kDes, PrivProtocol::kAes128, PrivProtocol::kAes192, PrivProtocol::kAes256};
  if (option == "--auth") return SetProtocol<AuthProtocol>(option, value, kAuth, user.auth);
  if (option == "--priv") return SetProtocol<PrivProtocol>(option, value, kPriv, user.priv);
  user.name = value;
  return absl::OkStatus();
}

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// The user's passwords, and whether all of it can be.
absl::Status CompleteUser(snmp::usm::UserOptions& user) {
  user.auth_password = Environment(kAuthPasswordVariable);
  user.priv_password = Environment(kPrivPasswordVariable);
  const absl::Status status = snmp::usm::Validate(user);
  if (status.ok()) return status;
  return base::InvalidArgument("SNMPv3: ",
                               std::string(status.message()),
                               "; it takes --user, --auth with the password in ",
                               kAuthPasswordVariable,
                               ", and --priv with that in ",
                               kPrivPasswordVariable);
}

// Whether it is one of `discover`'s own that takes a text, which is set then.
bool SetDiscoverText(std::string_view option, const std::string& value, DiscoverOptions& options) {
  const std::pair<std::string_view, std::string*> kTexts[] = {{"--ranges", &options.ranges},
                                                              {"--exclude", &options.exclude},
                                                              {"--allow", &options.allow},
                                                              {"--slp", &options.slp},
                                                              {"--dns-sd", &options.dns_sd},
                                                              {"--known", &options.known},
                                                              {"--report", &options.report},
                                                              {"--show", &options.show}};
  for (const auto& [name, text] : kTexts) {
    if (name != option) continue;
    *text = value;
    return true;
  }
  return false;
}

absl::Status SetFormat(std::string_view value, OutputFormat& format) {
  if (value == "text") {
    format = OutputFormat::kText;
  } else if (value == "json") {
    format = OutputFormat::kJson;
  } else if (value == "import") {
    format = OutputFormat::kImport;
  } else {
    return base::InvalidArgument(
        "--format takes text or json (of discover also import), not '", value, "'");
  }
  return absl::OkStatus();
}

absl::Status SetOption(std::string_view option, const std::string& value, ToolOptions& options) {
  if (SetDiscoverText(option, value, options.discover)) return absl::OkStatus();
  if (option == "--community") {
    options.community = value;
  } else if (option == "--user" || option == "--auth" || option == "--priv") {
    if (!options.user.has_value()) options.user.emplace();
    PLATEN_RETURN_IF_ERROR(SetUserOption(option, value, *options.user));
  } else if (option == "--profiles") {
    options.profiles = value;
  } else if (option == "--port" || option == "--slp-port" || option == "--dns-sd-port") {
    PLATEN_ASSIGN_OR_RETURN(const int port, NumberIn(option, value, 1, 65535));
    std::uint16_t& chosen = option == "--slp-port"      ? options.discover.slp_port
                            : option == "--dns-sd-port" ? options.discover.dns_sd_port
                                                        : options.port;
    chosen = static_cast<std::uint16_t>(port);
  } else if (option == "--retries") {
    PLATEN_ASSIGN_OR_RETURN(options.retries, NumberIn(option, value, 0, 10));
  } else if (option == "--seed") {
    constexpr int kSeedMax = 2'000'000'000;
    PLATEN_ASSIGN_OR_RETURN(const int seed, NumberIn(option, value, 0, kSeedMax));
    options.seed = static_cast<std::uint64_t>(seed);
  } else if (option == "--timeout") {
    PLATEN_ASSIGN_OR_RETURN(options.timeout, DurationOf(value));
  } else if (option == "--version") {
    if (value != "1" && value != "2c" && value != "3") {
      return base::InvalidArgument("--version takes 1, 2c or 3, not '", value, "'");
    }
    if (value == "3" && !options.user.has_value()) options.user.emplace();
    options.version_1 = value == "1";
    options.version_2c = value == "2c";
  } else if (option == "--format") {
    return SetFormat(value, options.format);
  } else if (option == "--rate") {
    PLATEN_ASSIGN_OR_RETURN(const int rate, NumberIn(option, value, 1, 10'000));
    options.discover.rate = static_cast<std::uint32_t>(rate);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ToolOptions> ParseToolOptions(std::span<const std::string> arguments) {
  ToolOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      options.help = true;
    } else if (argument == "--diff") {
      options.diff = true;
    } else if (!argument.starts_with("-") || argument == "-") {
      options.operands.push_back(argument);
    } else {
      const std::size_t equals = argument.find('=');
      const std::string option = argument.substr(0, equals);
      PLATEN_RETURN_IF_ERROR(CheckKnown(option));
      if (equals == std::string::npos && i + 1 == arguments.size()) {
        return base::InvalidArgument(option, " needs a value");
      }
      PLATEN_RETURN_IF_ERROR(
          SetOption(option,
                    equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1),
                    options));
    }
  }
  if (options.user.has_value() && !options.help) {
    if (options.version_1 || options.version_2c) {
      return base::InvalidArgument(
          "--user, --auth and --priv are SNMPv3's; --version says another");
    }
    PLATEN_RETURN_IF_ERROR(CompleteUser(*options.user));
  }
  return options;
}

std::string ProfilesDirectory(const ToolOptions& options) {
  if (!options.profiles.empty()) return options.profiles;
  if (const char* set = std::getenv("PLATEN_PROFILES_DIR"); set != nullptr) return set;
  std::error_code error;
  std::filesystem::path place =
      std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  while (!error && place.has_relative_path()) {
    for (const char* name : {"profiles", "share/platen/profiles"}) {
      if (std::filesystem::is_directory(place / name, error)) return place / name;
    }
    error.clear();
    place = place.parent_path();
  }
  return "profiles";
}

core::ReportStyle StyleFor(int output_fd) {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
  };
  core::ReportStyle style;
  style.colour = isatty(output_fd) == 1 && set("NO_COLOR").empty() && set("TERM") != "dumb";
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = set(name);
    if (locale.empty()) continue;
    style.unicode = locale != "C" && locale != "POSIX";
    break;
  }
  return style;
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  std::string json;
  // Cannot fail: every text of a snapshot or event is valid UTF-8, which is all that JSON asks for.
  (void)google::protobuf::util::MessageToJsonString(message, &json, print);
  return json;
}

}  // namespace platen::collector::edge
