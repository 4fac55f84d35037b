#include "tools/fleetsim/commands.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <vector>

#include "libs/base/status.h"
#include "libs/snmp/recording.h"
#include "tools/fleetsim/device_mib.h"

namespace platen::fleetsim {
namespace {

using base::MonotonicTime;
using base::StrCat;
using Words = std::vector<std::string_view>;

constexpr std::string_view kHelp =
    "# DEVICES: 7, 127.16.0.8, 3-9, a list of these with commas, or all\n"
    "# CONDITION: jam cover paper-out paper-low tray-missing toner-low toner-empty waste-full "
    "service\n"
    "# list [DEVICES]                      number, address, model and serial of each\n"
    "# status DEVICES                      state, pages, requests and what is wrong\n"
    "# dump DEVICES                        everything they would say now, as .snmprec\n"
    "# CONDITION DEVICES [INDEX]           raises a condition, of one cover, tray or supply\n"
    "# clear DEVICES [CONDITION [INDEX]]   clears one or all\n"
    "# sleep DEVICES | wake DEVICES | reboot DEVICES\n"
    "# replace DEVICES [INDEX]             a new supply in the place of the first one, or of "
    "INDEX\n"
    "# board DEVICES                       another board: the counters begin anew\n"
    "# become DEVICES NUMBER               answers as printer NUMBER: serial, MAC, counters\n"
    "# print DEVICES PAGES | print-rate DEVICES PAGES_A_MINUTE\n"
    "# silence DEVICES on|off | loss DEVICES PERCENT | delay DEVICES MILLISECONDS\n"
    "# notify ADDRESS:PORT[,…]             where traps go of what is raised from now on\n"
    "# counts                              requests by what became of them\n";

template <class Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

Words Split(std::string_view text, char separator) {
  Words words;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return words;
}

absl::Status NoSuchDevice(std::string_view text) {
  return base::NotFound(
      "no device \"", text, "\": a number, an address, a range such as 3-9, or all");
}

absl::Status AddDevices(Fleet& fleet, std::string_view part, std::vector<Device*>& found) {
  const std::size_t dash = part.find('-');
  const auto devices = fleet.devices();
  if (part.find('.') != std::string_view::npos) {
    const auto endpoint = snmp::Endpoint::Parse(part);
    Device* device = endpoint.ok() && endpoint->is_v4() ? fleet.DeviceAt(endpoint->v4()) : nullptr;
    if (device == nullptr) return NoSuchDevice(part);
    found.push_back(device);
    return absl::OkStatus();
  }
  const auto first = ParseNumber<std::size_t>(part.substr(0, dash));
  const auto last =
      dash == std::string_view::npos ? first : ParseNumber<std::size_t>(part.substr(dash + 1));
  if (!first.has_value() || !last.has_value() || *first > *last || *last >= devices.size())
    return NoSuchDevice(part);
  for (std::size_t i = *first; i <= *last; ++i) found.push_back(&devices[i]);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Device*>> FindDevices(Fleet& fleet, std::string_view text) {
  std::vector<Device*> found;
  if (text == "all") {
    for (Device& device : fleet.devices()) found.push_back(&device);
    return found;
  }
  for (const std::string_view part : Split(text, ','))
    PLATEN_RETURN_IF_ERROR(AddDevices(fleet, part, found));
  return found;
}

// What a verb is done with. `argument` is the word behind the devices, or empty.
struct Call {
  MonotonicTime now;
  Fleet& fleet;
  Device& device;
  std::string_view argument;
};

using Said = absl::StatusOr<std::string>;

std::string AddressText(const Call& call) {
  return snmp::Endpoint::V4(call.fleet.AddressOf(call.device), 0).AddressToString();
}

Said List(const Call& call) {
  return StrCat(call.device.number(),
                " ",
                AddressText(call),
                " ",
                call.device.model().name(),
                " ",
                DeviceMib(call.device, call.now).Serial(),
                "\n");
}

Said Status(const Call& call) {
  const Device& device = call.device;
  const Link& link = device.link();
  std::string text = StrCat(device.number(),
                            " ",
                            AddressText(call),
                            " pages=",
                            device.pages(call.now),
                            " requests=",
                            device.requests,
                            " uptime_ticks=",
                            device.uptime_ticks(call.now),
                            device.asleep() ? " asleep" : "",
                            link.silent ? " silent" : "",
                            device.IsBooting(call.now) ? " booting" : "",
                            " loss_percent=",
                            int{link.loss_percent},
                            " delay_ms=",
                            link.delay_ms,
                            " wrong=");
  for (std::size_t i = 0; i < device.alerts().size(); ++i) {
    const Alert& alert = device.alerts()[i];
    text += StrCat(i == 0 ? "" : ",", TraitsOf(alert.condition).word, ":", alert.part);
  }
  return text + "\n";
}

Said Dump(const Call& call) {
  DeviceMib mib(call.device, call.now);
  std::string text;
  snmp::Oid at = snmp::Oid{0, 0};
  while (const auto next = mib.Next(at)) {
    text += snmp::ToSnmprec(*next);
    text.push_back('\n');
    at = snmp::Oid(next->name);
  }
  return text;
}

Said Sleep(const Call& call) {
  call.device.Sleep(call.now, true);
  return "";
}

Said Wake(const Call& call) {
  call.device.Sleep(call.now, false);
  return "";
}

Said Reboot(const Call& call) {
  call.device.Reboot(call.now);
  return "";
}

Said SwapBoard(const Call& call) {
  call.device.SwapBoard(call.now);
  return "";
}

absl::Status Expected(std::string_view what) {
  return base::InvalidArgument("expected ", what, " behind the devices");
}

Said Print(const Call& call) {
  const auto pages = ParseNumber<std::uint32_t>(call.argument);
  if (!pages.has_value()) return Expected("a number of pages");
  call.device.PrintAtOnce(*pages);
  return "";
}

Said Become(const Call& call) {
  const auto number = ParseNumber<std::uint32_t>(call.argument);
  if (!number.has_value()) return Expected("a printer's number");
  call.device.Become(call.now, *number);
  return "";
}

Said Replace(const Call& call) {
  const PrinterModel& model = call.device.model();
  const auto index = call.argument.empty() ? model.DefaultIndex(Condition::kTonerLow)
                                           : ParseNumber<std::uint32_t>(call.argument);
  if (!index.has_value() || !model.Has(Part::kSupply, *index)) {
    return base::NotFound(
        "device ", call.device.number(), " (", model.name(), ") has no such supply");
  }
  call.device.ReplaceSupply(call.now, *index);
  return "";
}

Said PrintRate(const Call& call) {
  const auto rate = ParseNumber<double>(call.argument);
  if (!rate.has_value()) return Expected("pages a minute");
  call.device.SetPrintRate(call.now, *rate);
  return "";
}

Said Silence(const Call& call) {
  if (call.argument != "on" && call.argument != "off") return Expected("on or off");
  call.device.link().silent = call.argument == "on";
  return "";
}

Said Loss(const Call& call) {
  const auto percent = ParseNumber<std::uint8_t>(call.argument);
  if (!percent.has_value() || *percent > 100) return Expected("a percentage from 0 to 100");
  call.device.link().loss_percent = *percent;
  return "";
}

Said Delay(const Call& call) {
  const auto delay = ParseNumber<std::uint16_t>(call.argument);
  if (!delay.has_value()) return Expected("milliseconds from 0 to 65535");
  call.device.link().delay_ms = *delay;
  return "";
}

struct Verb {
  std::string_view word;
  Said (*run)(const Call&);
};

constexpr Verb kVerbs[] = {
    {"list", List},
    {"status", Status},
    {"dump", Dump},
    {"sleep", Sleep},
    {"wake", Wake},
    {"reboot", Reboot},
    {"print", Print},
    {"replace", Replace},
    {"board", SwapBoard},
    {"become", Become},
    {"silence", Silence},
    {"print-rate", PrintRate},
    {"loss", Loss},
    {"delay", Delay},
};

Said Raise(const Call& call, Condition condition) {
  const PrinterModel& model = call.device.model();
  const auto index = call.argument.empty() ? model.DefaultIndex(condition)
                                           : ParseNumber<std::uint32_t>(call.argument);
  if (!index.has_value() || !model.Has(TraitsOf(condition).part, *index)) {
    return base::NotFound("device ",
                          call.device.number(),
                          " (",
                          model.name(),
                          ") has no such part: \"",
                          call.argument,
                          "\"");
  }
  if (call.device.Raise(call.now, condition, *index)) call.fleet.Notify(call.now, call.device);
  return "";
}

Said Clear(MonotonicTime now, Fleet& fleet, const Words& words) {
  PLATEN_ASSIGN_OR_RETURN(const auto devices, FindDevices(fleet, words.size() > 1 ? words[1] : ""));
  std::optional<Condition> condition;
  std::optional<std::uint32_t> index;
  if (words.size() > 2 && words[2] != "all") {
    condition = FindCondition(words[2]);
    if (!condition.has_value())
      return base::InvalidArgument("\"", words[2], "\" is not a condition");
  }
  if (words.size() > 3) {
    index = ParseNumber<std::uint32_t>(words[3]);
    if (!index.has_value()) return base::InvalidArgument("\"", words[3], "\" is not an index");
  }
  for (Device* device : devices) device->Clear(now, condition, index);
  return "";
}

Said Run(MonotonicTime now, Fleet& fleet, const Words& words) {
  const std::string_view word = words[0];
  if (word == "help") return std::string(kHelp);
  if (word == "clear") return Clear(now, fleet, words);
  if (word == "counts") {
    std::string text = "#";
    for (std::size_t i = 0; i < kOutcomes; ++i)
      text += StrCat(" ", Name(static_cast<Outcome>(i)), "=", fleet.counts()[i]);
    return text + "\n";
  }
  if (word == "notify") {
    PLATEN_ASSIGN_OR_RETURN(auto listeners, ParseListeners(words.size() > 1 ? words[1] : ""));
    fleet.NotifyTo(std::move(listeners));
    return "";
  }
  const auto condition = FindCondition(word);
  const auto verb = std::find_if(
      std::begin(kVerbs), std::end(kVerbs), [word](const Verb& each) { return each.word == word; });
  if (!condition.has_value() && verb == std::end(kVerbs)) {
    return base::InvalidArgument("\"", word, "\" is not a command; try help");
  }
  const bool all = words.size() == 1 && word == "list";
  if (words.size() < 2 && !all) return base::InvalidArgument("which devices?");
  PLATEN_ASSIGN_OR_RETURN(const auto devices, FindDevices(fleet, all ? "all" : words[1]));
  std::string text;
  for (Device* device : devices) {
    const Call call{now, fleet, *device, words.size() > 2 ? words[2] : ""};
    PLATEN_ASSIGN_OR_RETURN(const std::string said,
                            condition.has_value() ? Raise(call, *condition) : verb->run(call));
    text += said;
  }
  return text;
}

}  // namespace

std::string_view CommandHelp() {
  return kHelp;
}

std::string RunCommand(MonotonicTime now, Fleet& fleet, std::string_view line) {
  const Words words = Split(line, ' ');
  if (words.empty()) return "error: an empty line; try help\n";
  auto answer = Run(now, fleet, words);
  if (!answer.ok()) return StrCat("error: ", base::ToStd(answer.status().message()), "\n");
  return *std::move(answer) + "ok\n";
}

}  // namespace platen::fleetsim
