#include "libs/broker/memory/group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::broker::memory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Partition> Partitions(int count) {
  std::vector<Partition> partitions;
  for (int i = 0; i < count; ++i) partitions.push_back({"t", i});
  return partitions;
}

TEST(GroupTest, TheFirstMemberGetsEverything) {
  Group group;
  group.Join(1, Partitions(4));

  EXPECT_THAT(group.TakeNews(1).assigned, SizeIs(4));
}

TEST(GroupTest, APartitionMovesOnlyAfterItsOwnerReleasedIt) {
  Group group;
  group.Join(1, Partitions(2));
  group.TakeNews(1);

  group.Join(2, Partitions(2));

  const std::vector<Partition> asked = group.TakeNews(1).revoked;
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_TRUE(group.TakeNews(2).empty());
  EXPECT_TRUE(group.Owns(1, asked[0]));
  group.Release(1, asked[0]);
  EXPECT_EQ(group.TakeNews(2).assigned, asked);
}

TEST(GroupTest, WhatAMemberLeavesBehindIsGivenToTheOthers) {
  Group group;
  group.Join(1, Partitions(2));
  group.Join(2, Partitions(2));
  group.TakeNews(1);
  group.TakeNews(2);

  group.Leave(1);

  EXPECT_THAT(group.TakeNews(2).assigned, SizeIs(1));
}

TEST(GroupTest, AnExpelledMemberHearsOfItAndMayNotCommit) {
  Group group;
  group.Join(1, Partitions(1));
  group.TakeNews(1);

  group.Expel(1);

  EXPECT_THAT(group.TakeNews(1).lost, ElementsAre(Partition{"t", 0}));
  EXPECT_FALSE(group.Commit(1, {{"t", 0}, 5}));
  EXPECT_EQ(group.Committed({"t", 0}), std::nullopt);
}

TEST(GroupTest, WhatWasNeverToldIsTakenAwaySilently) {
  Group group;
  group.Join(1, Partitions(2));

  group.Join(2, Partitions(2));

  EXPECT_THAT(group.TakeNews(1).revoked, IsEmpty());
  EXPECT_THAT(group.TakeNews(2).assigned, SizeIs(1));
}

}  // namespace
}  // namespace platen::broker::memory
