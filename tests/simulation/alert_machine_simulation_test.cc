// Printers of many personas against the alert machine, from a seed: rows that come two polls after
// their bits, rows that are half written when they are read, tables that overflow, are compacted or
// begin anew, indexes that are given again, boots, sleep, polls that are lost, walks that break
// off, collectors that come back with what they had written down.
//
// Whatever happens, each true condition that lasts long enough to be seen becomes exactly one alert
// with a right end, nothing is invented, and what came and went unseen is counted. A failing seed
// is printed; PLATEN_SIMULATION_SEED=N replays it, PLATEN_SIMULATION_SEEDS=10000 tries more.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/event/sequence.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/fleet_poller.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"
#include "tests/simulation/alert_printer.h"

namespace platen::collector {
namespace {

namespace oids = core::oids;
using event::v1::Alert;
using event::v1::Event;

constexpr std::uint64_t kSeeds = 200;
constexpr base::WallTime kStart = base::WallFromMillis(1'767'225'600'000);
constexpr base::MonotonicTime kUpSince = base::MonotonicTime() + std::chrono::hours(1);
constexpr base::Duration kStorm = std::chrono::hours(3);
constexpr base::Duration kCalm = std::chrono::hours(7);

std::string At(base::WallTime time) {
  return base::StrCat(base::ToMillis(time - kStart) / 1000, "s");
}

// One alert, over all that was told of it.
struct Life {
  std::string id;
  std::string condition;
  int place = 0;  // 0: not known.
  base::WallTime raised;
  std::optional<base::WallTime> ended;
  event::v1::AlertEnd end = event::v1::ALERT_END_UNSPECIFIED;
  bool by_level = false;
  bool back_by_bit = false;  // After a boot, a bit alone has told of it again.
};

// A status or full reading.
struct Look {
  base::WallTime time;
  bool clean = false;   // Everything that was asked for was answered.
  bool walked = false;  // The alert table was read, to its end.
};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed)
      : random_(seed),
        persona_(DrawPersona(random_)),
        printer_(persona_, random_, kStart),
        may_tear_(!persona_.counts || random_.Chance(0.3)) {
    target_.set_device_id(std::string(16, 's'));
    target_.set_tenant("acme");
    target_.set_site("hq");
    target_.set_address("127.0.0.1");
  }

  void Run() {
    Restart();
    while (now_ <= kStart + kStorm + kCalm) {
      // A device that is new waits for nothing.
      if (const auto next = poller_->next()) now_ = std::max(now_, kStart + (*next - kUpSince));
      calm_ = now_ > kStart + kStorm;
      if (calm_) {
        printer_.Calm(now_);
      } else {
        printer_.Advance(now_);
        if (random_.Chance(0.01)) Restart();
      }
      Round();
    }
  }

  void Check() {
    std::map<const Trouble*, std::vector<const Life*>> told;
    for (const auto& [key, life] : lives_) {
      const Trouble* trouble = CauseOf(life);
      if (trouble == nullptr) {
        ADD_FAILURE() << "nothing ails the printer, and there is " << Words(life);
        continue;
      }
      told[trouble].push_back(&life);
      CheckEnd(life, *trouble);
    }
    for (const Trouble& trouble : printer_.troubles()) CheckTold(trouble, told[&trouble]);
  }

 private:
  core::Now Now() const { return {kUpSince + (now_ - kStart), now_}; }

  // A collector that knows what the one before had written down.
  void Restart() {
    poller_ =
        std::make_unique<core::FleetPoller>(core::FleetPollerOptions(), profiles_, sequencer_);
    core::Effects effects;
    const auto id = base::DeviceId::FromBytes(target_.device_id());
    poller_->Add(0, *id, target_, record_, ++term_, Now(), effects);
    Settle(effects);
  }

  // One turn of the poller, until nothing is on its way.
  void Round() {
    look_ = {now_};
    is_status_ = false;
    look_.clean = true;
    missed_ = 0;
    lost_ = !printer_.is_up(now_) || (!calm_ && random_.Chance(0.06));
    torn_ = may_tear_ && !calm_ && random_.Chance(0.05);
    core::Effects effects;
    poller_->OnTimer(Now(), false, effects);
    if (effects.reads.empty()) return;
    Settle(effects);
    if (torn_) look_.clean = false;
    if (!is_status_) return;
    looks_.push_back(look_);
    CheckMissed();
  }

  void Settle(core::Effects& effects) {
    while (!effects.reads.empty() || !effects.states.empty() || !effects.events.empty()) {
      core::Effects next;
      for (const core::ReadRequest& read : effects.reads) {
        poller_->OnAnswer(Now(), Answer(read), next);
      }
      for (core::StateWrite& state : effects.states) {
        record_ = state.value.value_or("");
        poller_->OnStatePut(Now(), state.token, absl::OkStatus(), next);
      }
      for (const core::EventWrite& event : effects.events) {
        Note(event.event);
        poller_->OnPublished(Now(), event.token, absl::OkStatus(), next);
      }
      effects = std::move(next);
    }
  }

