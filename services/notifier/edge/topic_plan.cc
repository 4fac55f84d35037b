#include "services/notifier/edge/topic_plan.h"

#include "libs/base/status.h"

namespace platen::notifier::edge {
namespace {

absl::StatusOr<std::int32_t> CountOfBoth(const std::string& topic,
                                         const std::string& state_topic,
                                         broker::Publisher& publisher) {
  PLATEN_ASSIGN_OR_RETURN(const std::int32_t count, publisher.PartitionCount(topic));
  PLATEN_ASSIGN_OR_RETURN(const std::int32_t state_count, publisher.PartitionCount(state_topic));
  if (count == state_count) return count;
  return base::FailedPrecondition(topic,
                                  " has ",
                                  count,
                                  " partitions and ",
                                  state_topic,
                                  " ",
                                  state_count,
                                  "; make them with the same number");
}

}  // namespace

absl::StatusOr<TopicPlan> LearnTopics(const event::Topics& topics, broker::Publisher& publisher) {
  TopicPlan plan{.alerts = topics.Lane(event::v1::LANE_ALERTS),
                 .notifier_state = topics.notifier_state(),
                 .notifications = topics.notifications(),
                 .deliveries = topics.deliveries(),
                 .deadletter = topics.deadletter(),
                 .rules = topics.rules(),
                 .targets = topics.targets()};
  PLATEN_ASSIGN_OR_RETURN(plan.alert_partitions,
                          CountOfBoth(plan.alerts, plan.notifier_state, publisher));
  PLATEN_ASSIGN_OR_RETURN(plan.notification_partitions,
                          CountOfBoth(plan.notifications, plan.deliveries, publisher));
  PLATEN_ASSIGN_OR_RETURN(plan.deadletter_partitions, publisher.PartitionCount(plan.deadletter));
  PLATEN_ASSIGN_OR_RETURN(plan.rule_partitions, publisher.PartitionCount(plan.rules));
  const absl::StatusOr<std::int32_t> targets = publisher.PartitionCount(plan.targets);
  if (!targets.ok() && !absl::IsNotFound(targets.status())) return targets.status();
  plan.target_partitions = targets.value_or(0);
  return plan;
}

}  // namespace platen::notifier::edge
