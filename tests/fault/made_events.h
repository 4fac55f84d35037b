// The events that the fault laboratory's source says: which, to which device, with what in it, all
// of it from a seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/base/time.h"
#include "libs/event/sequence.h"

namespace platen::fault {

// Of ten events one is an alert (a beginning, then its end, device by device), two are logs, the
// rest telemetry; each lane goes round all devices. Thread-confined.
class EventMaker {
 public:
  // `epoch` is this life's of the source "fault-source". REQUIRES: devices are registered for
  // acme/headquarters.
  EventMaker(std::uint64_t seed, std::uint64_t epoch, std::vector<base::DeviceId> devices);

  // The next one, complete and valid. Aborts where the contract refuses it.
  event::v1::Event Next(base::WallTime now);

 private:
  // Returns whose turn it is.
  std::uint64_t FillAlert(event::v1::Event& event);
  std::string Noise();

  const std::uint64_t seed_;
  base::Random random_;
  const std::vector<base::DeviceId> devices_;
  event::Sequencer sequencer_;
  std::uint64_t made_ = 0;
  std::uint64_t alerts_ = 0;
  std::uint64_t logs_ = 0;
  std::uint64_t readings_ = 0;
};

// The device ids in a file, 32 hexadecimal digits a line. kInvalidArgument where one is none, or
// none is there.
absl::StatusOr<std::vector<base::DeviceId>> ReadDevices(const std::string& path);

}  // namespace platen::fault
