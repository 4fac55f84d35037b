#include <cstdlib>

#include "libs/broker/kafka/kafka_broker.h"
#include "tests/contract/publisher_contract.h"
#include "tests/contract/subscriber_contract.h"
#include "tests/support/kafka_admin.h"

namespace platen::broker {
namespace {

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
    testing_support::DeleteBelow(Options(), position);
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
