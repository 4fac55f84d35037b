// Which topics the notifier reads and writes, and how many partitions they have.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "libs/broker/broker.h"
#include "libs/event/lanes.h"

namespace platen::notifier::edge {

struct TopicPlan {
  std::string alerts;
  std::string notifier_state;
  std::string notifications;
  std::string deliveries;
  std::string deadletter;
  std::string rules;
  std::string targets;
  // Of alerts and notifier_state, notifications and deliveries, deadletter, rules, and targets (0:
  // there is no such topic, and nobody knows who is polled where).
  std::int32_t alert_partitions = 0;
  std::int32_t notification_partitions = 0;
  std::int32_t deadletter_partitions = 0;
  std::int32_t rule_partitions = 0;
  std::int32_t target_partitions = 0;
};

// Asks the broker. kFailedPrecondition where a topic and the one that keeps its state differ in
// their partitions: their numbers must agree, for state is read by number. Otherwise the errors of
// Publisher::PartitionCount().
absl::StatusOr<TopicPlan> LearnTopics(const event::Topics& topics, broker::Publisher& publisher);

}  // namespace platen::notifier::edge
