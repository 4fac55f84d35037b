#include "services/collector/core/supply_history.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "libs/event/serial_number.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/meter_history.h"
#include "services/collector/core/reading_quality.h"
#include "services/collector/core/stable_digest.h"

namespace platen::collector::core {
namespace {

using collector::v1::KeptMeter;
using collector::v1::KeptSupply;
using collector::v1::MeterHistory;
using collector::v1::PageMark;
using event::v1::MeterKind;
using event::v1::Supply;

// A change of more says that nobody has looked for long, and nothing about the device's steps.
constexpr double kStepMax = 50.0;

bool Has(const std::vector<event::v1::ReadingQuality>& all, event::v1::ReadingQuality one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// Another kind of supply in a row that we know: the rows have been numbered anew.
std::uint64_t WhatIs(const Supply& supply) {
  StableDigest digest;
  digest.Number(static_cast<std::uint64_t>(supply.supply_class()));
  digest.Number(static_cast<std::uint64_t>(supply.type()));
  digest.Number(supply.marker());
  digest.Text(supply.colorant());
  return digest.value();
}

MeterKind Total(event::v1::ColourClass colour, std::uint32_t marker) {
  MeterKind kind;
  kind.set_function(event::v1::METER_FUNCTION_TOTAL);
  kind.set_colour(colour);
  kind.set_size(event::v1::SIZE_CLASS_ALL);
  kind.set_sides(event::v1::SIDES_CLASS_ALL);
  kind.set_unit(event::v1::METER_UNIT_IMPRESSIONS);
  kind.set_marker(marker);
  return kind;
}

// Cyan is used by colour pages alone; black, drums and fusers by all.
bool IsColoured(const Supply& supply) {
  const std::string& colorant = supply.colorant();
  return !colorant.empty() && colorant != "black" && colorant != "other" && colorant != "none" &&
         colorant != "unknown" && colorant.find("black") == std::string::npos;
}

// The counters that may tell what `supply` is used for, best first: its own marker's where there
// are several, the colour pages of a coloured one where the device counts them.
std::vector<MeterKind> KindsFor(const Supply& supply) {
  std::vector<MeterKind> kinds;
  const auto add = [&](event::v1::ColourClass colour) {
    if (supply.marker() != 0) kinds.push_back(Total(colour, supply.marker()));
    kinds.push_back(Total(colour, 0));
  };
  if (IsColoured(supply)) {
    add(event::v1::COLOUR_CLASS_COLOUR);
    add(event::v1::COLOUR_CLASS_FULL_COLOUR);
  }
  add(event::v1::COLOUR_CLASS_ALL);
  return kinds;
}

// Null where no counter has the key, or more than one has, or it is between two epochs.
const KeptMeter* FindMeter(const MeterHistory& meters, std::uint64_t key) {
  const KeptMeter* found = nullptr;
  for (const KeptMeter& kept : meters.meters()) {
    if (kept.key() != key) continue;
    if (found != nullptr) return nullptr;
    found = &kept;
  }
  return found != nullptr && !found->has_proposed() ? found : nullptr;
}

constexpr event::v1::MeterSource kSources[] = {event::v1::METER_SOURCE_STANDARD,
                                               event::v1::METER_SOURCE_VENDOR};

std::optional<PageMark> MarkNow(const Supply& supply, const MeterHistory& meters) {
  for (const MeterKind& kind : KindsFor(supply)) {
    for (const event::v1::MeterSource source : kSources) {
      const KeptMeter* kept = FindMeter(meters, MeterKey(kind, source));
      if (kept == nullptr) continue;
      PageMark mark;
      mark.set_key(kept->key());
      mark.set_epoch(kept->epoch());
      mark.set_value(kept->good().value());
      return mark;
    }
  }
  return std::nullopt;
}

std::optional<MeterKind> KindOf(const PageMark& mark, const Supply& supply) {
  for (const MeterKind& kind : KindsFor(supply)) {
    for (const event::v1::MeterSource source : kSources) {
      if (MeterKey(kind, source) == mark.key()) return kind;
    }
  }
  return std::nullopt;
}

// Judges one row that is followed.
class Row {
 public:
  Row(const SupplySighting& sighting, const Supply& supply, const MeterHistory& meters)
      : sighting_(sighting),
        supply_(supply),
        meters_(meters),
        serial_(event::SerialEvidence({}, supply.serial_number())) {}

  std::optional<Replaced> Judge(KeptSupply& kept) const {
    if (kept.what() != WhatIs(supply_)) {
      Begin(kept);
      return std::nullopt;
    }
    std::optional<Replaced> replaced;
    const std::string before = event::SerialEvidence({}, kept.serial_number());
    if (!serial_.empty() && !before.empty() && serial_ != before) {
      const std::optional<PageMark> pages = MarkNow(supply_, meters_);
      replaced = Replace(kept, "serial", sighting_.slot, pages);
    } else if (HasGoodLevel()) {
      replaced = JudgeLevel(kept, !serial_.empty() && serial_ == before);
    }
    if (!serial_.empty()) kept.set_serial_number(supply_.serial_number());
    kept.set_seen_millis(base::ToMillis(sighting_.slot));
    return replaced;
  }

  void Begin(KeptSupply& kept) const {
    kept.Clear();
    kept.set_device_index(supply_.device_index());
    kept.set_index(supply_.index());
    if (supply_.has_finisher()) kept.set_finisher(supply_.finisher());
    kept.set_what(WhatIs(supply_));
    if (!serial_.empty()) kept.set_serial_number(supply_.serial_number());
    if (HasGoodLevel()) *kept.mutable_level() = supply_.level();
    kept.set_seen_millis(base::ToMillis(sighting_.slot));
  }

 private:
  bool HasGoodLevel() const {
    const event::v1::Level& level = supply_.level();
    if (level.state() != event::v1::Level::STATE_EXACT || !level.has_percent()) return false;
    // One supply alone is never "all at one end", and sleeps all the same.
    const bool at_end = level.percent() <= 0.0 || level.percent() >= 100.0;
    return !(at_end && Has(*sighting_.circumstances, event::v1::READING_QUALITY_ASLEEP));
  }

  std::optional<Replaced> JudgeLevel(KeptSupply& kept, bool same_serial) const {
    if (!kept.has_level()) {
      *kept.mutable_level() = supply_.level();
      return std::nullopt;
    }
    const double rise = supply_.level().percent() - kept.level().percent();
    const double step = std::min(static_cast<double>(kept.step()) / 100.0, kStepMax);
    // The space in a receptacle shrinks by the MIB; some makers report what is in it.
    const bool can_tell =
        supply_.supply_class() != event::v1::SUPPLY_CLASS_RECEPTACLE || kept.falls();
    if (rise >= std::max(kRise, 1.5 * step) && can_tell && !same_serial) return Risen(kept);
    Follow(kept, rise);
    return std::nullopt;
  }

  std::optional<Replaced> Risen(KeptSupply& kept) const {
    collector::v1::SupplyRise& seen = *kept.mutable_rise();
    seen.set_sightings(seen.sightings() + 1);
    if (seen.sightings() == 1) {
      seen.set_since_millis(base::ToMillis(sighting_.slot));
      if (const auto mark = MarkNow(supply_, meters_); mark.has_value()) {
        *seen.mutable_pages() = *mark;
      }
    }
    if (seen.sightings() < kSightings) return std::nullopt;
    const std::optional<PageMark> pages =
        seen.has_pages() ? std::optional(seen.pages()) : std::nullopt;
    return Replace(kept, "level-jump", base::WallFromMillis(seen.since_millis()), pages);
  }

  // The same supply, a little further on.
  void Follow(KeptSupply& kept, double rise) const {
    kept.clear_rise();
    *kept.mutable_level() = supply_.level();
    const auto step = static_cast<std::uint32_t>(std::llround(std::abs(rise) * 100.0));
    if (step == 0) return;
    kept.set_step(kept.step() == 0 ? step : std::min(kept.step(), step));
    kept.set_falls(rise < 0.0);
  }

  Replaced Replace(KeptSupply& kept,
                   const char* evidence,
                   base::WallTime time,
                   const std::optional<PageMark>& pages) const {
    Replaced replaced;
    replaced.time = time;
    event::v1::SupplyReplacement& body = replaced.body;
    *body.mutable_supply() = supply_;
    if (kept.has_level()) *body.mutable_level_before() = kept.level();
    body.set_evidence(evidence);
    body.set_serial_number_before(kept.serial_number());
    *body.mutable_last_seen_time() =
        event::ToProto(std::min(base::WallFromMillis(kept.seen_millis()), time));
    const PageMark& start = kept.start();
    if (kept.has_start() && pages.has_value() && start.key() == pages->key() &&
        start.epoch() == pages->epoch() && pages->value() >= start.value()) {
      body.set_yield(pages->value() - start.value());
      if (const auto kind = KindOf(start, supply_)) *body.mutable_yield_kind() = *kind;
    }
    kept.clear_rise();
    kept.clear_start();
    if (pages.has_value()) *kept.mutable_start() = *pages;
    kept.clear_serial_number();
    kept.clear_level();
    kept.clear_falls();
    if (HasGoodLevel()) *kept.mutable_level() = supply_.level();
    return replaced;
  }

  const SupplySighting& sighting_;
  const Supply& supply_;
  const MeterHistory& meters_;
  std::string serial_;
};

KeptSupply* Find(collector::v1::SupplyHistory& history, const Supply& supply) {
  for (KeptSupply& kept : *history.mutable_supplies()) {
    if (kept.device_index() == supply.device_index() && kept.index() == supply.index() &&
        kept.has_finisher() == supply.has_finisher() && kept.finisher() == supply.finisher()) {
      return &kept;
    }
  }
  return nullptr;
}

bool SaysNothing(const SupplySighting& sighting) {
  const auto& known = *sighting.circumstances;
  return Has(known, event::v1::READING_QUALITY_JAMMED) ||
         Has(known, event::v1::READING_QUALITY_COVER_OPEN) ||
         Has(known, event::v1::READING_QUALITY_JUST_BOOTED) ||
         Has(known, event::v1::READING_QUALITY_PARTIAL);
}

}  // namespace

SupplyJudgement JudgeSupplies(const SupplySighting& sighting,
                              const MeterHistory& meters,
                              collector::v1::SupplyHistory& history) {
  SupplyJudgement judgement;
  if (SaysNothing(sighting)) return judgement;
  const bool all_at_one_end = AllLevelsAtOneEnd(*sighting.snapshot);
  for (const Supply& read : sighting.snapshot->supplies()) {
    // No counter says what a finisher's staples were used for, and their indexes are others.
    if (read.has_finisher()) continue;
    Supply supply = read;
    if (all_at_one_end) supply.mutable_level()->set_state(event::v1::Level::STATE_UNKNOWN);
    const Row row(sighting, supply, meters);
    KeptSupply* kept = Find(history, supply);
    if (kept != nullptr) {
      if (auto replaced = row.Judge(*kept); replaced.has_value()) {
        *replaced->body.mutable_supply() = read;
        judgement.replaced.push_back(*std::move(replaced));
      }
    } else if (history.supplies_size() < kSuppliesKept) {
      row.Begin(*history.add_supplies());
    } else {
      ++judgement.left_out;
    }
  }
  return judgement;
}

}  // namespace platen::collector::core
