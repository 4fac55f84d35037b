#include "services/collector/core/meter_history.h"

#include <algorithm>
#include <bitset>
#include <optional>

#include "services/collector/core/meter_epochs.h"
#include "services/collector/core/meter_sources.h"
#include "services/collector/core/stable_digest.h"

namespace platen::collector::core {
namespace {

using collector::v1::KeptMeter;
using collector::v1::MeterHistory;
using collector::v1::MeterPoint;
using collector::v1::ProposedEpoch;
using event::v1::Meter;

// How a value stands to one before it.
enum class Step : std::uint8_t {
  kAdvance,   // Equal, or more by what can have been printed.
  kRollBack,  // Less, within the save step.
  kWrap,      // Past a bound at which counters are known to begin anew.
  kRestart,   // Fell to zero or near it.
  kFall,      // Less, and none of these.
  kJump,      // More than can have been printed.
};

// Units of the counter for one impression; 0 where what it counts is not bound to the engine's
// speed.
std::uint64_t UnitsPerImpression(event::v1::MeterUnit unit) {
  switch (unit) {
    case event::v1::METER_UNIT_IMPRESSIONS:
    case event::v1::METER_UNIT_SHEETS:
    case event::v1::METER_UNIT_IMAGES:
    case event::v1::METER_UNIT_PAGES:
      return 1;
    case event::v1::METER_UNIT_A4_EQUIVALENT_HUNDREDTHS:
      return 200;  // An A3 impression.
    default:
      return 0;
  }
}

// What a counter of this unit can have gained since; nothing where no bound is known. A minute is
// given for the time between the device's counting and our reading. A clock that was set back says
// nothing.
std::optional<std::uint64_t> MostSince(const MeterPoint& before,
                                       const MeterPoint& after,
                                       event::v1::MeterUnit unit,
                                       const CounterBounds& bounds) {
  const std::uint64_t units = UnitsPerImpression(unit);
  const std::int64_t passed = after.read_millis() - before.read_millis();
  constexpr std::int64_t kMillisPerMinute = 60'000;
  if (units == 0 || passed < 0) return std::nullopt;
  return (static_cast<std::uint64_t>(passed / kMillisPerMinute) + 1) *
         bounds.impressions_per_minute * units;
}

bool HasWrapped(const MeterPoint& before,
                const MeterPoint& after,
                std::optional<std::uint64_t> most,
                const std::vector<std::uint64_t>& wraps) {
  return std::any_of(wraps.begin(), wraps.end(), [&](std::uint64_t bound) {
    const std::uint64_t near = bound / 10;
    if (before.value() >= bound || bound - before.value() > near || after.value() > near) {
      return false;
    }
    return !most.has_value() || bound - before.value() + after.value() <= *most;
  });
}

Step StepOf(const MeterPoint& before,
            const MeterPoint& after,
            event::v1::MeterUnit unit,
            const CounterBounds& bounds) {
  const std::optional<std::uint64_t> most = MostSince(before, after, unit, bounds);
  if (after.value() >= before.value()) {
    const bool plausible = !most.has_value() || after.value() - before.value() <= *most;
    return plausible ? Step::kAdvance : Step::kJump;
  }
  const std::uint64_t save_step =
      bounds.save_step * std::max<std::uint64_t>(UnitsPerImpression(unit), 1);
  if (before.value() - after.value() <= save_step) return Step::kRollBack;
  if (HasWrapped(before, after, most, bounds.wraps)) return Step::kWrap;
  constexpr std::uint64_t kNearZero = 100;
  const bool restart = after.value() <= std::max(kNearZero, before.value() / 100);
  return restart ? Step::kRestart : Step::kFall;
}

bool Continues(Step step) {
  return step == Step::kAdvance || step == Step::kRollBack;
}

// Which device's counters these are, by its serial number.
enum class Board : std::uint8_t {
  kKnown,     // That of the good values, or nobody says.
  kReturned,  // The same, after another.
  kForeign,   // Another, for some time.
  kChanged,   // Another, from now on.
};

Board BoardOf(std::string_view serial, MeterHistory& history) {
  if (serial.empty()) {
    return history.other_serial_number().empty() ? Board::kKnown : Board::kForeign;
  }
  if (history.serial_number().empty()) history.set_serial_number(std::string(serial));
  if (serial == history.serial_number()) {
    const bool returned = !history.other_serial_number().empty();
    history.clear_other_serial_number();
    return returned ? Board::kReturned : Board::kKnown;
  }
  if (serial == history.other_serial_number()) return Board::kForeign;
  history.set_other_serial_number(std::string(serial));
  return Board::kChanged;
}

// Judges one counter that is followed.
class Judge {
 public:
  Judge(Meter& meter, const MeterPoint& point, KeptMeter& kept, const CounterBounds& bounds)
      : meter_(meter), point_(point), kept_(kept), bounds_(bounds) {}

  // A device that says 0 for everything says nothing.
  void AllZero() {
    meter_.set_epoch(kept_.has_proposed() ? kept_.proposed().epoch() : kept_.epoch());
    meter_.add_quality(event::v1::READING_QUALITY_IMPLAUSIBLE);
  }

