#include <cstdlib>

#include <librdkafka/rdkafka.h>

#include "libs/broker/kafka/conf.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "tests/contract/publisher_contract.h"
#include "tests/contract/subscriber_contract.h"

namespace platen::broker {
namespace {

using kafka::Destroy;

kafka::KafkaOptions Options() {
  const char* address = std::getenv("PLATEN_TEST_KAFKA");
  kafka::KafkaOptions options;
  options.bootstrap_servers = address != nullptr ? address : "";
  options.client_id = "contract";
  return options;
}

class KafkaHarness final : public BrokerHarness {
 public:
  Broker& broker() override { return broker_; }

  void DeleteBelow(const PartitionOffset& position) override {
    kafka::HandleContext context;
    const std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>> handle(
        *kafka::NewHandle(RD_KAFKA_PRODUCER, *kafka::AdminConf(Options(), &context)));
    const kafka::QueuePtr queue(rd_kafka_queue_new(handle.get()));
    const kafka::PartitionListPtr list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(
        list.get(), position.partition.topic.c_str(), position.partition.number)
        ->offset = position.offset;
    rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
    rd_kafka_DeleteRecords(handle.get(), &request, 1, nullptr, queue.get());
    rd_kafka_DeleteRecords_destroy(request);
    const kafka::EventPtr event(rd_kafka_queue_poll(queue.get(), 30'000));
    ASSERT_NE(event, nullptr);
    ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

 private:
  kafka::KafkaBroker broker_{Options()};
};

INSTANTIATE_TEST_SUITE_P(Kafka,
                         BrokerContract,
                         testing::Values(HarnessFactory([] {
                           return std::make_unique<KafkaHarness>();
                         })),
                         [](const auto&) { return "Broker"; });

}  // namespace
}  // namespace platen::broker
