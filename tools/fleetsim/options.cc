#include "tools/fleetsim/options.h"

#include <charconv>
#include <cstdlib>
#include <functional>
#include <map>

#include "libs/base/status.h"

namespace platen::fleetsim {
namespace {

constexpr std::string_view kUsage =
    "platen-fleetsim: virtual printers on loopback, each with an address of its own, that answer "
    "SNMPv1, v2c and v3.\n"
    "\n"
    "  platen-fleetsim [OPTIONS]             runs a fleet until SIGINT or SIGTERM\n"
    "  platen-fleetsim ctl SOCKET COMMAND…   tells a running fleet something; \"ctl SOCKET help\" "
    "lists what\n"
    "\n"
    "  --devices=N            how many (10)\n"
    "  --port=PORT            UDP port of all of them; 0 draws one (1161)\n"
    "  --slp-port=PORT        UDP port at which all answer SLP; 0 draws one (it is not spoken)\n"
    "  --dns-sd-port=PORT     the same for DNS-SD\n"
    "  --first-address=IP     of the first one (127.16.0.1); the others follow\n"
    "  --recordings=DIR       *.snmprec files and page-counters.txt (tests/testdata/printers); "
    "taken in turn\n"
    "  --community=TEXT       which others are not answered (public)\n"
    "  --user=NAME            of SNMPv3: by SHA-256 and AES-128, with both passwords in\n"
    "                         PLATEN_SNMP_AUTH_PASSWORD and PLATEN_SNMP_PRIV_PASSWORD (v3 is not "
    "spoken)\n"
    "  --print-rate=PAGES     a minute, by each device (0)\n"
    "  --loss=PERCENT         requests that get lost (0)\n"
    "  --delay=MS             before each answer (0)\n"
    "  --message-bytes=N      the longest answer (1472)\n"
    "  --notify=ADDRESS:PORT  where traps go of what commands raise; several with commas (none are "
    "sent)\n"
    "  --control=PATH         Unix socket for ctl (none)\n"
    "  --seed=N               decides what gets lost (1)\n"
    "  --list                 prints number, address, model and serial of each device, and ends\n"
    "  --help\n";

using Setter = std::function<bool(Options&, const std::string&)>;

template <class Number>
bool Parse(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

const std::map<std::string, Setter>& Setters() {
  static const auto& setters = *new std::map<std::string, Setter>{
      {"--devices", [](Options& o, const std::string& v) { return Parse(v, o.fleet.devices); }},
      {"--port", [](Options& o, const std::string& v) { return Parse(v, o.port); }},
      {"--slp-port",
       [](Options& o, const std::string& v) { return Parse(v, o.slp_port.emplace()); }},
      {"--dns-sd-port",
       [](Options& o, const std::string& v) { return Parse(v, o.dns_sd_port.emplace()); }},
      {"--print-rate",
       [](Options& o, const std::string& v) { return Parse(v, o.fleet.print_rate); }},
      {"--delay", [](Options& o, const std::string& v) { return Parse(v, o.fleet.link.delay_ms); }},
      {"--seed", [](Options& o, const std::string& v) { return Parse(v, o.fleet.seed); }},
      {"--loss",
       [](Options& o, const std::string& v) {
         return Parse(v, o.fleet.link.loss_percent) && o.fleet.link.loss_percent <= 100;
       }},
      {"--message-bytes",
       [](Options& o, const std::string& v) {
         return Parse(v, o.fleet.message_bytes_max) && o.fleet.message_bytes_max >= 484 &&
                o.fleet.message_bytes_max <= 65507;
       }},
      {"--first-address",
       [](Options& o, const std::string& v) {
         const auto endpoint = snmp::Endpoint::Parse(v);
         if (!endpoint.ok() || !endpoint->is_v4()) return false;
         o.fleet.first_address = endpoint->v4();
         return true;
       }},
      {"--recordings",
       [](Options& o, const std::string& v) {
         o.recordings = v;
         return !v.empty();
       }},
      {"--community",
       [](Options& o, const std::string& v) {
         o.fleet.community = v;
         return true;
       }},
      {"--user",
       [](Options& o, const std::string& v) {
         const auto environment = [](const char* name) {
           const char* const value = std::getenv(name);
           return value == nullptr ? std::string() : std::string(value);
         };
         o.fleet.user = {.name = v,
                         .auth = snmp::usm::AuthProtocol::kSha256,
                         .auth_password = environment("PLATEN_SNMP_AUTH_PASSWORD"),
                         .priv = snmp::usm::PrivProtocol::kAes128,
                         .priv_password = environment("PLATEN_SNMP_PRIV_PASSWORD")};
         return snmp::usm::Validate(*o.fleet.user).ok();
       }},
      {"--notify",
       [](Options& o, const std::string& v) {
         auto listeners = ParseListeners(v);
         if (listeners.ok()) o.fleet.notify = *std::move(listeners);
         return listeners.ok();
       }},
      {"--control",
       [](Options& o, const std::string& v) {
         o.control = v;
         return !v.empty();
       }},
  };
  return setters;
}

Options ParseCtl(const std::vector<std::string>& arguments) {
  Options options;
  if (arguments.size() > 1) options.ctl_socket = arguments[1];
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    options.ctl_line += (i == 2 ? "" : " ") + arguments[i];
  }
  options.help = options.ctl_line.empty();
  return options;
}

}  // namespace

std::string_view Usage() {
  return kUsage;
}

absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments[0] == "ctl") return ParseCtl(arguments);
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--list" || argument == "--help") {
      (argument == "--list" ? options.list : options.help) = true;
      continue;
    }
    const std::size_t equals = argument.find('=');
    const auto setter = Setters().find(argument.substr(0, equals));
    if (setter == Setters().end())
      return base::InvalidArgument("\"", argument, "\" is not an option; see --help");
    // Both --devices=300 and --devices 300.
    const bool in_next = equals == std::string::npos && i + 1 < arguments.size();
    const std::string value = equals != std::string::npos ? argument.substr(equals + 1)
                              : in_next                   ? arguments[++i]
                                                          : "";
    if (!setter->second(options, value)) {
      return base::InvalidArgument(
          "\"", value, "\" is no value for ", setter->first, "; see --help");
    }
  }
  return options;
}

}  // namespace platen::fleetsim