  core::ReadAnswer Answer(const core::ReadRequest& read) {
    core::ReadAnswer answer;
    answer.id = read.id;
    const bool is_status = std::any_of(read.plan.scalars.begin(),
                                       read.plan.scalars.end(),
                                       [](const auto& name) { return name == oids::kSysUpTime; });
    is_status_ |= is_status;
    // The second half of a reading may be lost where the first was not.
    if (lost_ || (!is_status && !calm_ && random_.Chance(0.05))) {
      look_.clean = false;
      return answer;
    }
    answer.result = core::ReadAnswer::Result::kAnswered;
    answer.complete = true;
    const bool in_part = !calm_ && random_.Chance(0.08);
    const std::vector<snmp::Varbind> shown = printer_.Show(now_, torn_);
    for (const snmp::Oid& name : read.plan.scalars) {
      for (const snmp::Varbind& each : shown) {
        if (each.name == name) answer.values.push_back(each);
      }
    }
    bool rows_asked = false;
    for (const snmp::Oid& subtree : read.plan.subtrees) {
      // A walk that breaks off breaks off in the alert table, too: what the core makes of one that
      // does so elsewhere depends on what the reading rests on.
      const bool rows = subtree.StartsWith(oids::kAlertEntry);
      Walk(subtree, shown, in_part && (random_.Chance(0.3) || (rows && !rows_asked)), answer);
      rows_asked |= rows;
    }
    core::SortReadings(answer.values);
    const bool rows_whole = std::none_of(
        answer.unfinished.begin(), answer.unfinished.end(), [](const snmp::Oid& subtree) {
          return subtree.StartsWith(oids::kAlertEntry);
        });
    look_.walked |= rows_asked && rows_whole;
    if (!answer.complete) look_.clean = false;
    return answer;
  }

  void Walk(const snmp::Oid& subtree,
            const std::vector<snmp::Varbind>& shown,
            bool breaks_off,
            core::ReadAnswer& answer) {
    if (breaks_off) {
      answer.complete = false;
      answer.unfinished.push_back(subtree);
    }
    for (const snmp::Varbind& each : shown) {
      if (!each.name.StartsWith(subtree)) continue;
      if (breaks_off && random_.Chance(0.5)) return;
      answer.values.push_back(each);
    }
  }

  // As whoever stores it: what is said again after a restart is the same event.
  void Note(const Event& event) {
    if (!ids_.insert(event.id()).second) return;
    if (event.has_missed_alerts()) missed_ += event.missed_alerts().count();
    if (!event.has_alert() || event.alert().origin() == event::v1::ALERT_ORIGIN_PLATEN) return;
    const Alert& alert = event.alert();
    const bool raised = alert.transition() == event::v1::ALERT_TRANSITION_RAISED;
    const auto found = lives_.find(alert.alert_id());
    if (found == lives_.end()) {
      EXPECT_TRUE(raised) << "the first that is told of it is no beginning: " << alert.alert_id();
      Life& life = lives_[alert.alert_id()];
      life.id = alert.alert_id();
      life.condition = life.id.substr(0, life.id.find('/'));
      life.raised = now_;
    } else if (raised) {
      EXPECT_EQ(found->second.end, event::v1::ALERT_END_SUPERSEDED)
          << "begins again without having been superseded: " << alert.alert_id();
      found->second.ended.reset();
      found->second.back_by_bit |= alert.origin() == event::v1::ALERT_ORIGIN_DERIVED;
    } else {
      EXPECT_FALSE(found->second.ended.has_value()) << "told after its end: " << alert.alert_id();
    }
    Life& life = lives_[alert.alert_id()];
    const bool placed = (alert.group() == 8 || alert.group() == 11) && alert.group_index() > 0;
    if (placed && !life.back_by_bit) {
      life.place = alert.group_index();
    }
    life.by_level = alert.origin() == event::v1::ALERT_ORIGIN_DERIVED && alert.group() == 11;
    life.end = alert.end();
    if (alert.transition() == event::v1::ALERT_TRANSITION_ENDED) life.ended = now_;
  }

  // What came and went since the table was last read to its end: told in this very reading. A row
  // without a time that comes again where it stood can't be told from the one before.
  void CheckMissed() {
    if (!look_.walked || !persona_.counts || !persona_.times || may_tear_) return;
    const std::vector<std::uint64_t> listed = printer_.ListedNumbers();
    const bool anew = std::any_of(printer_.resets().begin(),
                                  printer_.resets().end(),
                                  [this](base::WallTime at) { return at >= walked_; });
    if (!anew && walked_written_.has_value()) {
      const auto seen = static_cast<std::uint64_t>(
          std::count_if(listed.begin(), listed.end(), [this](std::uint64_t number) {
            return number > *walked_written_;
          }));
      EXPECT_EQ(missed_, printer_.written() - *walked_written_ - seen)
          << "alerts that came and went unseen before " << At(now_);
    }
    walked_ = now_;
    walked_written_ = printer_.written();
  }

