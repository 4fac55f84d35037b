// What follows from a reading, on its way to Kafka: the device's state, then its events, or the
// other way round, until all of it is acknowledged. Then the round is over.
//
// Pure, thread-confined; works on the devices of one table.
#pragma once

#include <cstdint>
#include <optional>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/event.pb.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "libs/event/sequence.h"
#include "services/collector/core/device_table.h"
#include "services/collector/core/effects.h"
#include "services/collector/core/normalizer.h"
#include "services/collector/core/numbers.h"

namespace platen::collector::core {

class Settling {
 public:
  // Both must outlive this.
  Settling(DeviceTable& devices, event::Sequencer& sequencer)
      : devices_(devices), sequencer_(sequencer) {}

  // Sends what follows from the device's round on its way; the round has the
  // state already. True where nothing is on its way: the round is over. REQUIRES: the device has a
  // round.
  bool Begin(DeviceSlot slot, Outcome outcome, Effects& effects);

  // The same for events that an owner before had decided, and perhaps not said.
  bool SayAgain(DeviceSlot slot, collector::v1::DeviceState restored, Effects& effects);

  // What an acknowledgement means.
  enum class Step : std::uint8_t {
    kNotOurs,  // The token is not of this object.
    kOnItsWay,
    kOver,  // The round's last one.
  };

  struct Progress {
    Step step = Step::kNotOurs;
    DeviceSlot device = 0;
  };

  Progress OnStatePut(std::uint64_t token, const absl::Status& status, Effects& effects);
  Progress OnPublished(std::uint64_t token, const absl::Status& status, Effects& effects);

  // Forgets what is on its way of this device. What does not arrive all the same is given up.
  void Drop(DeviceSlot slot);

  // Tokens of writes are drawn here, so that whoever else writes can draw from the same numbers.
  std::uint64_t NextToken() { return ++last_token_; }

  // Of all that is stamped, here and elsewhere.
  Numbers& numbers() { return numbers_; }

  const Numbers& numbers() const { return numbers_; }

  // Events that were stamped.
  std::uint64_t events() const { return events_; }

  // Events that could not be stamped, and writes that Kafka refused.
  std::uint64_t refused() const { return refused_; }

 private:
  // A write without acknowledgement. Kept so that it can be said again when it was cancelled.
  struct Pending {
    DeviceSlot device = 0;
    std::optional<event::v1::Event> event;  // None: the state.
  };

  void WriteState(DeviceSlot slot, Effects& effects);
  void Say(DeviceSlot slot, event::v1::Event event, Effects& effects);
  Progress Acknowledged(DeviceSlot slot, Effects& effects);
  std::optional<Pending> Take(std::uint64_t token);

  DeviceTable& devices_;
  event::Sequencer& sequencer_;
  absl::flat_hash_map<std::uint64_t, Pending> pending_;
  // Events of devices that were dropped, until it is known whether they arrived.
  absl::flat_hash_map<std::uint64_t, NumberGiven> dropped_;
  Numbers numbers_;
  std::uint64_t last_token_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace platen::collector::core
