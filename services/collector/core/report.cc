#include "services/collector/core/report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "services/collector/core/alert_levels.h"
#include "services/collector/core/conditions.h"
#include "services/collector/core/page.h"
#include "services/collector/core/reading_quality.h"
#include "services/collector/core/text.h"
#include "services/collector/core/words.h"

namespace platen::collector::core {
namespace {

using base::StrCat;
using event::v1::DeviceSnapshot;
using event::v1::Level;

constexpr std::size_t kNameWidthMax = 44;

// The colour of what is in it, by the colorant or by a word of the description.
std::string_view InkColour(const event::v1::Supply& supply) {
  const std::string words = LowerCase(StrCat(supply.colorant(), " ", supply.description()));

  const struct {
    std::string_view word;
    std::string_view code;
  } kInks[] = {{"cyan", "36"}, {"magenta", "35"}, {"yellow", "33"}};

  for (const auto& ink : kInks) {
    if (words.find(ink.word) != std::string::npos) return ink.code;
  }
  return "";
}

struct Gauge {
  std::string name;
  const Level* level;
  LevelOf of;
  std::string_view ink;
  std::string remark;
};

void PrintGauges(Page& page, std::string_view heading, const std::vector<Gauge>& gauges) {
  if (gauges.empty()) return;
  page.Heading(heading);
  std::size_t width = 0;
  for (const Gauge& gauge : gauges) {
    width = std::max(width, std::min(DisplayWidth(gauge.name), kNameWidthMax));
  }
  const bool any_bar =
      std::ranges::any_of(gauges, [](const Gauge& gauge) { return gauge.level->has_percent(); });
  for (const Gauge& gauge : gauges) {
    std::string line = StrCat("  ", Padded(Shortened(gauge.name, kNameWidthMax), width), "  ");
    if (gauge.level->has_percent()) {
      line += StrCat(page.Paint(Bar(gauge.level->percent(), page.style()), gauge.ink), "  ");
    } else if (any_bar) {
      line += page.Paint(Padded(page.style().unicode ? "╌╌" : "--", kBarWidth), kDim) + "  ";
    }
    line += LevelWords(*gauge.level, gauge.of);
    if (!gauge.remark.empty()) line += page.Paint(StrCat("  ", gauge.remark), kDim);
    page.Line(line);
  }
}

void PrintIdentity(Page& page, const DeviceSnapshot& snapshot) {
  const event::v1::Identity& identity = snapshot.identity();
  std::string title = OneLine(identity.model());
  if (title.empty())
    title = identity.manufacturer().empty() ? "Unknown device"
                                            : StrCat(identity.manufacturer(), ", model unknown");
  page.Line(page.Paint(title, kBold));
  std::string firmware;
  if (identity.firmware_size() > 0) {
    const event::v1::FirmwareVersion& first = identity.firmware(0);
    const bool is_main = first.component() == "main";
    firmware = StrCat("firmware ", is_main ? "" : StrCat(first.component(), " "), first.version());
    if (identity.firmware_size() > 1) {
      firmware += StrCat(" (and ", identity.firmware_size() - 1, " more)");
    }
  }
  const std::string serial = OneLine(identity.serial_number());
  page.Joined(
      {identity.manufacturer(), serial.empty() ? serial : StrCat("serial ", serial), firmware}, "");
  page.Joined(
      {snapshot.address(),
       identity.mac_addresses().empty() ? std::string() : StrCat("MAC ", identity.mac_addresses(0)),
       OneLine(identity.sys_name()),
       OneLine(identity.sys_location()),
       snapshot.status().has_uptime_ticks()
           ? StrCat("up ", UptimeWords(snapshot.status().uptime_ticks()))
           : std::string(),
       snapshot.profile().empty() ? "no profile" : StrCat("profile ", snapshot.profile())},
      kDim);
}

bool HasTrouble(const DeviceSnapshot& snapshot) {
  return snapshot.status().error_states_size() > 0 ||
         snapshot.status().device_status() == event::v1::DEVICE_STATUS_DOWN;
}

std::string StateWords(const DeviceSnapshot& snapshot) {
  const event::v1::StatusReport& status = snapshot.status();
  std::string words;
  const auto add = [&words](std::string_view word) {
    if (!word.empty()) words += StrCat(words.empty() ? "" : ", ", word);
  };
  for (const int state : status.error_states())
    add(Words(static_cast<event::v1::ErrorState>(state)));
  add(Words(status.printer_status()));
  add(Words(status.device_status()));
  return words;
}

void PrintStatus(Page& page, const DeviceSnapshot& snapshot) {
  const std::string words = StateWords(snapshot);
  if (words.empty() && snapshot.status().console_lines().empty()) return;
  page.Line("");
  if (!words.empty()) {
    const std::string_view dot = page.style().unicode ? "● " : "* ";
    const bool warning = snapshot.status().device_status() == event::v1::DEVICE_STATUS_WARNING;
    page.Line(
        StrCat(page.Paint(dot, HasTrouble(snapshot) ? kRed : (warning ? kYellow : kGreen)), words));
  }
  for (const std::string& line : snapshot.status().console_lines()) {
    page.Line(StrCat("  ", page.Paint(StrCat("panel: ", line), kDim)));
  }
}

void PrintSupplies(Page& page, const DeviceSnapshot& snapshot) {
  std::vector<Gauge> gauges;
  for (const event::v1::Supply& supply : snapshot.supplies()) {
    gauges.push_back(
        {SupplyName(supply), &supply.level(), LevelOfSupply(supply), InkColour(supply), ""});
  }
  PrintGauges(page, "Supplies", gauges);
}

void PrintTrays(Page& page, const DeviceSnapshot& snapshot) {
  std::vector<Gauge> trays;
  for (const event::v1::Input& input : snapshot.inputs()) {
    std::string name = OneLine(input.name());
    if (name.empty()) name = StrCat("tray ", input.index());
    trays.push_back(
        {std::move(name), &input.level(), LevelOf::kTray, "", OneLine(input.media_name())});
  }
  PrintGauges(page, "Paper", trays);
  std::vector<Gauge> outputs;
  for (const event::v1::Output& output : snapshot.outputs()) {
    std::string name = OneLine(output.name());
    if (name.empty()) name = StrCat("output ", output.index());
    outputs.push_back({std::move(name), &output.remaining(), LevelOf::kOutput, "", ""});
  }
  PrintGauges(page, "Outputs (space left)", outputs);
}

void PrintMeters(Page& page, const DeviceSnapshot& snapshot) {
  if (snapshot.meters().empty()) return;
  page.Heading("Counters");
  std::size_t names = 0;
  std::size_t values = 0;
  std::size_t units = 0;
  for (const event::v1::Meter& meter : snapshot.meters()) {
    names = std::max(names, DisplayWidth(MeterName(meter.kind())));
    values = std::max(values, Grouped(meter.value()).size());
    units = std::max(units, UnitWords(meter.kind().unit()).size());
  }
  for (const event::v1::Meter& meter : snapshot.meters()) {
    const bool assumed = meter.assurance() == event::v1::METER_ASSURANCE_ASSUMED;
    page.Line(
        StrCat("  ",
               Padded(MeterName(meter.kind()), names),
               "  ",
               PaddedLeft(Grouped(meter.value()), values),
               " ",
               Padded(std::string(UnitWords(meter.kind().unit())), units),
               page.Paint(StrCat("  ", meter.rule(), assumed ? ", not verified" : ""), kDim)));
  }
}

std::span<const AlertLevelRule> LevelsOf(const DeviceSnapshot& snapshot,
                                         const ProfileSet* profiles) {
  if (profiles == nullptr) return {};
  const std::string_view id = snapshot.profile();
  const Profile* profile = profiles->Find(id.substr(0, id.find('@')));
  if (profile == nullptr) return {};
  return profile->alert_levels;
}

void PrintAlerts(Page& page,
                 const DeviceSnapshot& snapshot,
                 std::span<const AlertLevelRule> levels) {
  if (snapshot.alerts().empty()) return;
  page.Heading("Alerts");
  for (const event::v1::AlertRow& alert : snapshot.alerts()) {
    const bool critical = alert.severity() == event::v1::ALERT_SEVERITY_CRITICAL;
    std::string words = OneLine(alert.description());
    const std::string_view condition = Words(ConditionOf(alert).name);
    if (words.empty()) words = condition.empty() ? StrCat("code ", alert.code()) : condition;
    std::string detail = StrCat("code ", alert.code());
    if (IsStatusLine(alert)) detail += ", a status line";
    const std::uint32_t level = DerivedLevel(levels, alert);
    if (level != 0) detail += StrCat(", level ", level, " (derived)");
    page.Line(StrCat(
        "  ",
        page.Paint(Padded(std::string(Words(alert.severity())), 11), critical ? kRed : kYellow),
        "  ",
        words,
        page.Paint(StrCat("  ", detail), kDim)));
  }
}

void PrintCovers(Page& page, const DeviceSnapshot& snapshot) {
  std::string open;
  for (const event::v1::Cover& cover : snapshot.covers()) {
    if (cover.status() != event::v1::Cover::STATUS_COVER_OPEN &&
        cover.status() != event::v1::Cover::STATUS_INTERLOCK_OPEN) {
      continue;
    }
    open += StrCat(open.empty() ? "" : ", ", OneLine(cover.description()));
  }
  if (!open.empty()) page.Line(StrCat("\n", page.Paint(StrCat("Open: ", open), kRed)));
}

// What a person should know before believing the levels and counters above.
void PrintDoubts(Page& page, const DeviceSnapshot& snapshot) {
  std::string doubts;
  for (const event::v1::ReadingQuality quality : DoubtsAbout(snapshot)) {
    doubts += StrCat(doubts.empty() ? "" : ", ", Words(quality));
  }
  if (!doubts.empty()) {
    page.Line(StrCat("\n", page.Paint(StrCat("Read with care: ", doubts, "."), kYellow)));
  }
}

// Levels that are not offered are said where the supply stands.
void PrintMissing(Page& page, const DeviceSnapshot& snapshot) {
  bool first = true;
  for (const event::v1::Unavailable& missing : snapshot.unavailable()) {
    if (missing.what().starts_with("supplies[")) continue;
    if (first) page.Line("");
    first = false;
    page.Line(page.Paint(Sentence(missing), kDim));
  }
  if (!snapshot.complete()) {
    page.Line(page.Paint("The reading ended early: what is missing may be there.", kYellow));
  }
}

std::optional<std::string> LowestSupply(const DeviceSnapshot& snapshot) {
  const event::v1::Supply* lowest = nullptr;
  for (const event::v1::Supply& supply : snapshot.supplies()) {
    if (!supply.level().has_percent() || LevelOfSupply(supply) != LevelOf::kContainer) continue;
    if (lowest == nullptr || supply.level().percent() < lowest->level().percent()) lowest = &supply;
  }
  if (lowest == nullptr) return std::nullopt;
  return StrCat(Shortened(SupplyName(*lowest), 24),
                " ",
                static_cast<int>(std::lround(lowest->level().percent())),
                " %");
}

}  // namespace

std::string Report(const DeviceSnapshot& snapshot,
                   const ReportStyle& style,
                   const ProfileSet* profiles) {
  Page page(style);
  PrintIdentity(page, snapshot);
  PrintStatus(page, snapshot);
  PrintAlerts(page, snapshot, LevelsOf(snapshot, profiles));
  PrintCovers(page, snapshot);
  PrintSupplies(page, snapshot);
  PrintTrays(page, snapshot);
  PrintMeters(page, snapshot);
  PrintDoubts(page, snapshot);
  PrintMissing(page, snapshot);
  return page.Take();
}

std::string ReportLine(const DeviceSnapshot& snapshot, const ReportStyle& style) {
  const Page page(style);
  std::string model = OneLine(snapshot.identity().model());
  if (model.empty()) model = OneLine(snapshot.identity().sys_descr());
  const std::string state = StateWords(snapshot);
  return StrCat(Padded(snapshot.address(), 16),
                Padded(Shortened(model, 38), 40),
                Padded(Shortened(OneLine(snapshot.identity().serial_number()), 18), 20),
                page.Paint(Padded(Shortened(state, 24), 26), HasTrouble(snapshot) ? kRed : ""),
                LowestSupply(snapshot).value_or(""));
}

std::string TraceTable(const Trace& trace, const ReportStyle& style) {
  constexpr std::size_t kSentMax = 36;
  Page page(style);
  page.Heading("Where each value comes from");
  std::size_t fields = 0;
  std::size_t oids = 0;
  std::size_t sent = 0;
  for (const TraceEntry& entry : trace.entries()) {
    fields = std::max(fields, DisplayWidth(entry.field));
    oids = std::max(oids, entry.oid.size());
    sent = std::max(sent, std::min(DisplayWidth(OneLine(entry.sent)), kSentMax));
  }
  for (const TraceEntry& entry : trace.entries()) {
    page.Line(StrCat("  ",
                     Padded(entry.field, fields),
                     "  ",
                     Padded(entry.oid.empty() ? "-" : entry.oid, oids),
                     "  ",
                     Padded(Shortened(OneLine(entry.sent), kSentMax), sent),
                     "  ",
                     page.Paint(entry.rule, kDim)));
  }
  return page.Take();
}

}  // namespace platen::collector::core
