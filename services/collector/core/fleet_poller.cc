#include "services/collector/core/fleet_poller.h"

#include <algorithm>

#include "services/collector/core/alert_views.h"
#include "services/collector/core/meter_history.h"
#include "services/collector/core/reading_answer.h"
#include "services/collector/core/snapshot.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;

// By the clock that does not step. Nothing where the device was not asked for longer than it should
// have been (it was paused, or Kafka was away): nobody knows whether it was silent all the while.
std::optional<base::WallTime> LastAnswer(const Device& device, const Now& now) {
  if (device.answered == base::MonotonicTime()) return std::nullopt;
  const base::Duration passed = now.monotonic - device.answered;
  const base::Duration usual = device.asleep ? device.cadence->asleep : device.cadence->status;
  if (passed > 2 * usual) return std::nullopt;
  return now.wall - passed;
}

bool TellsNothing(const Outcome& outcome) {
  return outcome.at_once.empty() && outcome.after_state.empty() && !outcome.state_changed;
}

}  // namespace

FleetPoller::FleetPoller(const FleetPollerOptions& options,
                         const ProfileSet& profiles,
                         event::Sequencer& sequencer)
    : options_(options),
      profiles_(&profiles),
      notified_({.per_second = options.notified_polls_per_second,
                 .burst = options.notified_polls_per_second}),
      schedule_(devices_, options.first_readings_max),
      settling_(devices_, sequencer) {}

// --- Reading -----------------------------------------------------------------------------------

void FleetPoller::OnTimer(const Now& now, bool hold, Effects& effects) {
  if (hold) return;
  const auto may_start = [this](const Device& device) {
    return !quiesced_.contains(device.partition);
  };
  while (const auto turn = schedule_.Take(now, may_start)) {
    Start(*turn, now, effects);
  }
}

void FleetPoller::Start(const PollSchedule::Turn& turn, const Now& now, Effects& effects) {
  const DeviceSlot slot = turn.device;
  Device& device = devices_[slot];
  device.round = std::make_unique<Round>();
  Round& round = *device.round;
  round.kind = turn.kind;
  const bool looks = turn.kind == ReadingKind::kStatus || turn.kind == ReadingKind::kFull;
  if (looks) device.notified = false;
  if (!device.known) {
    round.first_ever = device.answers;
    round.knock = !device.answers;
    if (round.knock) {
      schedule_.KnockBegun();
      return Ask(slot, {KnockPlan(), nullptr}, effects, turn.due);
    }
    schedule_.FirstBegun();
  }
  if (round.kind == ReadingKind::kStatus) {
    return Ask(slot, {*device.status_plan, nullptr}, effects, turn.due);
  }
  Question question = AskScheduled(device, StateOf(device), now);
  if (question.plan.empty()) return FinishRound(slot, now, effects);
  Ask(slot, std::move(question), effects, turn.due);
}

// Who has long been silent, or was never heard, is asked once a time: the next try comes with the
// next poll.
void FleetPoller::Ask(DeviceSlot slot,
                      Question question,
                      Effects& effects,
                      std::optional<base::MonotonicTime> due) {
  Device& device = devices_[slot];
  device.phase = Phase::kReading;
  device.round->known = std::move(question.known);
  effects.reads.push_back({.id = {slot, ++device.reading_number},
                           .access = device.access,
                           .plan = std::move(question.plan),
                           .once = device.round->knock || device.mute.has_value(),
                           .due = due});
}

// Whether anybody is there at all.
void FleetPoller::OnKnocked(DeviceSlot slot,
                            const Now& now,
                            const ReadAnswer& answer,
                            Effects& effects) {
  Device& device = devices_[slot];
  device.answers = answer.result == ReadAnswer::Result::kAnswered;
  if (!device.answers) return Conclude(slot, now, answer, effects);
  FinishRound(slot, now, effects);
}

void FleetPoller::OnNotification(const Now& now, const SenderClues& clues) {
  const std::vector<DeviceSlot> meant = agents_.Meant(clues);
  for (const DeviceSlot slot : meant) LookSoon(slot, now);
  if (meant.empty()) ++figures_.notified_by_strangers;
}

void FleetPoller::LookSoon(DeviceSlot slot, const Now& now) {
  Device& device = devices_[slot];
  if (!device.known || device.paused || device.removed) return;
  if (device.notified) {
    ++figures_.notified_again;
  } else if (notified_.Available(now.monotonic) == 0) {
    ++figures_.notified_limited;
  } else {
    notified_.Take(now.monotonic, 1);
    ++figures_.notified;
    device.notified = true;
    if (device.phase == Phase::kIdle) PlanNotified(slot, now);
  }
}

void FleetPoller::PlanNotified(DeviceSlot slot, const Now& now) {
  constexpr base::Duration kPause = std::chrono::seconds(1);
  Device& device = devices_[slot];
  PollSchedule::PlanStatus(device, std::max(now.monotonic, device.answered + kPause));
  schedule_.Enqueue(slot);
}

