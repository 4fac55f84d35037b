// The inside of DeliverCore, shared by its source files.
#pragma once

#include "libs/flow/rate_limit.h"
#include "services/notifier/core/deliver_core.h"

namespace platen::notifier::core {

// Why nothing reaches a receiver of whom the configuration says nothing.
inline constexpr std::string_view kNotNamed = "the configuration has no such receiver";

struct DeliverCore::Receiver {
  std::string name;
  ReceiverQueue queue;
  ReceiverTerms terms;
  // Made of terms.rate.
  std::optional<flow::RateLimit> rate;
  std::optional<base::MonotonicTime> wake;
  // Deliveries that hold their inputs open.
  std::size_t held_open = 0;
  // Why it did not take what it was tried with last.
  std::string obstacle;
  // Since when the configuration does not name it; absent while it does.
  std::optional<base::MonotonicTime> unnamed_since;
};

struct DeliverCore::PartitionState {
  std::int32_t number = 0;
  bool restored = false;
  bool draining = false;
  flow::OffsetTracker inputs;
  // Of records for several receivers: ids of the messages that hold them open, by offset.
  absl::flat_hash_map<std::int64_t, absl::flat_hash_set<base::NotificationId>> shared;
  // Tokens and tries without an outcome.
  std::size_t in_flight = 0;
  // Parked deliveries by id, while they are being read.
  std::map<std::string, v1::ParkedDelivery, std::less<>> restoring;
};

}  // namespace platen::notifier::core
