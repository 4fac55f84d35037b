#include "services/collector/core/recording_diff.h"

#include <algorithm>
#include <string_view>

#include <google/protobuf/util/message_differencer.h>

#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "services/collector/core/normalizer.h"
#include "services/collector/core/supply_history.h"
#include "services/collector/core/words.h"

namespace platen::collector::core {
namespace {

using base::StrCat;
using event::v1::DeviceSnapshot;
using event::v1::Event;
using event::v1::StatusReport;
using google::protobuf::util::MessageDifferencer;

// Any time will do, as long as it is always the same: 2026-01-01.
constexpr base::WallTime kReadTime = base::WallFromMillis(1'767'225'600'000);

base::Duration Gap(const DeviceSnapshot& a, const DeviceSnapshot& b) {
  if (!a.status().has_uptime_ticks() || !b.status().has_uptime_ticks()) return kGapMin;
  constexpr std::uint64_t kTicksMax = std::uint64_t{1} << 32;
  const std::uint64_t from = a.status().uptime_ticks();
  const std::uint64_t to = std::min(b.status().uptime_ticks(), kTicksMax);
  if (to <= from) return kGapMin;
  return std::max<base::Duration>(
      kGapMin, std::chrono::milliseconds(10 * static_cast<std::int64_t>(to - from)));
}

Reading FullReading(const Recorded& recorded, base::WallTime time) {
  Reading reading;
  reading.kind = ReadingKind::kFull;
  reading.snapshot = recorded.snapshot;
  reading.profile = recorded.profile;
  if (recorded.rows_complete) reading.whole = Tables::All();
  reading.time = time;
  return reading;
}

// A level that has risen has to stand before it is another supply: B is taken to go on as it is.
void AddReplacements(const Subject& subject,
                     Reading reading,
                     collector::v1::DeviceState& state,
                     std::vector<Event>& events) {
  reading.kind = ReadingKind::kSupplies;
  for (std::uint32_t sighting = 1; sighting < kSightings; ++sighting) {
    reading.time += reading.cadence.supplies;
    for (Event& event : OnReading(subject, reading, state).after_state) {
      if (event.has_supply_replacement()) events.push_back(std::move(event));
    }
  }
}

// Adds `part` to `list`, with a separator.
void Append(std::string& list, std::string_view part, std::string_view separator = ", ") {
  if (part.empty()) return;
  if (!list.empty()) list += separator;
  list += part;
}

std::string Quoted(std::string_view text) {
  const std::string line = OneLine(text);
  return line.empty() ? "nothing" : StrCat("\"", line, "\"");
}

std::string_view TransitionWords(const event::v1::Alert& alert) {
  if (alert.transition() == event::v1::ALERT_TRANSITION_RAISED) return "raised";
  if (alert.transition() == event::v1::ALERT_TRANSITION_CHANGED) return "changed";
  switch (alert.end()) {
    case event::v1::ALERT_END_WITHDRAWN:
      return "withdrawn (whether it is over is not known)";
    case event::v1::ALERT_END_SUPERSEDED:
      return "superseded (the printer has restarted)";
    case event::v1::ALERT_END_EXPIRED:
      return "expired";
    default:
      return "cleared";
  }
}

std::string AlertWords(const event::v1::Alert& alert) {
  std::string what;
  Append(what, alert.reason_keyword());
  Append(what, Words(alert.severity()));
  if (alert.level() != 0) {
    Append(what, StrCat("level ", alert.level(), alert.level_derived() ? " (derived)" : ""));
  }
  Append(what, alert.where());
  Append(what, OneLine(alert.description()), ": ");
  return StrCat("alert ", TransitionWords(alert), ": ", what);
}

std::string StatusWords(const StatusReport& status) {
  std::string words;
  for (const int state : status.error_states()) {
    Append(words, Words(static_cast<event::v1::ErrorState>(state)));
  }
  Append(words, Words(status.printer_status()));
  Append(words, Words(status.device_status()));
  if (status.reachability() == event::v1::REACHABILITY_ASLEEP) Append(words, "asleep");
  return words.empty() ? "not told" : words;
}

std::string IdentityWords(const event::v1::IdentityReport& report) {
  std::string words;
  const auto compare = [&words](std::string_view name, std::string_view a, std::string_view b) {
    if (a != b) Append(words, StrCat(name, " ", Quoted(a), " → ", Quoted(b)), "; ");
  };
  const auto& from = report.previous();
  const auto& to = report.identity();
  compare("manufacturer", from.manufacturer(), to.manufacturer());
  compare("model", from.model(), to.model());
  compare("serial number", from.serial_number(), to.serial_number());
  compare("name", from.sys_name(), to.sys_name());
  compare("location", from.sys_location(), to.sys_location());
  compare("printer name", from.printer_name(), to.printer_name());
  compare("asset tag", from.asset_tag(), to.asset_tag());
  compare("UUID", from.uuid(), to.uuid());
  const auto joined = [](const auto& texts) {
    std::string list;
    for (const std::string& text : texts) Append(list, text);
    return list;
  };
  compare("MAC addresses", joined(from.mac_addresses()), joined(to.mac_addresses()));
  if (words.empty()) words = "firmware or description of the system";
  return StrCat("identity changed: ", words);
}

std::string MeterWords(const event::v1::Meter& meter, const DeviceSnapshot& before) {
  const std::string now = Grouped(meter.value());
  for (const event::v1::Meter& old : before.meters()) {
    if (old.rule() != meter.rule() || !MessageDifferencer::Equals(old.kind(), meter.kind())) {
      continue;
    }
    if (old.value() == meter.value()) return {};
    const bool fell = meter.value() < old.value();
    const std::uint64_t by = fell ? old.value() - meter.value() : meter.value() - old.value();
    return StrCat(MeterName(meter.kind()),
                  " ",
                  Grouped(old.value()),
                  " → ",
                  now,
                  fell ? " (fell by " : " (+",
                  Grouped(by),
                  ")");
  }
  return StrCat(MeterName(meter.kind()), " ", now, " (new)");
}

std::string SupplyWords(const event::v1::Supply& supply, const DeviceSnapshot& before) {
  const LevelOf of = LevelOfSupply(supply);
  const std::string now = LevelWords(supply.level(), of);
  for (const event::v1::Supply& old : before.supplies()) {
    if (old.index() != supply.index() || old.device_index() != supply.device_index() ||
        old.has_finisher() != supply.has_finisher()) {
      continue;
    }
    const std::string was = LevelWords(old.level(), LevelOfSupply(old));
    if (SupplyName(old) != SupplyName(supply)) {
      return StrCat(SupplyName(old), " (", was, ") is now ", SupplyName(supply), " (", now, ")");
    }
    return was == now ? std::string() : StrCat(SupplyName(supply), " ", was, " → ", now);
  }
  return StrCat(SupplyName(supply), " ", now, " (new)");
}

// "supply replaced, by its serial number S1 → S2: Black Toner 3 % → 100 %; 4,711 impressions with
// the one before".
std::string ReplacementWords(const event::v1::SupplyReplacement& replaced) {
  const event::v1::Supply& supply = replaced.supply();
  const LevelOf of = LevelOfSupply(supply);
  std::string words = "supply replaced";
  if (replaced.evidence() == "serial") {
    Append(words,
           StrCat("by its serial number ",
                  Quoted(replaced.serial_number_before()),
                  " → ",
                  Quoted(supply.serial_number())));
  } else {
    Append(words, "by its level, if that stands");
  }
  Append(words, SupplyName(supply), ": ");
  const std::string before =
      replaced.has_level_before() ? LevelWords(replaced.level_before(), of) : "level not known";
  Append(words, StrCat(before, " → ", LevelWords(supply.level(), of)), " ");
  const std::string yield =
      replaced.has_yield() ? StrCat(Grouped(replaced.yield()), " impressions with the one before")
                           : "its yield is not known: nobody saw when the one before was put in";
  Append(words, yield, "; ");
  return words;
}

std::string VersionWords(const event::v1::FirmwareVersion& version, const DeviceSnapshot& before) {
  for (const event::v1::FirmwareVersion& old : before.identity().firmware()) {
    if (old.component() != version.component()) continue;
    if (old.version() == version.version()) return {};
    return StrCat(
        version.component(), " ", Quoted(old.version()), " → ", Quoted(version.version()));
  }
  return StrCat(version.component(), " ", Quoted(version.version()), " (new)");
}

// "counters read: nothing has changed", or what `words` says of each row that has.
template <class Rows, class Say>
std::string ReadWords(std::string_view what,
                      const Rows& rows,
                      const DeviceSnapshot& before,
                      Say say) {
  std::string changes;
  for (const auto& row : rows) Append(changes, say(row, before), "; ");
  return StrCat(what, " read: ", changes.empty() ? "nothing has changed" : changes);
}

}  // namespace

std::vector<Event> EventsBetween(const Recorded& a, const Recorded& b) {
  event::v1::Target target;
  target.set_device_id(std::string(16, '\1'));
  target.set_tenant("recording");
  target.set_site("recording");
  const Subject subject{.target = &target, .term = 1};
  collector::v1::DeviceState state;
  (void)OnReading(subject, FullReading(a, kReadTime), state);
  Outcome outcome =
      OnReading(subject, FullReading(b, kReadTime + Gap(a.snapshot, b.snapshot)), state);
  std::vector<Event> events = std::move(outcome.after_state);
  std::move(outcome.at_once.begin(), outcome.at_once.end(), std::back_inserter(events));
  AddReplacements(subject, FullReading(b, kReadTime + Gap(a.snapshot, b.snapshot)), state, events);
  for (Event& event : events) {
    if (const auto id = event::DeriveId(event); id.ok()) event.set_id(std::string(id->bytes()));
  }
  return events;
}

std::string EventWords(const Event& event, const DeviceSnapshot& before) {
  switch (event.body_case()) {
    case Event::kAlert:
      return AlertWords(event.alert());
    case Event::kMissedAlerts:
      return StrCat(event.missed_alerts().count(), " alerts came and went unseen");
    case Event::kStatusChange:
      return StrCat("status changed: ",
                    StatusWords(event.status_change().previous()),
                    " → ",
                    StatusWords(event.status_change().status()));
    case Event::kIdentityReport:
      return IdentityWords(event.identity_report());
    case Event::kMeterReading:
      return ReadWords("counters", event.meter_reading().meters(), before, MeterWords);
    case Event::kSupplyReading:
      return ReadWords("supplies", event.supply_reading().supplies(), before, SupplyWords);
    case Event::kOtherDevice:
      return StrCat("another device answers: serial number ",
                    Quoted(event.other_device().found().serial_number()),
                    " where ",
                    Quoted(event.other_device().expected_serial()),
                    " was expected; nothing of it is taken for the one that was known");
    case Event::kSupplyReplacement:
      return ReplacementWords(event.supply_replacement());
    case Event::kFirmwareReading:
      return ReadWords("firmware", event.firmware_reading().versions(), before, VersionWords);
    default:
      return std::string(event::KindName(event.body_case()));
  }
}

}  // namespace platen::collector::core