  // --- What must hold ---------------------------------------------------------------------------

  base::Duration TailOf() const { return std::max(persona_.row_tail, persona_.bit_tail); }

  // A printer that has booted lists nothing for a while.
  bool HasJustBooted(base::WallTime now) const {
    return std::any_of(printer_.resets().begin(), printer_.resets().end(), [&](base::WallTime at) {
      return at <= now && now < at + std::chrono::minutes(5);
    });
  }

  // The time of the second clean look at or after `from`; nothing where there were not as many.
  std::optional<base::WallTime> SecondLook(base::WallTime from,
                                           bool walked_only,
                                           bool listed_only) const {
    int left = 2;
    for (const Look& look : looks_) {
      if (look.time < from || !look.clean || (walked_only && !look.walked)) continue;
      if (listed_only && HasJustBooted(look.time)) continue;
      if (--left == 0) return look.time;
    }
    return std::nullopt;
  }

  // Until when an alert of it must have ended, at the latest.
  base::WallTime EndOf(const Trouble& trouble, bool by_level) const {
    const base::WallTime end = trouble.until.value_or(now_) + TailOf();
    if (by_level) return end + std::chrono::hours(3);
    return SecondLook(end, false, false).value_or(now_);
  }

  // After a boot, a bit is taken for what was there before it, also where it is another's.
  base::WallTime EndOf(const Trouble& trouble, const Life& life) const {
    base::WallTime end = EndOf(trouble, life.by_level);
    if (!life.back_by_bit) return end;
    for (const Trouble& each : printer_.troubles()) {
      if (each.kind == trouble.kind && each.since <= end) {
        end = std::max(end, EndOf(each, life.by_level));
      }
    }
    return end;
  }

  // Something of that kind was true then, at whatever place.
  bool WasTrue(std::string_view condition, base::WallTime at) const {
    return std::any_of(
        printer_.troubles().begin(), printer_.troubles().end(), [&](const Trouble& each) {
          return kKinds[static_cast<std::size_t>(each.kind)].condition == condition &&
                 each.since <= at && at <= EndOf(each, false);
        });
  }

  // The condition that an alert may be of: the last one that had begun. A bit tells of one before
  // rows tell where, and the first row is taken for its.
  const Trouble* CauseOf(const Life& life) const {
    const Trouble* cause = LastBegun(life, life.raised);
    if (cause != nullptr || !persona_.bits || !WasTrue(life.condition, life.raised)) return cause;
    return LastBegun(life, life.raised + std::chrono::minutes(6));
  }

  const Trouble* LastBegun(const Life& life, base::WallTime by) const {
    const Trouble* last = nullptr;
    for (const Trouble& each : printer_.troubles()) {
      if (kKinds[static_cast<std::size_t>(each.kind)].condition != life.condition) continue;
      if (life.place != 0 && life.place != each.place) continue;
      if (each.since > by || life.raised > EndOf(each, life.by_level)) continue;
      if (last == nullptr || each.since >= last->since) last = &each;
    }
    return last;
  }

  bool WasReset(const Trouble& trouble, base::WallTime before) const {
    return std::any_of(printer_.resets().begin(), printer_.resets().end(), [&](base::WallTime at) {
      return at >= trouble.since && at <= before;
    });
  }

  // A boot took its views away, and it was over before the printer showed them again, and they were
  // looked at.
  bool EndsBeforeItIsBack(const Trouble& trouble, base::WallTime superseded) const {
    const auto back = SecondLook(superseded + std::chrono::minutes(2), false, false);
    return !back.has_value() || trouble.until.value_or(now_) <= *back;
  }

  // Another of its kind has come back by a bit that may have been its own.
  bool MayBeTakenForAnother(const Life& life) const {
    return std::any_of(lives_.begin(), lives_.end(), [&life](const auto& each) {
      return each.second.back_by_bit && each.second.condition == life.condition;
    });
  }