void FleetPoller::OnAnswer(const Now& now, ReadAnswer answer, Effects& effects) {
  if (answer.id.device >= devices_.slots()) return;
  Device& device = devices_[answer.id.device];
  if (device.phase != Phase::kReading || answer.id.number != device.reading_number) return;
  Round& round = *device.round;
  const DeviceSlot slot = answer.id.device;
  const bool answered = answer.result == ReadAnswer::Result::kAnswered;
  slowest_.Add(now.monotonic,
               {.device = device.id,
                .took = answer.took,
                .requests = answer.requests,
                .answered = answered,
                .end = now.wall});
  if (!answered && !round.first.has_value() && device.mute == answer.result) {
    ++figures_.silent;
    return FinishRound(slot, now, effects);
  }
  if (answered) device.mute.reset();
  if (round.knock) return OnKnocked(slot, now, answer, effects);
  if (answered && round.known != nullptr) {
    if (Complete(*round.known, answer) == Fit::kOutdated) {
      return Ask(slot, AskAnew(device), effects);
    }
    if (round.kind == ReadingKind::kStatus) device.detail_misfits = 0;
  }
  if (round.first.has_value()) {
    if (round.in_context && !answered) {
      // An agent that knows no contexts says nothing to such a question, and that is all it says.
      answer = *std::move(round.first);
      return Conclude(slot, now, answer, effects);
    }
    round.whole = round.whole && answered;
    AddFirstHalf(*round.first, answer);
    if (AskInContext(slot, answer, effects)) return;
    return Conclude(slot, now, answer, effects);
  }
  if (answered && round.kind == ReadingKind::kFull) {
    device.profile = ChooseProfile(answer.values, *profiles_);
    ReadingPlan vendor = device.profile == nullptr
                             ? ReadingPlan()
                             : VendorPlan(*device.profile, ReadPurpose::kEverything);
    if (!vendor.empty()) {
      round.first = std::move(answer);
      return Ask(slot, {std::move(vendor), nullptr}, effects);
    }
    if (AskInContext(slot, answer, effects)) return;
  }
  if (round.kind == ReadingKind::kStatus && SaysNothingNew(device, now, answer)) {
    ++figures_.answered;
    device.answered = now.monotonic;
    return FinishRound(slot, now, effects);
  }
  if (answered && round.kind == ReadingKind::kStatus) {
    if (auto question = AskDetail(device, StateOf(device), answer, now)) {
      round.first = std::move(answer);
      return Ask(slot, *std::move(question), effects);
    }
  }
  Conclude(slot, now, answer, effects);
}

// What a device says only in a context of its own, once its profile is known. Takes `answer` where
// it asks.
bool FleetPoller::AskInContext(DeviceSlot slot, ReadAnswer& answer, Effects& effects) {
  Device& device = devices_[slot];
  Round& round = *device.round;
  if (round.kind != ReadingKind::kFull || round.in_context) return false;
  auto plan = ContextPlan(device.profile, answer.values);
  if (!plan.has_value()) return false;
  round.in_context = true;
  round.first = std::move(answer);
  Ask(slot, {*std::move(plan), nullptr}, effects);
  return true;
}

// The answer says what the one before said, and nothing was open then: nothing has happened.
bool FleetPoller::SaysNothingNew(Device& device, const Now& now, const ReadAnswer& answer) {
  std::optional<StatusGlance>& quiet = device.quiet;
  if (!quiet.has_value()) return false;
  const std::optional<StatusGlance> glance = GlanceAt(answer, now.wall);
  if (!glance.has_value() || glance->fingerprint != quiet->fingerprint ||
      glance->uptime_ticks < quiet->uptime_ticks) {
    return false;
  }
  quiet = glance;
  return true;
}

// Nothing where the answer is not to be believed by what the device is known to have.
std::optional<Outcome> FleetPoller::Normalize(Device& device,
                                              const Now& now,
                                              const ReadAnswer& answer,
                                              Known& known) {
  DeviceState& state = known.state;
  const Subject subject{&known.target, device.term};
  if (answer.result != ReadAnswer::Result::kAnswered) {
    ++figures_.silent;
    Silence silence{.time = now.wall, .answered = LastAnswer(device, now)};
    if (answer.result == ReadAnswer::Result::kNotAsked) {
      silence.reason = event::v1::SILENCE_REASON_NOT_ASKED;
    } else if (answer.result == ReadAnswer::Result::kRefused) {
      silence.reason = event::v1::SILENCE_REASON_CREDENTIALS_REFUSED;
    }
    return OnSilence(subject, silence, state);
  }
  if (device.round->kind == ReadingKind::kFull) {
    device.known = true;
    state.set_profile(device.profile == nullptr ? std::string() : device.profile->name);
    if (!answer.complete) ++figures_.partial;
  }
  const Reading reading = MakeReading(device, known.target, state, answer, now);
  const std::uint64_t epochs = EpochsGiven(state.meters());
  Outcome outcome = OnReading(subject, reading, state);
  // The row of a counter's label, as it is known, may be another counter's by now.
  const bool by_name = device.round->kind == ReadingKind::kMeters && device.round->known != nullptr;
  if (by_name && EpochsGiven(state.meters()) > epochs) return std::nullopt;
  ++figures_.answered;
  if (!outcome.refused) {
    device.answered = now.monotonic;
    LearnFrom(device, reading, answer, now, state);
  }
  outcome.state_changed |= device.round->kind == ReadingKind::kFull;
  figures_.alerts_missed += outcome.alerts_missed;
  figures_.alerts_left_out += outcome.alerts_left_out;
  figures_.meters_left_out += outcome.meters_left_out;
  if (outcome.refused) ++figures_.other_device;
  device.round->wants_full = outcome.wants_full;
  figures_.supplies_left_out += outcome.supplies_left_out;
  return outcome;
}

