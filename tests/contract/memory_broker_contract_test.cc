#include "libs/base/real_clock.h"
#include "libs/broker/memory/memory_broker.h"
#include "tests/contract/publisher_contract.h"
#include "tests/contract/subscriber_contract.h"

namespace platen::broker {
namespace {

class MemoryHarness final : public BrokerHarness {
 public:
  Broker& broker() override { return broker_; }

  void DeleteBelow(const PartitionOffset& position) override { broker_.DeleteBelow(position); }

 private:
  base::RealClock clock_;
  memory::MemoryBroker broker_{clock_};
};

INSTANTIATE_TEST_SUITE_P(Memory,
                         BrokerContract,
                         testing::Values(HarnessFactory([] {
                           return std::make_unique<MemoryHarness>();
                         })),
                         [](const auto&) { return "Broker"; });

}  // namespace
}  // namespace platen::broker
