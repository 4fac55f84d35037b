#include "services/notifier/core/receiver_queue.h"

#include <gtest/gtest.h>

namespace platen::notifier::core {
namespace {

using std::chrono::seconds;

class ReceiverQueueTest : public testing::Test {
 protected:
  Delivery* Add(const std::string& incident, const std::string& device = "printer") {
    auto delivery = std::make_unique<Delivery>();
    v1::Notification notification;
    notification.set_incident_id(incident);
    notification.mutable_event()->set_device_id(device);
    delivery->notification = std::make_shared<const v1::Notification>(std::move(notification));
    delivery->sequence = ++sequence_;
    return queue_.Add(std::move(delivery));
  }

  Delivery* Try() {
    Delivery* const next = queue_.Next(now_);
    if (next != nullptr) queue_.Begin(*next, ++token_);
    return next;
  }

  void Fail(Delivery* delivery, std::optional<base::Duration> retry_after = std::nullopt) {
    queue_.OnFailed(now_, *delivery, retry_after, random_);
  }

  base::MonotonicTime now_;
  base::Random random_{1};
  std::uint64_t sequence_ = 0;
  Token token_ = 0;
  ReceiverQueue queue_{{.backoff = {.first = seconds(1), .max = seconds(60), .jitter = 0},
                        .parallel_max = 2,
                        .away_after = 3}};
};

TEST_F(ReceiverQueueTest, TriesTheClearOnlyOnceTheRaiseHasEnded) {
  Delivery* const raise = Add("jam");
  Delivery* const clear = Add("jam");

  EXPECT_EQ(Try(), raise);
  EXPECT_EQ(Try(), nullptr);
  Fail(raise);
  now_ += seconds(1);
  EXPECT_EQ(Try(), raise);
  queue_.OnAnswered(*raise);

  EXPECT_EQ(Try(), clear);
}

TEST_F(ReceiverQueueTest, WhatIsWithheldAndWhatComesBehindItIsNotTried) {
  Delivery* const raise = Add("jam");
  Delivery* const clear = Add("jam");
  Delivery* const other = Add("other");
  ASSERT_EQ(queue_.Next(now_), raise);
  queue_.Withhold(*raise);

  EXPECT_EQ(Try(), other);
  EXPECT_EQ(Try(), nullptr);
  EXPECT_EQ(queue_.Victim(), clear);

  queue_.Release();
  EXPECT_EQ(Try(), raise);
  queue_.OnAnswered(*raise);
  EXPECT_EQ(Try(), clear);
}

TEST_F(ReceiverQueueTest, WhatIsTakenOutCanBePutBackInItsPlace) {
  Delivery* const raise = Add("jam");
  Delivery* const clear = Add("jam");

  queue_.Add(queue_.Remove(*raise));

  EXPECT_EQ(Try(), raise);
  EXPECT_EQ(Try(), nullptr);
  queue_.OnAnswered(*raise);
  EXPECT_EQ(Try(), clear);
}

TEST_F(ReceiverQueueTest, TriesIncidentsSideBySideUpToItsLimit) {
  Delivery* const first = Add("a");
  Add("b");
  Delivery* const third = Add("c");

  EXPECT_NE(Try(), nullptr);
  EXPECT_NE(Try(), nullptr);
  EXPECT_EQ(Try(), nullptr);
  EXPECT_EQ(queue_.next_time(), std::nullopt);
  queue_.OnAnswered(*first);

  EXPECT_EQ(Try(), third);
}

TEST_F(ReceiverQueueTest, TriesAReceiverThatFailsWithOneMessageAtATimeEverMoreSeldom) {
  Delivery* const first = Add("a");
  Delivery* const second = Add("b");
  Try();
  Try();
  Fail(first);
  Fail(second);
  EXPECT_EQ(queue_.next_time(), now_ + seconds(1)) << "two failures of one moment count once";

  now_ += seconds(1);
  Delivery* const probe = Try();
  ASSERT_NE(probe, nullptr);
  EXPECT_EQ(Try(), nullptr);
  Fail(probe);

  EXPECT_EQ(queue_.next_time(), now_ + seconds(2));
  EXPECT_FALSE(queue_.is_away());
  now_ += seconds(2);
  Fail(Try());
  EXPECT_TRUE(queue_.is_away());
}

TEST_F(ReceiverQueueTest, FlowsAgainOnceOneMessageIsTaken) {
  Delivery* const first = Add("a");
  Delivery* const second = Add("b");
  Add("c");
  Try();
  Fail(first);
  now_ += seconds(1);
  Delivery* const probe = Try();
  EXPECT_EQ(probe, second) << "what was not tried yet goes before what failed";

  queue_.OnAnswered(*probe);

  EXPECT_NE(Try(), nullptr);
  EXPECT_NE(Try(), nullptr);
}

TEST_F(ReceiverQueueTest, WaitsAsLongAsTheReceiverAsksWithinReason) {
  Delivery* const first = Add("a");
  Try();
  Fail(first, seconds(30));
  EXPECT_EQ(queue_.next_time(), now_ + seconds(30));

  now_ += seconds(30);
  Try();
  Fail(first, std::chrono::hours(1000));
  EXPECT_EQ(queue_.next_time(), now_ + std::chrono::hours(1));
}

TEST_F(ReceiverQueueTest, AFloodOfOneDeviceDelaysAnothersByOneMessage) {
  for (int i = 0; i < 100; ++i) Add("made up/" + std::to_string(i), "broken");
  Delivery* const jam = Add("jam", "other");
  Delivery* const cover = Add("cover", "other");

  Delivery* const first = Try();
  EXPECT_EQ(first->notification->event().device_id(), "broken");
  EXPECT_EQ(Try(), jam);
  queue_.OnAnswered(*first);
  Delivery* const second = Try();
  EXPECT_EQ(second->notification->event().device_id(), "broken");
  queue_.OnAnswered(*jam);
  EXPECT_EQ(Try(), cover);
}

TEST_F(ReceiverQueueTest, WhoCameToAnEmptyQueueWaitsForNoTurnsOfThePast) {
  for (int i = 0; i < 5; ++i) {
    Add("a", "early");
    queue_.OnAnswered(*Try());
  }
  Delivery* const late = Add("b", "late");
  Add("c", "early");

  EXPECT_EQ(Try(), late) << "it came first, and none of them is ahead";
}

TEST_F(ReceiverQueueTest, GivesUpTheOldestOfTheLoudestDevice) {
  EXPECT_EQ(queue_.Victim(), nullptr);
  Delivery* const jam = Add("jam", "other");
  Delivery* const made_up = Add("made up/1", "broken");
  Delivery* const next = Add("made up/2", "broken");

  EXPECT_EQ(queue_.Victim(), made_up);
  queue_.Remove(*made_up);
  Add("made up/3", "broken");
  EXPECT_EQ(queue_.Victim(), next);
  ASSERT_EQ(Try(), jam);
  ASSERT_EQ(Try(), next);
  EXPECT_NE(queue_.Victim(), next) << "it is being tried";
}

TEST_F(ReceiverQueueTest, TakesOutOfTheMiddleWithoutBreakingTheOrder) {
  Delivery* const raise = Add("jam");
  Delivery* const changed = Add("jam");
  Delivery* const clear = Add("jam");

  queue_.Remove(*changed);
  EXPECT_EQ(Try(), raise);
  queue_.Remove(*raise);

  EXPECT_EQ(Try(), clear);
  EXPECT_EQ(queue_.size(), 1u);
}

TEST_F(ReceiverQueueTest, TriesAtOnceAReceiverThatIsNotWhatItWas) {
  Delivery* const failed = Add("a");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Try(), failed);
    Fail(failed, seconds(60));
    now_ += seconds(60);
  }
  ASSERT_EQ(Try(), failed);
  ASSERT_TRUE(queue_.is_away());

