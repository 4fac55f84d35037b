#include "tools/platenctl/top_screen.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/status.h"
#include "tools/platenctl/table.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace fleet = platen::fleet::v1;

constexpr std::pair<const char*, int> kStates[] = {{"STATE_OK", 32},
                                                   {"STATE_ALERT", 31},
                                                   {"STATE_ASLEEP", 36},
                                                   {"STATE_UNREACHABLE", 33},
                                                   {"STATE_PENDING", 90}};

class Lines {
 public:
  explicit Lines(const Screen& screen) : screen_(screen) {}

  // `ansi`: SGR numbers around the whole line; empty for none.
  void Add(std::string_view line, std::string_view ansi = {}) {
    if (screen_.height != 0 && count_ + 1 >= screen_.height) return;
    ++count_;
    const std::string fitted = Fit(line, screen_.width);
    if (screen_.colour && !ansi.empty()) {
      text_ += base::StrCat("\x1b[", ansi, "m", fitted, "\x1b[0m\n");
    } else {
      text_ += fitted + '\n';
    }
  }

  void AddTable(const Table& table) {
    std::string text = table.ToText();
    bool title = true;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      Add(std::string_view(text).substr(begin, end - begin), title ? "2" : "");
      title = false;
      begin = end + 1;
    }
  }

  std::string text() && { return std::move(text_); }

 private:
  const Screen& screen_;
  std::size_t count_ = 0;
  std::string text_;
};

std::int64_t CountOf(const fleet::PipelineStatus& status, const std::string& state) {
  const auto found = status.devices_by_state().find(state);
  return found == status.devices_by_state().end() ? 0 : found->second;
}

void AddDevices(const TopState& state, const Screen& screen, Lines& lines) {
  std::int64_t total = 0;
  for (const auto& [name, count] : state.status.devices_by_state()) total += count;
  lines.Add(base::StrCat("Devices ", total), "1");
  for (const auto& [name, colour] : kStates) {
    const std::int64_t count = CountOf(state.status, name);
    if (count == 0) continue;
    const std::size_t room = screen.width > 40 ? screen.width - 30 : 10;
    auto bar = static_cast<std::size_t>(count) * room / static_cast<std::size_t>(total);
    std::string line = absl::StrFormat("  %-12s %7d  ", EnumWords(name, "STATE_"), count);
    for (bar = std::max<std::size_t>(bar, 1); bar > 0; --bar) line += "█";
    lines.Add(line, std::to_string(colour));
  }
}

void AddHops(const TopState& state, Lines& lines) {
  if (state.status.hops().empty()) return;
  lines.Add("");
  lines.Add("Events a second", "1");
  Table table({{"  HOP"}, {"INSTANCE"}, {"EVENTS/S", Align::kRight}, {"HEARD", Align::kRight}});
  for (const fleet::PipelineStatus::Hop& hop : state.status.hops()) {
    table.Add({"  " + hop.role(),
               hop.instance(),
               absl::StrFormat("%.1f", hop.events_per_second()),
               Age(hop.last_heard_time(), state.now)});
  }
  lines.AddTable(table);
}

void AddAlerts(const TopState& state, Lines& lines) {
  lines.Add("");
  lines.Add(base::StrCat("Open alerts ", state.status.open_alerts()),
            state.status.open_alerts() > 0 ? "1;31" : "1");
  if (state.open_alerts.empty()) return lines.Add("  none", "32");
  Table table({{"  SINCE", Align::kRight}, {"KIND"}, {"WHAT"}, {"WHERE"}, {"MODEL"}});
  for (const fleet::AlertRecord& record : state.open_alerts) {
    const auto& device = record.alert().device();
    table.Add({Age(record.raise_time(), state.now),
               CategoryWord(record.alert().category()),
               Fit(AlertWords(record.alert()), 40),
               Fit(device.display_name().empty() ? device.address() : device.display_name(), 30),
               Fit(device.model(), 30)});
  }
  lines.AddTable(table);
}

}  // namespace

std::string RenderTop(const TopState& state, const Screen& screen) {
  Lines lines(screen);
  lines.Add(base::StrCat("Platen  ",
                         state.gateway,
                         "  ",
                         Grouped(state.status.events_stored()),
                         " events stored, ",
                         Grouped(state.status.duplicates()),
                         " duplicates, ",
                         Grouped(state.status.refusals()),
                         " refused, ",
                         Grouped(state.status.missing()),
                         " missing"),
            "7");
  lines.Add("");
  AddDevices(state, screen, lines);
  AddHops(state, lines);
  AddAlerts(state, lines);
  return std::move(lines).text();
}

}  // namespace platen::platenctl