void FleetPoller::Conclude(DeviceSlot slot,
                           const Now& now,
                           const ReadAnswer& answer,
                           Effects& effects) {
  Device& device = devices_[slot];
  Known known = Recall(device);
  const DeviceState& state = known.state;
  std::optional<Outcome> outcome = Normalize(device, now, answer, known);
  if (!outcome.has_value()) return Ask(slot, AskAnew(device), effects);
  device.mute.reset();
  const bool silent = answer.result != ReadAnswer::Result::kAnswered;
  if (silent && TellsNothing(*outcome) && state.misses() >= kMissesUntilUnreachable) {
    device.mute = answer.result;
  }
  const ReadingKind kind = device.round->kind;
  if (kind == ReadingKind::kStatus && !device.round->first.has_value() && !NeedsWatching(state)) {
    device.quiet = GlanceAt(answer, now.wall);
  } else if (kind == ReadingKind::kStatus || kind == ReadingKind::kFull || state.misses() > 0) {
    device.quiet.reset();
  }
  Settle(slot, now, *std::move(outcome), known, effects);
}

// --- Settling ------------------------------------------------------------------------------------

void FleetPoller::Settle(
    DeviceSlot slot, const Now& now, Outcome outcome, Known& known, Effects& effects) {
  Device& device = devices_[slot];
  Keep(slot, known);
  if (device.round->first_ever && device.known) schedule_.PlanAll(device, known.state, now);
  if (settling_.Begin(slot, std::move(outcome), effects)) FinishRound(slot, now, effects);
}

bool FleetPoller::OnStatePut(const Now& now,
                             std::uint64_t token,
                             const absl::Status& status,
                             Effects& effects) {
  return OnProgress(now, settling_.OnStatePut(token, status, effects), effects);
}

bool FleetPoller::OnPublished(const Now& now,
                              std::uint64_t token,
                              const absl::Status& status,
                              Effects& effects) {
  return OnProgress(now, settling_.OnPublished(token, status, effects), effects);
}

bool FleetPoller::OnProgress(const Now& now, const Settling::Progress& progress, Effects& effects) {
  if (progress.step == Settling::Step::kOver) FinishRound(progress.device, now, effects);
  return progress.step != Settling::Step::kNotOurs;
}

void FleetPoller::FinishRound(DeviceSlot slot, const Now& now, Effects& effects) {
  Device& device = devices_[slot];
  const Round round = std::move(*device.round);
  device.round.reset();
  device.phase = Phase::kIdle;
  LeaveFirst(round);
  if (device.removed) return Free(slot, effects);
  if (round.knock && device.answers) {
    PollSchedule::PlanFirst(device);
  } else if (!round.restore && !device.known) {
    device.answers = false;
    schedule_.PlanFirstAgain(device, now);
  } else if (!round.restore && !round.first_ever) {
    schedule_.PlanNext(device, round.kind, now);
    // A full reading has read what was due beside it.
    for (const ReadingKind kind : kReadingKinds) {
      const bool due = device.due[static_cast<std::size_t>(kind)] <= now.monotonic;
      if (due && round.kind == ReadingKind::kFull) schedule_.PlanNext(device, kind, now);
    }
  }
  if (round.wants_full) schedule_.PlanFull(device, now);
  // What it has said since this reading began is not in it.
  if (device.notified) return PlanNotified(slot, now);
  schedule_.Enqueue(slot);
}

void FleetPoller::LeaveFirst(const Round& round) {
  if (round.first_ever) schedule_.FirstOver();
  if (round.knock) schedule_.KnockOver();
}

std::map<std::int32_t, std::uint32_t> FleetPoller::CountByPartition() const {
  std::map<std::int32_t, std::uint32_t> counts;
  for (DeviceSlot slot = 0; slot < devices_.slots(); ++slot) {
    if (devices_[slot].live) ++counts[devices_[slot].partition];
  }
  return counts;
}

FleetFigures FleetPoller::figures() const {
  FleetFigures figures = figures_;
  figures.devices = devices_.size();
  figures.events = settling_.events();
  figures.refused = settling_.refused();
  figures.waiting_first = schedule_.waiting_first();
  for (DeviceSlot slot = 0; slot < devices_.slots(); ++slot) {
    figures.reading += devices_[slot].phase == Phase::kReading ? 1 : 0;
    figures.settling += devices_[slot].phase == Phase::kSettling ? 1 : 0;
  }
  return figures;
}

}  // namespace platen::collector::core
