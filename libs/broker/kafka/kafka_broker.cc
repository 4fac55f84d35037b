#include "libs/broker/kafka/kafka_broker.h"

#include "libs/broker/kafka/admin.h"
#include "libs/broker/kafka/publisher.h"
#include "libs/broker/kafka/subscriber.h"

namespace platen::broker::kafka {

absl::StatusOr<std::unique_ptr<Publisher>> KafkaBroker::NewPublisher(
    const PublisherOptions& options) {
  return KafkaPublisher::Create(options_, options);
}

absl::StatusOr<std::unique_ptr<Subscriber>> KafkaBroker::NewSubscriber(
    const SubscriberOptions& options) {
  return KafkaSubscriber::Create(options_, options);
}

absl::Status KafkaBroker::EnsureTopics(std::span<const TopicSpec> topics,
                                       std::chrono::milliseconds max_wait) {
  return MakeTopics(options_, topics, max_wait);
}

}  // namespace platen::broker::kafka
