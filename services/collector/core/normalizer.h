// Turns what a device said into events, and into the state that the next reading is compared with.
//
// Pure: the same target, state, reading and time give the same events. Events leave without source,
// lane and id: the Sequencer stamps them when they are published.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/event.pb.h"
#include "platen/event/v1/pipeline.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/cadence.h"
#include "services/collector/core/profile.h"
#include "services/collector/core/tables.h"

namespace platen::collector::core {

// One answered reading of one device.
struct Reading {
  ReadingKind kind = ReadingKind::kStatus;
  // What it covers is what it asked for: a status reading has no supplies.
  event::v1::DeviceSnapshot snapshot;
  // The maker's own bounds and tables; null where no profile fits. Borrowed during the call.
  const Profile* profile = nullptr;
  // Tables that were read to their end.
  Tables whole;
  // The device's intervals, from which scheduled readings get their numbers.
  Cadence cadence;
  // When the answer came, by the collector's clock.
  base::WallTime time;
};

// What follows from a reading.
struct Outcome {
  // Rest on the state: it must be durable before they are produced.
  std::vector<event::v1::Event> after_state;
  // Told apart by their slot: can be produced at once.
  std::vector<event::v1::Event> at_once;
  // Whether `state` has changed in a way that another owner must know.
  bool state_changed = false;
  // Another device answers, or may: nothing of the reading was taken.
  bool refused = false;
  // What was read has to be followed by a full reading now: only that tells who answers.
  bool wants_full = false;
  // Alerts that came and went unseen.
  std::uint64_t alerts_missed = 0;
  // Alerts that the device's bound left out.
  std::size_t alerts_left_out = 0;
  // Counters of this reading that the device's bound left out.
  std::size_t meters_left_out = 0;
  // Supplies of this reading that the device's bound left out.
  std::size_t supplies_left_out = 0;
};

// What every event of a device shares.
struct Subject {
  const event::v1::Target* target = nullptr;
  std::uint64_t term = 0;
};

// An answered reading. Updates `state`.
Outcome OnReading(const Subject& subject,
                  const Reading& reading,
                  collector::v1::DeviceState& state);

// A reading that nobody answered.
struct Silence {
  base::WallTime time;
  // When the device last answered, where whoever asked has seen that.
  std::optional<base::WallTime> answered;
  // Why, where whoever asked knows; else what is known of the device has to do.
  event::v1::SilenceReason reason = event::v1::SILENCE_REASON_UNSPECIFIED;
};

// After two in a row the device is suspect, after three unreachable, which is an alert of its own
// that began when the device last answered; nothing else is concluded from silence.
Outcome OnSilence(const Subject& subject,
                  const Silence& silence,
                  collector::v1::DeviceState& state);

// Whether the state says that this interval has been read.
bool IsRead(const collector::v1::DeviceState& state,
            ReadingKind kind,
            base::Duration interval,
            std::uint64_t number);

inline constexpr std::uint32_t kMissesUntilSuspect = 2;
inline constexpr std::uint32_t kMissesUntilUnreachable = 3;

}  // namespace platen::collector::core
