// Topics: made where missing, checked where present.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <librdkafka/rdkafka.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/broker/broker.h"
#include "libs/broker/kafka/kafka_broker.h"

namespace platen::broker::kafka {

// Asks the broker; blocks at most `max_wait`, and once `stopping` (may be empty) says so no longer
// than it takes to notice. kNotFound, kUnavailable.
absl::StatusOr<std::int32_t> AskPartitionCount(rd_kafka_t* handle,
                                               const std::string& topic,
                                               std::chrono::milliseconds max_wait,
                                               const std::function<bool()>& stopping);

// Broker::EnsureTopics().
absl::Status MakeTopics(const KafkaOptions& options,
                        std::span<const TopicSpec> topics,
                        std::chrono::milliseconds max_wait);

}  // namespace platen::broker::kafka
