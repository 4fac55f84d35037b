#include "services/gateway/core/sequence_audit.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::gateway::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kLong = SequenceAudit::kPatienceMs;

class SequenceAuditTest : public ::testing::Test {
 protected:
  // Its source has just been heard, and claims all that was seen.
  std::vector<DueHole> DueAt(std::int64_t now_ms, std::uint64_t claimed = 0) {
    return Tell({.claimed = std::max(claimed, numbers_.seen.highest()), .heard_ms = now_ms},
                now_ms);
  }

  // What is due, and told.
  std::vector<DueHole> Tell(const SourceLife& life, std::int64_t now_ms) {
    const std::vector<DueHole> due = audit_.FindDue(numbers_, life, now_ms);
    for (const DueHole& hole : due) audit_.AddTold(hole.range);
    return due;
  }

  static DueHole Lost(std::uint64_t first, std::uint64_t last) { return {{first, last}, true}; }

  static DueHole NotKnown(std::uint64_t first, std::uint64_t last) {
    return {{first, last}, false};
  }

  SourceNumbers numbers_;
  SequenceAudit audit_;
};

TEST_F(SequenceAuditTest, AHoleIsToldOnceItHasStoodLongAndOnlyOnce) {
  numbers_.seen.Add(1, 10);
  numbers_.seen.Add(15, 20);

  EXPECT_THAT(DueAt(0), IsEmpty());
  EXPECT_THAT(DueAt(kLong - 1), IsEmpty());
  EXPECT_THAT(DueAt(kLong), ElementsAre(Lost(11, 14)));
  EXPECT_THAT(DueAt(10 * kLong), IsEmpty());
}

TEST_F(SequenceAuditTest, WhatCouldNotBeToldIsDueAgain) {
  numbers_.seen.Add(3);
  DueAt(0);

  const SourceLife life{.claimed = 3, .heard_ms = kLong};
  EXPECT_THAT(audit_.FindDue(numbers_, life, kLong), ElementsAre(Lost(1, 2)));
  EXPECT_THAT(audit_.FindDue(numbers_, life, kLong), ElementsAre(Lost(1, 2)));
}

TEST_F(SequenceAuditTest, AHoleThatIsBeingFilledIsNotLost) {
  numbers_.seen.Add(1);
  numbers_.seen.Add(20);
  DueAt(0);

  numbers_.seen.Add(2, 5);
  EXPECT_THAT(DueAt(kLong), IsEmpty());
  numbers_.seen.Add(6, 19);
  EXPECT_THAT(DueAt(2 * kLong), IsEmpty());
}

TEST_F(SequenceAuditTest, WhatIsClaimedAndHasNotComeIsAHole) {
  numbers_.seen.Add(1, 3);
  DueAt(0, 5);

  EXPECT_THAT(DueAt(kLong, 5), ElementsAre(Lost(4, 5)));
}

TEST_F(SequenceAuditTest, WhatGrowsBehindAToldHoleIsToldByItself) {
  numbers_.seen.Add(1);
  DueAt(0, 3);
  EXPECT_THAT(DueAt(kLong, 3), ElementsAre(Lost(2, 3)));

  EXPECT_THAT(DueAt(kLong + 1, 6), IsEmpty());
  EXPECT_THAT(DueAt(2 * kLong + 1, 6), ElementsAre(Lost(4, 6)));
}

TEST_F(SequenceAuditTest, WhatASourceThatLivesHasNotClaimedItMayStillSend) {
  numbers_.seen.Add(1);
  numbers_.seen.Add(5);
  const auto life_at = [](std::int64_t now_ms) {
    return SourceLife{.claimed = 2, .heard_ms = now_ms};
  };
  Tell(life_at(0), 0);

  EXPECT_THAT(Tell(life_at(10 * kLong), 10 * kLong), ElementsAre(Lost(2, 2)));
  EXPECT_THAT(Tell({.claimed = 2, .ended = true}, 10 * kLong), ElementsAre(NotKnown(3, 4)));
}

TEST_F(SequenceAuditTest, WhatIsClaimedAllTheTimeAnewIsDueAllTheSame) {
  for (std::int64_t now = 0; now < kLong; now += kLong / 4) {
    EXPECT_THAT(DueAt(now, 10 + static_cast<std::uint64_t>(now)), IsEmpty());
  }

  EXPECT_THAT(DueAt(kLong, 1'000'000), ElementsAre(Lost(1, 10)));
}

TEST_F(SequenceAuditTest, WhatTheSourceHasToldOfIsNoHole) {
  numbers_.seen.Add(1);
  numbers_.seen.Add(10);
  numbers_.seen.Add(5);
  numbers_.excused.Add(3, 6);
  EXPECT_EQ(numbers_.Missing(0), 4u);
  DueAt(0);

  EXPECT_THAT(DueAt(kLong), ElementsAre(Lost(2, 2), Lost(7, 9)));
}

TEST_F(SequenceAuditTest, OfASourceThatEndedNobodyKnowsWhetherItWasAcknowledged) {
  numbers_.seen.Add(1);
  numbers_.seen.Add(3);
  Tell({.heard_ms = 0}, 1);

  EXPECT_THAT(Tell({.heard_ms = 0}, 2 * kLong), IsEmpty()) << "it may live";
  EXPECT_THAT(Tell({.heard_ms = 0, .ended = true}, 2 * kLong), ElementsAre(NotKnown(2, 2)));
}

TEST_F(SequenceAuditTest, ALongSilenceIsAnEnd) {
  numbers_.seen.Add(1);
  numbers_.seen.Add(3);
  Tell({.heard_ms = 500}, 1000);

  EXPECT_THAT(Tell({.heard_ms = 500}, SequenceAudit::kSilenceMs), IsEmpty());
  EXPECT_THAT(Tell({.heard_ms = 500}, SequenceAudit::kSilenceMs + 1000),
              ElementsAre(NotKnown(2, 2)));
}

TEST_F(SequenceAuditTest, WhatWasToldByAnEarlierProcessIsNotToldAgain) {
  numbers_.seen.Add(5);
  audit_.AddTold({1, 4});
  DueAt(0);

  EXPECT_THAT(DueAt(kLong), IsEmpty());
}

}  // namespace
}  // namespace platen::gateway::core
