// Foreign records in the topics that the notifier restores from.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/base/status.h"
#include "libs/broker/memory/memory_broker.h"
#include "libs/service/metrics.h"
#include "services/notifier/decide_pipeline.h"
#include "services/notifier/deliver_pipeline.h"

namespace platen::notifier {
namespace {

using testing::HasSubstr;

constexpr std::chrono::milliseconds kNoWait{0};
constexpr int kTurns = 100;

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class NotifierRestoreTest : public testing::Test {
 protected:
  NotifierRestoreTest() {
    std::vector<broker::TopicSpec> topics;
    for (const char* name :
         {"alerts", "notifier-state", "notifications", "deliveries", "deadletter", "rules"}) {
      topics.push_back({.name = base::StrCat("platen.", name, ".v1"),
                        .config = {{"cleanup.policy", "compact"}}});
    }
    EXPECT_TRUE(broker_.EnsureTopics(topics, kNoWait).ok());
  }

  void Put(const std::string& topic, const std::string& key, const std::string& value) {
    ASSERT_TRUE(publisher_->Publish({.topic = topic, .key = key, .value = value}).ok());
    publisher_->Poll(kNoWait);
  }

  base::SimClock clock_;
  broker::memory::MemoryBroker broker_{clock_};
  service::Metrics registry_;
  NotifierMetrics metrics_{registry_, {"fake"}};
  std::unique_ptr<broker::Publisher> publisher_ = *broker_.NewPublisher({});
  base::Random random_{1};
};

TEST_F(NotifierRestoreTest, UnreadableStateIsCountedAndSaidInOneLine) {
  for (const char* key : {"a", "b/c", "dd"}) Put("platen.notifier-state.v1", key, "garbage");
  for (const char* key : {"a", "b"}) Put("platen.deliveries.v1", key, "");
  DecidePipeline decide({broker_, clock_, metrics_}, {.instance = "n"}, {});
  DeliverPipeline deliver(
      {broker_, clock_, metrics_}, {.instance = "n-deliver"}, {}, Channels(), {}, random_);

  testing::internal::CaptureStderr();
  for (int i = 0; i < kTurns; ++i) {
    ASSERT_TRUE(decide.Step(kNoWait).ok());
    ASSERT_TRUE(deliver.Step(kNoWait).ok());
  }
  const std::string log = testing::internal::GetCapturedStderr();

  const std::string figures = registry_.Text();
  EXPECT_THAT(figures,
              HasSubstr("platen_notifier_skipped_state_records_total{stage=\"decide\"} 3"));
  EXPECT_THAT(figures,
              HasSubstr("platen_notifier_skipped_state_records_total{stage=\"deliver\"} 2"));
  EXPECT_EQ(CountOf(log, "skipped"), 2) << log;
  EXPECT_THAT(log, HasSubstr("records=3"));
  EXPECT_THAT(log, HasSubstr("records=2"));
  EXPECT_THAT(broker_.RecordsOf({"platen.deliveries.v1", 0}), testing::SizeIs(2))
      << "nothing is said of what is skipped";
}

}  // namespace
}  // namespace platen::notifier
