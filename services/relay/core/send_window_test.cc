#include "services/relay/core/send_window.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::relay::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Answer = SendWindow::Answer;

class SendWindowTest : public testing::Test {
 protected:
  void Push(int count) {
    for (int i = 0; i < count; ++i) {
      auto batch = std::make_unique<Batch>();
      batch->Add(std::make_shared<PartitionWork>(), ++pushed_, "k", "event");
      window_.Push(std::move(batch));
    }
  }

  // Numbers sent now.
  std::vector<std::uint64_t> Send() {
    std::vector<std::uint64_t> numbers;
    while (const auto next = window_.TakeNext(now_)) numbers.push_back(next->number);
    return numbers;
  }

  base::MonotonicTime now_{};
  SendWindow window_{8};
  std::int64_t pushed_ = 0;
};

TEST_F(SendWindowTest, NothingGoesWithoutAStream) {
  Push(2);

  EXPECT_THAT(Send(), IsEmpty());
}

TEST_F(SendWindowTest, NumbersBeginAtOneAndTheWindowBoundsWhatIsUnanswered) {
  Push(4);
  window_.Open(2);

  EXPECT_THAT(Send(), ElementsAre(1, 2));
  EXPECT_EQ(window_.OnAccepted(now_, 1), Answer::kAccepted);
  EXPECT_EQ(window_.Pop()->At(0).offset, 1);
  EXPECT_THAT(Send(), ElementsAre(3));
}

TEST_F(SendWindowTest, ARewindSendsEverythingFromThereAgain) {
  Push(3);
  window_.Open(8);
  Send();
  window_.OnAccepted(now_, 1);
  window_.Pop();

  EXPECT_EQ(window_.OnRewind(2, 2), Answer::kRewound);
  EXPECT_EQ(window_.OnRewind(3, 2), Answer::kStale);
  EXPECT_THAT(Send(), ElementsAre(2, 3));
}

TEST_F(SendWindowTest, AnswersToWhatWasSentBeforeGoingBackAreNotTakenForNewOnes) {
  Push(3);
  window_.Open(8);
  Send();
  window_.OnRewind(1, 1);
  EXPECT_THAT(Send(), ElementsAre(1, 2)) << "the window is four now, and two old ones count";

  EXPECT_EQ(window_.OnRewind(2, 1), Answer::kStale);
  EXPECT_EQ(window_.OnRewind(3, 1), Answer::kStale);
  EXPECT_EQ(window_.OnAccepted(now_, 1), Answer::kAccepted);
  window_.Pop();
  EXPECT_THAT(Send(), ElementsAre(3));
}

TEST_F(SendWindowTest, ANewStreamSendsEverythingUnansweredAgainFromOne) {
  Push(3);
  window_.Open(3);
  Send();
  window_.OnAccepted(now_, 1);
  window_.Pop();

  window_.Close();
  EXPECT_THAT(Send(), IsEmpty());
  window_.Open(3);

  const auto next = window_.TakeNext(now_);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->number, 1u);
  EXPECT_EQ(next->batch->At(0).offset, 2);
}

TEST_F(SendWindowTest, AnAnswerOutOfTurnBreaksTheProtocol) {
  Push(2);
  window_.Open(2);
  EXPECT_EQ(window_.OnAccepted(now_, 1), Answer::kBroken) << "nothing was sent";
  Send();

  EXPECT_EQ(window_.OnAccepted(now_, 2), Answer::kBroken);
}

TEST_F(SendWindowTest, ARewindToWhatHasEndedBreaksTheProtocol) {
  Push(2);
  window_.Open(2);
  Send();
  window_.OnAccepted(now_, 1);
  window_.Pop();

  EXPECT_EQ(window_.OnRewind(2, 1), Answer::kBroken);
}

TEST_F(SendWindowTest, OnlyWhatIsNotOnTheWayIsEdited) {
  Push(3);
  window_.Open(1);
  Send();

  window_.EditUnsent([](Batch& batch) { batch.Remove([](const auto&) { return true; }); });

  EXPECT_EQ(window_.size(), 1u);
  EXPECT_EQ(window_.OnAccepted(now_, 1), Answer::kAccepted);
}

}  // namespace
}  // namespace platen::relay::core
