#include "services/gateway/core/sequence_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::gateway::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kLong = SequenceAudit::kPatienceMs;

class SequenceAuditTest : public ::testing::Test {
 protected:
  // Its source has just been heard.
  std::vector<DueHole> DueAt(std::int64_t now_ms, std::uint64_t claimed = 0) {
    return Tell({.claimed = claimed, .heard_ms = now_ms}, now_ms);
  }

  // What is due, and told.
  std::vector<DueHole> Tell(const SourceLife& life, std::int64_t now_ms) {
    const std::vector<DueHole> due = audit_.FindDue(seen_, life, now_ms);
    for (const DueHole& hole : due) audit_.AddTold(hole.range);
    return due;
  }

  static DueHole Lost(std::uint64_t first, std::uint64_t last) { return {{first, last}, true}; }

  static DueHole NotKnown(std::uint64_t first, std::uint64_t last) {
    return {{first, last}, false};
  }

  IntervalSet seen_;
  SequenceAudit audit_;
};

TEST_F(SequenceAuditTest, AHoleIsToldOnceItHasStoodLongAndOnlyOnce) {
  seen_.Add(1, 10);
  seen_.Add(15, 20);

  EXPECT_THAT(DueAt(0), IsEmpty());
  EXPECT_THAT(DueAt(kLong - 1), IsEmpty());
  EXPECT_THAT(DueAt(kLong), ElementsAre(Lost(11, 14)));
  EXPECT_THAT(DueAt(10 * kLong), IsEmpty());
}

TEST_F(SequenceAuditTest, WhatCouldNotBeToldIsDueAgain) {
  seen_.Add(3);
  DueAt(0);

  EXPECT_THAT(audit_.FindDue(seen_, {.heard_ms = kLong}, kLong), ElementsAre(Lost(1, 2)));
  EXPECT_THAT(audit_.FindDue(seen_, {.heard_ms = kLong}, kLong), ElementsAre(Lost(1, 2)));
}

TEST_F(SequenceAuditTest, AHoleThatIsBeingFilledIsNotLost) {
  seen_.Add(1);
  seen_.Add(20);
  DueAt(0);

  seen_.Add(2, 5);
  EXPECT_THAT(DueAt(kLong), IsEmpty());
  seen_.Add(6, 19);
  EXPECT_THAT(DueAt(2 * kLong), IsEmpty());
}

TEST_F(SequenceAuditTest, WhatIsClaimedAndHasNotComeIsAHole) {
  seen_.Add(1, 3);
  DueAt(0, 5);

  EXPECT_THAT(DueAt(kLong, 5), ElementsAre(Lost(4, 5)));
}

TEST_F(SequenceAuditTest, WhatGrowsBehindAToldHoleIsToldByItself) {
  seen_.Add(1);
  DueAt(0, 3);
  EXPECT_THAT(DueAt(kLong, 3), ElementsAre(Lost(2, 3)));

  EXPECT_THAT(DueAt(kLong + 1, 6), IsEmpty());
  EXPECT_THAT(DueAt(2 * kLong + 1, 6), ElementsAre(Lost(4, 6)));
}

TEST_F(SequenceAuditTest, OfASourceThatEndedNobodyKnowsWhetherItWasAcknowledged) {
  seen_.Add(1);
  seen_.Add(3);
  Tell({.heard_ms = 0}, 1);

  EXPECT_THAT(Tell({.heard_ms = 0}, 2 * kLong), IsEmpty()) << "it may live";
  EXPECT_THAT(Tell({.heard_ms = 0, .ended = true}, 2 * kLong), ElementsAre(NotKnown(2, 2)));
}

TEST_F(SequenceAuditTest, ALongSilenceIsAnEnd) {
  seen_.Add(1);
  seen_.Add(3);
  Tell({.heard_ms = 500}, 1000);

  EXPECT_THAT(Tell({.heard_ms = 500}, SequenceAudit::kSilenceMs), IsEmpty());
  EXPECT_THAT(Tell({.heard_ms = 500}, SequenceAudit::kSilenceMs + 1000),
              ElementsAre(NotKnown(2, 2)));
}

TEST_F(SequenceAuditTest, WhatWasToldByAnEarlierProcessIsNotToldAgain) {
  seen_.Add(5);
  audit_.AddTold({1, 4});
  DueAt(0);

  EXPECT_THAT(DueAt(kLong), IsEmpty());
}

}  // namespace
}  // namespace platen::gateway::core