  void CheckEnd(const Life& life, const Trouble& trouble) const {
    if (!life.ended.has_value()) {
      ADD_FAILURE() << "never ends: " << Words(life) << " of " << Words(trouble);
      return;
    }
    const bool superseded = life.end == event::v1::ALERT_END_SUPERSEDED;
    const bool early = *life.ended < trouble.until.value_or(now_);
    if (early && !trouble.pushed_out && !(superseded && MayBeTakenForAnother(life)) &&
        !(superseded && EndsBeforeItIsBack(trouble, *life.ended))) {
      ADD_FAILURE() << "ends too early: " << Words(life) << " of " << Words(trouble);
    }
    if (superseded && !trouble.pushed_out) {
      EXPECT_TRUE(WasReset(trouble, *life.ended)) << "no boot, and superseded: " << Words(life);
    }
    const bool unary = trouble.kind == kTonerKind && persona_.unary_toner;
    EXPECT_TRUE(life.end != event::v1::ALERT_END_WITHDRAWN || unary) << Words(life);
    EXPECT_LE(*life.ended, EndOf(trouble, life))
        << "ends too late: " << Words(life) << " of " << Words(trouble);
  }

  // The reading that shows that a toner is no longer low is the first that shows the bit, which
  // goes later: it may be another's.
  static bool IsToldByLevelAndBit(const std::vector<const Life*>& lives) {
    return lives.size() == 2 && lives[0]->by_level && lives[0]->ended == lives[1]->raised;
  }

  // Where no table was read to its end while it was true, its bit is gone before its row is seen.
  bool WasListedAndRead(const Trouble& trouble) const {
    return std::any_of(looks_.begin(), looks_.end(), [&](const Look& look) {
      return look.walked && look.time >= trouble.since + persona_.row_lag &&
             look.time < trouble.until.value_or(now_);
    });
  }

  void CheckTold(const Trouble& trouble, const std::vector<const Life*>& lives) const {
    const bool twice =
        trouble.pushed_out || IsToldByLevelAndBit(lives) || !WasListedAndRead(trouble);
    const std::size_t most = twice ? 2 : 1;
    if (lives.size() > most) {
      ADD_FAILURE() << Words(trouble) << " is told " << lives.size()
                    << " times: " << Words(*lives[0]) << ", " << Words(*lives[1]);
    }
    // What only rows tell, and no counter points to, is seen when the table happens to be read.
    const bool walked_only = !persona_.counts && !persona_.bits;
    const base::Duration lag = persona_.bits ? base::Duration::zero() : persona_.row_lag;
    const auto seen = SecondLook(trouble.since + lag, walked_only, /*listed_only=*/true);
    if (!seen.has_value() || *seen >= trouble.until.value_or(now_)) return;
    // Its row may have gone before anybody looked.
    if (lives.empty() && trouble.pushed_out && !persona_.bits) return;
    if (lives.empty()) {
      ADD_FAILURE() << "not told: " << Words(trouble);
    } else {
      EXPECT_LE(lives[0]->raised, *seen) << "told late: " << Words(trouble);
    }
  }

  std::string Words(const Life& life) const {
    return base::StrCat(life.id,
                        life.place == 0 ? "" : base::StrCat(" at ", life.place),
                        " (",
                        At(life.raised),
                        " to ",
                        life.ended.has_value() ? At(*life.ended) : "ever",
                        ", ",
                        event::v1::AlertEnd_Name(life.end),
                        ")");
  }

  std::string Words(const Trouble& trouble) const {
    return base::StrCat(kKinds[static_cast<std::size_t>(trouble.kind)].condition,
                        " at ",
                        trouble.place,
                        " (",
                        At(trouble.since),
                        " to ",
                        At(trouble.until.value_or(now_)),
                        trouble.pushed_out ? ", pushed out)" : ")");
  }

  base::Random random_;
  const Persona persona_;
  AlertPrinter printer_;
  const bool may_tear_;
  core::ProfileSet profiles_;
  event::Sequencer sequencer_{"simulation", 1};
  event::v1::Target target_;
  std::unique_ptr<core::FleetPoller> poller_;
  std::string record_;
  std::uint64_t term_ = 0;
  base::WallTime now_ = kStart;
  bool calm_ = false;
  // Of this round.
  Look look_;
  bool is_status_ = false;
  bool lost_ = false;
  bool torn_ = false;
  std::uint64_t missed_ = 0;
  base::WallTime walked_ = kStart;
  std::optional<std::uint64_t> walked_written_;
  std::vector<Look> looks_;
  std::set<std::string> ids_;
  std::map<std::string, Life> lives_;
};

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(AlertMachineSimulationTest, EveryTrueConditionBecomesOneAlertWithARightEnd) {
  const std::uint64_t only = FromEnvironment("PLATEN_SIMULATION_SEED", 0);
  const std::uint64_t last = only != 0 ? only : FromEnvironment("PLATEN_SIMULATION_SEEDS", kSeeds);
  for (std::uint64_t seed = only != 0 ? only : 1; seed <= last; ++seed) {
    SCOPED_TRACE("PLATEN_SIMULATION_SEED=" + std::to_string(seed));
    Simulation simulation(seed);
    simulation.Run();
    simulation.Check();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace platen::collector
