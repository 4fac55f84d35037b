// What this process has brought to its receivers lately, by the ids of the messages. While Kafka is
// away nothing can be committed, sessions end, and every record comes again: what the receiver has
// already is then reported, and not sent a second time.
//
// Bound: `max` ids; the oldest are forgotten, and would be sent again under the same id, as they
// are after the death of the process. Thread-confined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "absl/container/flat_hash_map.h"
#include "libs/base/ids.h"

namespace platen::notifier::core {

class DeliveredMemory {
 public:
  struct Told {
    // The receiver has it; else it was refused or given up.
    bool delivered = false;
    // Kafka has the report of its end.
    bool reported = false;
    std::uint32_t attempts = 0;
  };

  explicit DeliveredMemory(std::size_t max) : max_(max) {}

  void OnDelivered(const base::NotificationId& id, std::uint32_t attempts);
  void OnReported(const base::NotificationId& id);

  // Null where nothing is known of it. Valid until the next change.
  const Told* Find(const base::NotificationId& id) const;

  std::size_t size() const { return told_.size(); }

 private:
  Told& At(const base::NotificationId& id);

  const std::size_t max_;
  absl::flat_hash_map<base::NotificationId, Told> told_;
  std::deque<base::NotificationId> order_;
};

}  // namespace platen::notifier::core
