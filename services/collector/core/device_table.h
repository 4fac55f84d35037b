// The devices that are polled, each at a place of its own: what is kept about one between its
// readings, and what one reading needs while it is under way.
//
// Pure, thread-confined. A device costs some 270 bytes here, and its record: 150 to 400 bytes where
// others are of its model.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "services/collector/core/agent_access.h"
#include "services/collector/core/cadence.h"
#include "services/collector/core/due_queue.h"
#include "services/collector/core/effects.h"
#include "services/collector/core/known_reading.h"
#include "services/collector/core/profile.h"
#include "services/collector/core/reading_plan.h"
#include "services/collector/core/record_press.h"
#include "services/collector/core/status_glance.h"

namespace platen::collector::core {

// Where a device stands: idle → reading → settling (its state, then its events, become durable) →
// idle.
enum class Phase : std::uint8_t { kIdle, kReading, kSettling };

// One reading from its request to its last acknowledgement.
struct Round {
  ReadingKind kind = ReadingKind::kStatus;
  // The answer's first half, while the second is read.
  std::optional<ReadAnswer> first;
  // What the present request rests on; none where it asks for whole tables.
  std::unique_ptr<const KnownReading> known;
  // The alert table is walked.
  bool walks_alerts = false;
  // The present request is put in the profile's context.
  bool in_context = false;
  // Neither half of it was silent.
  bool whole = true;
  bool first_ever = false;
  // It asks only whether there is somebody, before the first reading.
  bool knock = false;
  bool restore = false;
  // A full reading is to follow now.
  bool wants_full = false;
  // The serialised state that follows from it.
  std::string state;
  // Events that wait for that state to be durable.
  std::vector<event::v1::Event> after_state;
  // The state is to be written when all events are durable.
  bool state_last = false;
  std::size_t unacknowledged = 0;
};

struct Device {
  base::DeviceId id;
  std::int32_t partition = 0;
  std::uint64_t term = 0;
  // Its Target and its DeviceState, and what is asked of them too often to open them.
  PressedRecord kept;
  AgentAccess access;
  const Cadence* cadence = nullptr;
  const ReadingPlan* status_plan = nullptr;
  // What the last status poll said, if nothing was open: the next one that says the same is over at
  // once. sysUpTime is newer here than in `state`.
  std::optional<StatusGlance> quiet;
  const Profile* profile = nullptr;
  // When it last answered as itself; the epoch where this collector has not seen that.
  base::MonotonicTime answered;
  // When the alert table was last walked.
  base::MonotonicTime alerts_walked;
  // When each kind of reading is due, by ReadingKind.
  std::array<base::MonotonicTime, kReadingKindCount> due{};
  // There unless the device is idle.
  std::unique_ptr<Round> round;
  // Of the reading last asked for.
  std::uint32_t reading_number = 0;
  Phase phase = Phase::kIdle;
  // Read in full at least once, at its present address.
  bool known = false;
  // Not read yet, but has answered a knock.
  bool answers = false;
  // What came of its last reading, where that was no answer and told nothing new: as long as the
  // same comes of them, further ones tell nothing either.
  std::optional<ReadAnswer::Result> mute;
  // Readings that did not find what the device was known to have, since it was last due in full;
  // and closer looks after status polls that did not, in a row.
  std::uint8_t misfits = 0;
  std::uint8_t detail_misfits = 0;
  bool asleep = false;
  bool paused = false;
  // Its agent has said that something has happened, and no status poll has begun since.
  bool notified = false;
  // To be forgotten when its reading has settled.
  bool removed = false;
  // False: nobody lives at this place.
  bool live = false;
};

class DeviceTable {
 public:
  DeviceTable() : by_id_(0, IdHash{this}, SameId{this}) {}

  DeviceTable(const DeviceTable&) = delete;
  DeviceTable& operator=(const DeviceTable&) = delete;

  // A place for a device that has none yet.
  DeviceSlot Add(const base::DeviceId& id);

  // Nobody lives there any more; the place may be given again.
  void Free(DeviceSlot slot);

  std::optional<DeviceSlot> Find(const base::DeviceId& id) const;

  // References stay valid while the device lives. REQUIRES: slot < slots().
  Device& operator[](DeviceSlot slot) { return (*chunks_[slot / kChunk])[slot % kChunk]; }

  const Device& operator[](DeviceSlot slot) const {
    return (*chunks_[slot / kChunk])[slot % kChunk];
  }

  // Its turn comes soon: of a large fleet, hardly a device is in the processor's cache.
  void Prefetch(DeviceSlot slot) const {
    const char* const device = reinterpret_cast<const char*>(&(*this)[slot]);
    for (std::size_t line = 0; line < sizeof(Device); line += 64) __builtin_prefetch(device + line);
  }

  // Places, empty ones included: to go through all devices.
  DeviceSlot slots() const { return slots_; }

  // Devices.
  std::size_t size() const { return by_id_.size(); }

 private:
  // Few and large, so that where a device is takes no look at memory that is as scattered as they.
  static constexpr DeviceSlot kChunk = 256;

  const base::DeviceId& IdOf(DeviceSlot slot) const { return (*this)[slot].id; }

  static const base::DeviceId& IdOf(const base::DeviceId& id) { return id; }

  // By the ids that devices have anyway: places are looked up by id, and keep no second one.
  struct IdHash {
    using is_transparent = void;

    std::size_t operator()(const auto& of) const { return absl::HashOf(table->IdOf(of)); }

    const DeviceTable* table;
  };

  struct SameId {
    using is_transparent = void;

    bool operator()(const auto& a, const auto& b) const { return table->IdOf(a) == table->IdOf(b); }

    const DeviceTable* table;
  };

  std::vector<std::unique_ptr<std::array<Device, kChunk>>> chunks_;
  DeviceSlot slots_ = 0;
  std::vector<DeviceSlot> free_;
  absl::flat_hash_set<DeviceSlot, IdHash, SameId> by_id_;
};

}  // namespace platen::collector::core
