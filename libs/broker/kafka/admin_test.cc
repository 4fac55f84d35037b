// What waits for a broker gives up where the process is to stop. Nobody listens on the port.
#include <gtest/gtest.h>

#include "libs/broker/kafka/kafka_broker.h"

namespace platen::broker::kafka {
namespace {

TEST(AdminTest, AQuestionToABrokerThatIsAwayEndsWithTheProcess) {
  int looks = 0;
  KafkaBroker broker(
      {.bootstrap_servers = "127.0.0.1:1", .stopping = [&looks] { return ++looks >= 2; }});
  const auto publisher = broker.NewPublisher({});
  ASSERT_TRUE(publisher.ok()) << publisher.status();

  const auto count = (*publisher)->PartitionCount("t");

  EXPECT_TRUE(absl::IsUnavailable(count.status())) << count.status();
  EXPECT_EQ(looks, 2);
}

}  // namespace
}  // namespace platen::broker::kafka