  void At(Board board) {
    const bool ours = board == Board::kKnown || board == Board::kReturned;
    const Step step = StepOf(kept_.good(), point_, meter_.kind().unit(), bounds_);
    const bool fits = ours && point_.origin() == kept_.good().origin() && Continues(step);
    if (!kept_.has_proposed()) {
      if (fits) return Good(step);
      return Propose(ours ? CauseOf(step, point_.origin() == kept_.good().origin())
                          : ProposedEpoch::CAUSE_BOARD);
    }
    const Step proposed = StepOf(kept_.proposed().last(), point_, meter_.kind().unit(), bounds_);
    const bool same_board = board == Board::kKnown || board == Board::kForeign;
    const bool fits_proposed =
        same_board && Continues(proposed) && point_.origin() == kept_.proposed().last().origin();
    // One odd value, and the counter goes on where it was. Not if the odd one is what was read
    // again: with time, any rise becomes one that the engine could have made.
    const bool above = kept_.proposed().last().value() > kept_.good().value();
    const bool was_odd = !kept_.proposed().advanced() && !(fits_proposed && above);
    if (fits && (was_odd || board == Board::kReturned)) {
      kept_.clear_proposed();
      return Good(step);
    }
    if (fits_proposed) return GoOnInProposed(proposed);
    if (same_board) {
      return Propose(CauseOf(proposed, point_.origin() == kept_.proposed().last().origin()));
    }
    Propose(ours ? CauseOf(step, point_.origin() == kept_.good().origin())
                 : ProposedEpoch::CAUSE_BOARD);
  }

 private:
  void Good(Step step) {
    meter_.set_epoch(kept_.epoch());
    if (step == Step::kRollBack) {
      meter_.add_quality(event::v1::READING_QUALITY_ROLLED_BACK);
    } else {
      *kept_.mutable_good() = point_;
    }
  }

  // Of a board that is known: another OID says more than how the values differ.
  static ProposedEpoch::Cause CauseOf(Step step, bool same_origin) {
    if (!same_origin) return ProposedEpoch::CAUSE_ORIGIN;
    switch (step) {
      case Step::kWrap:
        return ProposedEpoch::CAUSE_WRAP;
      case Step::kFall:
        return ProposedEpoch::CAUSE_FALL;
      case Step::kJump:
        return ProposedEpoch::CAUSE_JUMP;
      default:
        return ProposedEpoch::CAUSE_RESTART;
    }
  }

  void Propose(ProposedEpoch::Cause cause) {
    kept_.set_epochs_given(kept_.epochs_given() + 1);
    ProposedEpoch& proposed = *kept_.mutable_proposed();
    proposed.set_epoch(kept_.epochs_given());
    *proposed.mutable_last() = point_;
    *proposed.mutable_first() = point_;
    proposed.set_advanced(false);
    proposed.set_advances(0);
    proposed.set_cause(cause);
    if (cause == ProposedEpoch::CAUSE_FALL || cause == ProposedEpoch::CAUSE_JUMP) {
      meter_.add_quality(event::v1::READING_QUALITY_IMPLAUSIBLE);
    }
    if (cause == ProposedEpoch::CAUSE_WRAP) {
      meter_.add_quality(event::v1::READING_QUALITY_WRAPPED);
    }
    SayProposed();
  }

  void GoOnInProposed(Step step) {
    ProposedEpoch& proposed = *kept_.mutable_proposed();
    if (step == Step::kRollBack) {
      meter_.add_quality(event::v1::READING_QUALITY_ROLLED_BACK);
    } else {
      if (point_.value() > proposed.last().value()) {
        proposed.set_advanced(true);
        proposed.set_advances(proposed.advances() + 1);
      }
      *proposed.mutable_last() = point_;
    }
    SayProposed();
  }

  void SayProposed() {
    meter_.add_quality(event::v1::READING_QUALITY_EPOCH_PROPOSED);
    meter_.set_epoch(kept_.proposed().epoch());
  }

  Meter& meter_;
  const MeterPoint& point_;
  KeptMeter& kept_;
  const CounterBounds& bounds_;
};

// Two counters can have the same key (one marker number in each of two engines): then the OID tells
// them apart, and no two of one reading share a place.
class Places {
 public:
  explicit Places(MeterHistory& history) : history_(history) {}

  // Null where it is not followed yet.
  KeptMeter* Find(std::uint64_t key, std::uint64_t origin) {
    int found = -1;
    for (int i = 0; i < std::min(history_.meters_size(), kMetersKept); ++i) {
      const KeptMeter& kept = history_.meters(i);
      if (kept.key() != key || taken_.test(static_cast<std::size_t>(i))) continue;
      const bool same = kept.good().origin() == origin || kept.proposed().last().origin() == origin;
      if (found < 0 || same) found = i;
      if (same) break;
    }
    if (found < 0) return nullptr;
    taken_.set(static_cast<std::size_t>(found));
    return history_.mutable_meters(found);
  }

