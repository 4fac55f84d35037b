// What the poller's core wants done, and what it is told came of it. Plain values, filled by the
// core and emptied by the wiring.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "libs/base/time.h"
#include "libs/snmp/value.h"
#include "services/collector/core/agent_access.h"
#include "services/collector/core/due_queue.h"
#include "services/collector/core/reading_plan.h"

namespace platen::collector::core {

// The moment of an input, by both clocks.
struct Now {
  base::MonotonicTime monotonic;
  base::WallTime wall;
};

// Names a reading until its answer: a device's slot, and which of its readings.
struct ReadingId {
  DeviceSlot device = 0;
  std::uint32_t number = 0;

  friend bool operator==(const ReadingId&, const ReadingId&) = default;
};

// Read this of a device: one request in flight at a time.
struct ReadRequest {
  ReadingId id;
  // Where and how; its credential is borrowed until the next call of the core.
  AgentAccess access;
  ReadingPlan plan;
  // Each request is sent once: nobody is expected to answer.
  bool once = false;
  // When it was planned; absent where it was not.
  std::optional<base::MonotonicTime> due;
};

// What came of a ReadRequest.
struct ReadAnswer {
  ReadingId id;
  enum class Result : std::uint8_t {
    kAnswered,  // `values` hold what the device has of the plan.
    kSilent,    // Nothing came, after all retries.
    kNotAsked,  // Its address, SNMP version or credential can't be used.
    kRefused,   // It answers, and does not serve who asks (SNMPv3).
  };
  Result result = Result::kSilent;
  // Why it is refused, in words.
  std::string refusal;
  // Ordered by name, without duplicates.
  std::vector<snmp::Varbind> values;
  // Every part of the plan was read to its end.
  bool complete = false;
  // Subtrees whose end was not reached: what is missing there may exist all the same.
  std::vector<snmp::Oid> unfinished;
  // From the first datagram to the last answer, or to giving up; and how many were sent.
  base::Duration took{};
  std::uint32_t requests = 0;
};

struct StateWrite {
  std::int32_t partition = 0;
  std::string key;
  std::optional<std::string> value;
  std::uint64_t token = 0;
};

struct EventWrite {
  event::v1::Event event;
  std::uint64_t token = 0;
};

struct Effects {
  // Places whose reading, and all that was learned of the agent there, is to be forgotten; before
  // `reads` begin.
  std::vector<DeviceSlot> forget;
  std::vector<ReadRequest> reads;
  std::vector<StateWrite> states;
  std::vector<EventWrite> events;
  // Partitions of the state to open (true) or close, in this order; partitions of targets to
  // release.
  std::vector<std::pair<std::int32_t, bool>> readers;
  std::vector<std::int32_t> release;
  // A partition was lost to a higher term: nothing that is on its way may be said any more. What
  // belongs to other partitions comes back as kCancelled and is said again.
  bool purge = false;
};

}  // namespace platen::collector::core
