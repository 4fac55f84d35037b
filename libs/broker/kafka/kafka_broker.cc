#include "libs/broker/kafka/kafka_broker.h"

#include "libs/base/status.h"
#include "libs/broker/kafka/admin.h"
#include "libs/broker/kafka/conf.h"
#include "libs/broker/kafka/publisher.h"
#include "libs/broker/kafka/subscriber.h"

namespace platen::broker::kafka {

absl::Status TryTlsFiles(const KafkaOptions& options, TlsFileContents files) {
  KafkaOptions tried = options;
  tried.tls = std::make_shared<TlsMaterial>(std::move(files));
  HandleContext context;  // Without a log: what it says of its short life helps nobody.
  PLATEN_ASSIGN_OR_RETURN(ConfPtr conf, AdminConf(tried, &context));
  PLATEN_ASSIGN_OR_RETURN(const Handle handle,
                          NewHandle(RD_KAFKA_PRODUCER, std::move(conf), tried));
  rd_kafka_destroy(handle.client);
  return absl::OkStatus();
}

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
