#include "services/gateway/core/stream_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::gateway::core {
namespace {

using Verdict = StreamOrder::Verdict;
using ::testing::ElementsAre;

// "+3" accepted, "3<2" rewind of batch 3 to number 2.
std::vector<std::string> Said(const std::vector<StreamOrder::Answer>& answers) {
  std::vector<std::string> said;
  for (const StreamOrder::Answer& answer : answers) {
    said.push_back(answer.accepted
                       ? "+" + std::to_string(answer.number)
                       : std::to_string(answer.number) + "<" + std::to_string(answer.next_number));
  }
  return said;
}

StreamOrder::Ticket Take(StreamOrder& order, std::uint64_t number) {
  const StreamOrder::Decision decision = order.OnBatch(number);
  EXPECT_EQ(decision.verdict, Verdict::kTake) << number;
  return decision.ticket;
}

TEST(StreamOrderTest, BatchesInOrderAreTakenAndAccepted) {
  StreamOrder order(4);
  const auto first = Take(order, 1);
  const auto second = Take(order, 2);

  EXPECT_THAT(Said(order.OnSettled(first, true)), ElementsAre("+1"));
  EXPECT_THAT(Said(order.OnSettled(second, true)), ElementsAre("+2"));
}

TEST(StreamOrderTest, AHoleBreaksTheProtocol) {
  StreamOrder order(4);
  Take(order, 1);

  EXPECT_EQ(order.OnBatch(3).verdict, Verdict::kHole);
  EXPECT_EQ(order.OnBatch(0).verdict, Verdict::kHole);
}

TEST(StreamOrderTest, MoreThanTheWindowBreaksTheProtocol) {
  StreamOrder order(2);
  Take(order, 1);
  Take(order, 2);

  EXPECT_EQ(order.OnBatch(3).verdict, Verdict::kOverWindow);
}

TEST(StreamOrderTest, AFailureRewindsEverythingBehindIt) {
  StreamOrder order(8);
  const auto first = Take(order, 1);
  const auto second = Take(order, 2);
  const auto third = Take(order, 3);

  EXPECT_THAT(Said(order.OnSettled(first, false)), ElementsAre("1<1", "2<1", "3<1"));
  // What the store says of them later was answered already.
  EXPECT_TRUE(order.OnSettled(second, false).empty());
  EXPECT_TRUE(order.OnSettled(third, false).empty());
  // What was under way meanwhile.
  const StreamOrder::Decision late = order.OnBatch(4);
  EXPECT_EQ(late.verdict, Verdict::kRewind);
  EXPECT_EQ(late.next_number, 1U);
  // And then the client goes back.
  EXPECT_THAT(Said(order.OnSettled(Take(order, 1), true)), ElementsAre("+1"));
  EXPECT_THAT(Said(order.OnSettled(Take(order, 2), true)), ElementsAre("+2"));
}

TEST(StreamOrderTest, ABatchThatCanNotBeQueuedWaitsForItsTurnToBeAnswered) {
  StreamOrder order(8);
  const auto first = Take(order, 1);
  const auto second = Take(order, 2);

  // The store's queue is full for the second one while the first is still being written.
  EXPECT_TRUE(order.OnSettled(second, false).empty());
  EXPECT_EQ(order.OnBatch(3).verdict, Verdict::kWait);

  EXPECT_THAT(Said(order.OnSettled(first, true)), ElementsAre("+1", "2<2", "3<2"));
}

TEST(StreamOrderTest, AClientMayGoBackByItself) {
  StreamOrder order(8);
  order.OnSettled(Take(order, 1), true);
  order.OnSettled(Take(order, 2), true);

  EXPECT_THAT(Said(order.OnSettled(Take(order, 1), true)), ElementsAre("+1"));
  EXPECT_THAT(Said(order.OnSettled(Take(order, 2), true)), ElementsAre("+2"));
}

}  // namespace
}  // namespace platen::gateway::core
