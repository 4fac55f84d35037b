#include "services/gateway/core/interval_set.h"

#include <gtest/gtest.h>

namespace platen::gateway::core {
namespace {

IntervalSet Of(std::initializer_list<std::uint64_t> numbers) {
  IntervalSet set;
  for (const std::uint64_t number : numbers) set.Add(number);
  return set;
}

TEST(IntervalSetTest, NumbersInOrderStayOneRange) {
  const IntervalSet set = Of({1, 2, 3, 4});

  EXPECT_EQ(set.ranges(), 1U);
  EXPECT_EQ(set.highest(), 4U);
  EXPECT_EQ(set.Missing(0), 0U);
}

TEST(IntervalSetTest, AHoleIsMissingUntilItIsFilled) {
  IntervalSet set = Of({1, 2, 5});
  EXPECT_EQ(set.Missing(0), 2U);

  set.Add(4);
  set.Add(3);

  EXPECT_EQ(set.Missing(0), 0U);
  EXPECT_EQ(set.ranges(), 1U);
}

TEST(IntervalSetTest, TheFirstNumbersAndThoseClaimedCanBeMissing) {
  const IntervalSet set = Of({3});

  EXPECT_EQ(set.Missing(0), 2U);
  EXPECT_EQ(set.Missing(5), 4U);
}

TEST(IntervalSetTest, WhatIsMissingIsNamed) {
  const IntervalSet set = Of({3, 4, 8, 9, 15});
  const auto in = [&set](std::uint64_t first, std::uint64_t last) {
    return set.MissingIn({first, last});
  };
  using Ranges = std::vector<NumberRange>;

  EXPECT_EQ(in(1, 20), (Ranges{{1, 2}, {5, 7}, {10, 14}, {16, 20}}));
  EXPECT_EQ(in(4, 9), (Ranges{{5, 7}}));
  EXPECT_EQ(in(6, 12), (Ranges{{6, 7}, {10, 12}}));
  EXPECT_EQ(in(8, 9), Ranges{});
  EXPECT_EQ(in(11, 12), (Ranges{{11, 12}}));
  EXPECT_EQ(in(16, 16), (Ranges{{16, 16}}));
  EXPECT_EQ(in(5, 4), Ranges{});
  EXPECT_EQ(IntervalSet().MissingIn({1, 2}), (Ranges{{1, 2}}));
}

TEST(IntervalSetTest, ARepeatedNumberChangesNothing) {
  IntervalSet set = Of({1, 2});

  set.Add(2);
  set.Add(0);

  EXPECT_EQ(set, Of({1, 2}));
}

TEST(IntervalSetTest, ARangeSwallowsWhatItTouches) {
  IntervalSet set = Of({1, 2, 5, 9, 20});

  set.Add(3, 10);

  EXPECT_EQ(set.ranges(), 2U);
  EXPECT_EQ(set.Missing(0), 9U);
  set.Add(4, 6);
  EXPECT_EQ(set.Missing(0), 9U);
}

TEST(IntervalSetTest, WhatIsEncodedIsDecoded) {
  const IntervalSet set = Of({1, 2, 3, 200, 201, 1ULL << 40});

  const auto decoded = IntervalSet::Decode(set.Encode());

  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, set);
}

TEST(IntervalSetTest, DamagedBytesAreRefused) {
  EXPECT_FALSE(IntervalSet::Decode("").ok());
  EXPECT_FALSE(IntervalSet::Decode("\x80").ok());
  EXPECT_FALSE(IntervalSet::Decode(std::string("\0\1", 2)).ok());
  EXPECT_FALSE(IntervalSet::Decode(std::string("\0\0\0", 3)).ok());
}

TEST(IntervalSetTest, TooManyHolesAreClosedAndStayCounted) {
  IntervalSet set;
  std::uint64_t missing = 0;
  for (std::uint64_t number = 2; number < 2 * IntervalSet::kRangesMax + 20; number += 2) {
    set.Add(number);
    ++missing;
  }

  EXPECT_LE(set.ranges(), IntervalSet::kRangesMax);
  EXPECT_EQ(set.Missing(0), missing);
}

}  // namespace
}  // namespace platen::gateway::core