  // Null where there is no room.
  KeptMeter* Add(std::uint64_t key) {
    if (history_.meters_size() >= kMetersKept) return nullptr;
    taken_.set(static_cast<std::size_t>(history_.meters_size()));
    KeptMeter* kept = history_.add_meters();
    kept->set_key(key);
    return kept;
  }

 private:
  MeterHistory& history_;
  std::bitset<kMetersKept> taken_;
};

// The value is one that counts: it is in the epoch in force now.
void TakeBackDoubts(Meter& meter) {
  auto& quality = *meter.mutable_quality();
  quality.erase(std::remove_if(quality.begin(),
                               quality.end(),
                               [](int each) {
                                 return each == event::v1::READING_QUALITY_EPOCH_PROPOSED ||
                                        each == event::v1::READING_QUALITY_WRAPPED;
                               }),
                quality.end());
}

// Confirms the epoch that is proposed, if a rule does.
void ApplyRules(
    Board board, bool registered, KeptMeter& kept, Meter& meter, MeterJudgement& judgement) {
  if (!kept.has_proposed()) return;
  const bool of_registered = registered && (board == Board::kChanged || board == Board::kForeign);
  const std::string_view rule = ConfirmingRule(kept, board == Board::kKnown, of_registered);
  if (rule.empty()) return;
  ConfirmedByRule& confirmed = judgement.confirmed.emplace_back();
  confirmed.rule = rule;
  confirmed.epoch = Confirm(kept);
  *confirmed.epoch.mutable_kind() = meter.kind();
  confirmed.epoch.set_source(meter.source());
  confirmed.epoch.set_oid(meter.oid());
  TakeBackDoubts(meter);
}

bool AllZero(const google::protobuf::RepeatedPtrField<Meter>& meters) {
  return std::all_of(
      meters.begin(), meters.end(), [](const Meter& meter) { return meter.value() == 0; });
}

}  // namespace

std::uint64_t MeterKey(const event::v1::MeterKind& kind, event::v1::MeterSource source) {
  StableDigest digest;
  for (const int word : {static_cast<int>(source),
                         static_cast<int>(kind.function()),
                         static_cast<int>(kind.colour()),
                         static_cast<int>(kind.size()),
                         static_cast<int>(kind.sides()),
                         static_cast<int>(kind.unit())}) {
    digest.Number(static_cast<std::uint64_t>(word));
  }
  digest.Number(kind.marker());
  digest.Number(kind.department());
  digest.Text(kind.media_size());
  digest.Text(kind.mode());
  return digest.value();
}

MeterJudgement JudgeMeters(const MeterSighting& sighting,
                           google::protobuf::RepeatedPtrField<Meter>& meters,
                           MeterHistory& history) {
  static const CounterBounds kAny;
  const CounterBounds& bounds = sighting.bounds == nullptr ? kAny : *sighting.bounds;
  MeterJudgement judgement;
  const Board board = BoardOf(sighting.serial_number, history);
  const bool all_zero = AllZero(meters);
  Places places(history);
  std::vector<FollowedMeter> followed;
  for (Meter& meter : meters) {
    MeterPoint point;
    point.set_value(meter.value());
    point.set_read_millis(base::ToMillis(sighting.now));
    StableDigest origin;
    origin.Text(meter.oid());
    point.set_origin(origin.value());
    const std::uint64_t key = MeterKey(meter.kind(), meter.source());
    KeptMeter* kept = places.Find(key, point.origin());
    if (kept == nullptr) {
      if (all_zero) continue;  // No base: what it reads next may be its whole life.
      kept = places.Add(key);
      if (kept == nullptr) {
        ++judgement.left_out;
        continue;
      }
      // A base: what was counted before it is nobody's usage.
      *kept->mutable_good() = point;
      kept->set_epoch(1);
      kept->set_epochs_given(1);
      meter.set_epoch(1);
      followed.push_back({&meter, kept});
      continue;
    }
    followed.push_back({&meter, kept});
    Judge judge(meter, point, *kept, bounds);
    if (all_zero && kept->good().value() > 0) {
      judge.AllZero();
    } else {
      judge.At(board);
      ApplyRules(board, sighting.registered, *kept, meter, judgement);
    }
  }
  if (sighting.registered) {
    history.set_serial_number(std::string(sighting.serial_number));
    history.clear_other_serial_number();
  }
  judgement.disagreements = CompareSources(meters, followed, bounds.save_step);
  return judgement;
}

std::uint64_t EpochsGiven(const MeterHistory& history) {
  std::uint64_t given = 0;
  for (const KeptMeter& kept : history.meters()) given += kept.epochs_given();
  return given;
}

bool IsChargeable(const Meter& meter) {
  return meter.epoch() > 0 &&
         std::none_of(meter.quality().begin(), meter.quality().end(), [](int quality) {
           return quality == event::v1::READING_QUALITY_IMPLAUSIBLE ||
                  quality == event::v1::READING_QUALITY_ROLLED_BACK ||
                  quality == event::v1::READING_QUALITY_WRAPPED ||
                  quality == event::v1::READING_QUALITY_EPOCH_PROPOSED;
         });
}

}  // namespace platen::collector::core