  queue_.ForgetFailures();
  Fail(failed);

  EXPECT_FALSE(queue_.is_away()) << "the try was of the receiver as it was";
  Delivery* const other = Add("b");
  EXPECT_EQ(Try(), other);
  Fail(other, seconds(60));
  EXPECT_EQ(Try(), nullptr);
  queue_.ForgetFailures();
  EXPECT_NE(Try(), nullptr);
  EXPECT_NE(Try(), nullptr);
}

TEST_F(ReceiverQueueTest, ADigestKeepsItsPlaceInEachOfItsIncidents) {
  const auto member = [](const std::string& incident) {
    auto delivery = std::make_unique<Delivery>();
    v1::Notification notification;
    notification.set_incident_id(incident);
    delivery->notification = std::make_shared<const v1::Notification>(std::move(notification));
    return delivery;
  };
  Delivery* const raise = Add("a");
  auto made = member("digest");
  made->members.push_back(member("a"));
  made->members.push_back(member("b"));
  made->sequence = ++sequence_;
  Delivery* const digest = queue_.Add(std::move(made));
  Delivery* const clear = Add("b");

  EXPECT_EQ(Try(), raise);
  EXPECT_EQ(Try(), nullptr) << "the digest waits for the raise, the clear for the digest";
  EXPECT_EQ(queue_.UpTo(*clear), (std::vector<Delivery*>{raise, digest, clear}));
  queue_.OnAnswered(*raise);
  EXPECT_EQ(Try(), digest);
  EXPECT_EQ(Try(), nullptr);
  Fail(digest);
  now_ += seconds(1);
  EXPECT_EQ(Try(), digest);
  queue_.OnAnswered(*digest);
  EXPECT_EQ(Try(), clear);
  queue_.OnAnswered(*clear);
  EXPECT_EQ(queue_.size(), 0u);
}

}  // namespace
}  // namespace platen::notifier::core
