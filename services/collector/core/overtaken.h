// What a collector may still say when another has overtaken its spool: it has claimed the partition
// without the states that are in the spool (settlement.h), counts on from those before, and says
// what it finds itself. An alert that was over before the other one's claim it can't find; nobody
// else knows of it.
//
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/event.pb.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "libs/base/time.h"

namespace platen::collector::core {

// What a device's state in Kafka has counted, in little room. A value type.
class Counted {
 public:
  explicit Counted(const collector::v1::DeviceState& state);

  // Whether the event rests on this state, or one before it.
  bool Knows(const event::v1::Event& event) const;
  // Whether the event's alert has begun in it.
  bool KnowsAlert(const event::v1::Alert& alert) const;

 private:
  bool Has(std::string_view condition, std::uint64_t instance) const;

  // By digest: counts of conditions, and ids of alerts that have not ended.
  absl::flat_hash_map<std::size_t, std::uint64_t> instances_;
  absl::flat_hash_set<std::size_t> open_;
};

// What the log of the partition says of the one who has overtaken it.
struct Overtaking {
  // When Kafka took its claim to the partition, by the broker's clock. Until then nobody else
  // looked at the devices.
  base::WallTime claimed = base::WallTime::max();
  // By device id: the newest state before that claim, which it has begun with.
  std::map<std::string, Counted> shared;
};

// What becomes of an event that rests on a spooled state.
enum class SpooledFate : std::uint8_t {
  kSaid,   // It rests on the state that is in Kafka.
  kNamed,  // It stands by itself, and is said under a name that nobody else gives.
  kLeft,   // The other collector says what still holds of it.
};

// The same for those of one device, oldest first. By themselves stand those of alerts whose
// beginning and end are both among them, and in no state in Kafka, the end seen before the claim.
std::vector<SpooledFate> FatesOf(std::span<const event::v1::Event> events, const Overtaking& by);

// Gives an event that stands by itself, and its alert, names that no other owner gives: the state
// that counted them is unknown to whoever counts on. The term under which they were counted tells
// them apart; as nothing that follows rests on them, they carry no term of their own. A beginning
// that a row of the alert table tells keeps its id: every observer of the row gives it. Errors:
// those of event::DeriveId().
absl::Status NameByTerm(event::v1::Event& event);

}  // namespace platen::collector::core
