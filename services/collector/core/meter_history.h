// What a counter's new value is worth, beside the values before it: counters fall, wrap, come from
// another board.
//
// No page may be charged twice, or be charged that was never printed. So each counter has epochs:
// within one the highest value stands, and what does not follow from it (a fall beyond the maker's
// save step, a wrap, a rise that no engine prints, another serial number, another OID) proposes a
// new epoch, which stays proposed until a person or a rule (meter_epochs.h) confirms it, or ends
// when the counter goes on where it was. Every rule errs on the side of charging less.
//
// Pure: judgement and history follow from the history before, the values and the time alone, so
// that the next owner of a device judges as this one would have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/counter_bounds.h"

namespace platen::collector::core {

// Counters of one device that are followed. Office devices have up to a few dozen; what goes beyond
// is published with epoch 0, which nobody charges.
inline constexpr int kMetersKept = 128;

// Counters read together.
struct MeterSighting {
  // Who the device says it is, as event::SerialEvidence() has it; empty where it does not say.
  std::string_view serial_number;
  // When the answer came, by the collector's clock.
  base::WallTime now;
  // How this maker's counters behave; null for the bounds that hold for any.
  const CounterBounds* bounds = nullptr;
  // A person has registered that serial number for this device.
  bool registered = false;
};

// An epoch that a rule has confirmed with this sighting.
struct ConfirmedByRule {
  event::v1::ConfirmedEpoch epoch;
  std::string_view rule;
};

// Two sources of one counter that disagree, as the contract's MeterMismatch has them; indices into
// the meters.
struct Disagreement {
  int preferred = 0;
  int other = 0;
};

// What came of a sighting.
struct MeterJudgement {
  // That began with this sighting.
  std::vector<Disagreement> disagreements;
  // Of counters whose readings count again.
  std::vector<ConfirmedByRule> confirmed;
  // Counters beyond kMetersKept.
  std::size_t left_out = 0;
};

// Gives every one of `meters` its epoch and what is against it (IMPLAUSIBLE, ROLLED_BACK, WRAPPED,
// EPOCH_PROPOSED, MISMATCH), and brings `history` up to date.
MeterJudgement JudgeMeters(const MeterSighting& sighting,
                           google::protobuf::RepeatedPtrField<event::v1::Meter>& meters,
                           collector::v1::MeterHistory& history);

// KeptMeter.key: what is counted, and who says so.
std::uint64_t MeterKey(const event::v1::MeterKind& kind, event::v1::MeterSource source);

// Numbers given to epochs so far, of all counters together: more than before means that one has
// begun or that a value did not go on where the one before was.
std::uint64_t EpochsGiven(const collector::v1::MeterHistory& history);

// Whether the value may be charged against another such value of the same epoch.
bool IsChargeable(const event::v1::Meter& meter);

}  // namespace platen::collector::core
