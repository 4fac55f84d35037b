// Numbers events by (lane, route) within one life of a source.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "platen/event/v1/event.pb.h"

#include "absl/status/status.h"

namespace platen::event {

// Thread-confined. One per source and life: a new life has a higher epoch, so numbers never repeat.
class Sequencer {
 public:
  // `region` is the installation's; empty where it has none.
  Sequencer(std::string instance, std::uint64_t epoch, std::string region = "")
      : instance_(std::move(instance)), epoch_(epoch), region_(std::move(region)) {}

  // Fills source, lane and id of `event`; the next number is taken only if that succeeds. An empty
  // route becomes "default". kInvalidArgument where the id can't be derived.
  absl::Status Stamp(v1::Event& event);

  // Highest number given so far, by (lane, route).
  const std::map<std::pair<v1::Lane, std::string>, std::uint64_t>& highest() const {
    return highest_;
  }

  const std::string& instance() const { return instance_; }

  std::uint64_t epoch() const { return epoch_; }

 private:
  std::string instance_;
  std::uint64_t epoch_;
  std::string region_;
  std::map<std::pair<v1::Lane, std::string>, std::uint64_t> highest_;
};

// The next life's epoch: above the one before, and at least the wall clock in milliseconds, so that
// a lost state directory does not make it repeat.
std::uint64_t NextEpoch(std::uint64_t previous, std::int64_t now_millis);

}  // namespace platen::event
