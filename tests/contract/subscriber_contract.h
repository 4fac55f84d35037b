// The contract's half about Subscriber.
#pragma once

#include <algorithm>

#include "tests/contract/broker_contract.h"

namespace platen::broker {

TEST_P(BrokerContract, AGroupBeginsAtTheBeginningAndThenWhereItCommitted) {
  const std::string topic = MakeTopic(1);
  const std::string group = Unique("group");
  PublishValues(topic, 0, {"a", "b", "c"});
  {
    const auto subscriber = NewSubscriber({.topics = {topic}, .group = group});
    Heard heard;
    ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 3; }));
    EXPECT_THAT(heard.values(), testing::ElementsAre("a", "b", "c"));
    ASSERT_TRUE(CommitAndWait(*subscriber, {{topic, 0}, 2}));
    subscriber->Close(std::chrono::seconds(10));
  }

  const auto next = NewSubscriber({.topics = {topic}, .group = group});
  Heard heard;
  ASSERT_TRUE(PollUntil(*next, heard, [&] { return !heard.records.empty(); }));
  EXPECT_THAT(heard.values(), testing::ElementsAre("c"));
}

TEST_P(BrokerContract, AMemberWhoDisregardsCommitsReadsFromTheBeginning) {
  const std::string topic = MakeTopic(1);
  const std::string group = Unique("group");
  PublishValues(topic, 0, {"a", "b"});
  {
    const auto subscriber = NewSubscriber({.topics = {topic}, .group = group});
    Heard heard;
    ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 2; }));
    ASSERT_TRUE(CommitAndWait(*subscriber, {{topic, 0}, 2}));
    subscriber->Close(std::chrono::seconds(10));
  }

  const auto next = NewSubscriber({.topics = {topic}, .group = group, .use_committed = false});
  Heard heard;
  ASSERT_TRUE(PollUntil(*next, heard, [&] { return heard.records.size() >= 2; }));
  EXPECT_THAT(heard.values(), testing::ElementsAre("a", "b"));
}

TEST_P(BrokerContract, StartAtChoosesThePlaceAfterAssignedAndAtAnyTime) {
  const std::string topic = MakeTopic(1);
  PublishValues(topic, 0, {"a", "b", "c"});
  const auto subscriber = NewSubscriber({.topics = {topic}, .group = Unique("group")});
  Heard heard;
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return !heard.assigned.empty(); }));

  subscriber->StartAt({{topic, 0}, 1});
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 2; }));
  EXPECT_THAT(heard.values(), testing::ElementsAre("b", "c"));
  heard.records.clear();
  subscriber->StartAt({{topic, 0}, kBeginning});
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 3; }));
  EXPECT_THAT(heard.values(), testing::ElementsAre("a", "b", "c"));
}

TEST_P(BrokerContract, AFailureToCommitNeverComesFromAskingTwiceOrForLess) {
  const std::string topic = MakeTopic(1);
  const std::string group = Unique("group");
  PublishValues(topic, 0, {"a", "b", "c"});
  {
    const auto subscriber = NewSubscriber({.topics = {topic}, .group = group});
    Heard heard;
    ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 3; }));
    ASSERT_TRUE(CommitAndWait(*subscriber, {{topic, 0}, 2}));

    subscriber->Commit({{topic, 0}, 2});
    subscriber->Commit({{topic, 0}, 1});
    subscriber->Close(std::chrono::seconds(10));
  }

  const auto next = NewSubscriber({.topics = {topic}, .group = group});
  Heard heard;
  ASSERT_TRUE(PollUntil(*next, heard, [&] { return !heard.records.empty(); }));
  EXPECT_THAT(heard.values(), testing::ElementsAre("c"));
}

TEST_P(BrokerContract, CloseCommitsWhatWasAskedFor) {
  const std::string topic = MakeTopic(1);
  const std::string group = Unique("group");
  PublishValues(topic, 0, {"a", "b"});
  {
    const auto subscriber = NewSubscriber({.topics = {topic}, .group = group});
    Heard heard;
    ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 2; }));
    subscriber->Commit({{topic, 0}, 1});
    subscriber->Close(std::chrono::seconds(10));
  }

  const auto next = NewSubscriber({.topics = {topic}, .group = group});
  Heard heard;
  ASSERT_TRUE(PollUntil(*next, heard, [&] { return !heard.records.empty(); }));
  EXPECT_THAT(heard.values(), testing::ElementsAre("b"));
}

// Who is behind has records on their way at any moment, also while it leaves.
TEST_P(BrokerContract, CloseInTheMidstOfABacklogCommitsWhatWasAskedFor) {
  const std::string topic = MakeTopic(4);
  const std::string group = Unique("group");
  const std::vector<std::string> values(5'000, std::string(500, 'v'));
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    PublishValues(topic, partition, values);
  }
  {
    const auto subscriber =
        NewSubscriber({.topics = {topic}, .group = group, .prefetch_bytes = 1u << 20});
    Heard heard;
    ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return !heard.records.empty(); }));
    subscriber->Commit({{topic, 0}, 4'999});
    subscriber->Commit({{topic, 1}, 5'000});
    subscriber->Commit({{topic, 2}, 5'000});
    subscriber->Commit({{topic, 3}, 5'000});
    subscriber->Close(std::chrono::seconds(10));
  }

  const auto next = NewSubscriber({.topics = {topic}, .group = group});
  Heard heard;
  ASSERT_TRUE(PollUntil(*next, heard, [&] { return heard.ends.size() >= 4; }));
  EXPECT_EQ(heard.records.size(), 1u);
}

TEST_P(BrokerContract, APausedPartitionIsSilentAndNothingIsLostByIt) {
  const std::string topic = MakeTopic(2);
  const auto subscriber = NewSubscriber({.topics = {topic}, .group = Unique("group")});
  Heard heard;
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.ends.size() >= 2; }));
  const std::vector<Partition> paused = {{topic, 0}};

  subscriber->Pause(paused);
  PublishValues(topic, 0, {"quiet"});
  PublishValues(topic, 1, {"loud"});
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return !heard.records.empty(); }));
  for (int i = 0; i < 10; ++i) PollOnce(*subscriber, heard);
  EXPECT_THAT(heard.values(), testing::ElementsAre("loud"));
  subscriber->Resume(paused);
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 2; }));
  EXPECT_THAT(heard.values(), testing::ElementsAre("loud", "quiet"));
}

TEST_P(BrokerContract, APartitionMovesToANewMemberAfterItsRelease) {
  const std::string topic = MakeTopic(2);
  const std::string group = Unique("group");
  PublishValues(topic, 0, {"a0", "b0"});
  PublishValues(topic, 1, {"a1", "b1"});
  const auto first = NewSubscriber({.topics = {topic}, .group = group});
  Heard one;
  ASSERT_TRUE(PollUntil(*first, one, [&] { return one.records.size() >= 4; }));

  const auto second = NewSubscriber({.topics = {topic}, .group = group});
  Heard two;
  ASSERT_TRUE(PollUntil(*first, one, [&] {
    PollOnce(*second, two);
    return !one.revoked.empty();
  }));
  ASSERT_EQ(one.revoked.size(), 1u);
  const Partition moved = one.revoked[0];
  EXPECT_TRUE(two.records.empty());
  first->Commit({moved, 1});
  first->Release(one.revoked);
  ASSERT_TRUE(PollUntil(*second, two, [&] {
    PollOnce(*first, one);
    return !two.records.empty();
  }));

  EXPECT_EQ(two.assigned, std::vector<Partition>{moved});
  EXPECT_THAT(two.values(), testing::ElementsAre(base::StrCat("b", moved.number)));
  EXPECT_TRUE(one.lost.empty());
}

TEST_P(BrokerContract, WhoDoesNotReleaseLosesThePartition) {
  const std::string topic = MakeTopic(2);
  const std::string group = Unique("group");
  const auto first = NewSubscriber(
      {.topics = {topic}, .group = group, .release_timeout = std::chrono::milliseconds(300)});
  Heard one;
  ASSERT_TRUE(PollUntil(*first, one, [&] { return one.assigned.size() == 2; }));

  const auto second = NewSubscriber({.topics = {topic}, .group = group});
  Heard two;
  ASSERT_TRUE(PollUntil(*first, one, [&] {
    PollOnce(*second, two);
    return !two.assigned.empty();
  }));

  EXPECT_EQ(one.lost, one.revoked);
  EXPECT_EQ(two.assigned, one.revoked);
}

TEST_P(BrokerContract, WhoClosesLeavesItsPartitionsToTheOthersAtOnce) {
  const std::string topic = MakeTopic(1);
  const std::string group = Unique("group");
  PublishValues(topic, 0, {"a"});
  const auto first = NewSubscriber({.topics = {topic}, .group = group});
  Heard one;
  ASSERT_TRUE(PollUntil(*first, one, [&] { return !one.records.empty(); }));
  const auto second = NewSubscriber({.topics = {topic}, .group = group});
  Heard two;

  first->Close(std::chrono::seconds(10));

  ASSERT_TRUE(PollUntil(*second, two, [&] { return !two.records.empty(); }));
}

TEST_P(BrokerContract, AnEatenRangeIsToldAndWaitsForStartAt) {
  const std::string topic = MakeTopic(1);
  const std::string group = Unique("group");
  PublishValues(topic, 0, {"a", "b", "c", "d"});
  {
    const auto subscriber = NewSubscriber({.topics = {topic}, .group = group});
    Heard heard;
    ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return !heard.records.empty(); }));
    ASSERT_TRUE(CommitAndWait(*subscriber, {{topic, 0}, 1}));
    subscriber->Close(std::chrono::seconds(10));
  }
  harness_->DeleteBelow({{topic, 0}, 3});

  const auto next = NewSubscriber({.topics = {topic}, .group = group});
  Heard heard;
  ASSERT_TRUE(PollUntil(*next, heard, [&] { return !heard.out_of_range.empty(); }));
  for (int i = 0; i < 10; ++i) PollOnce(*next, heard);
  ASSERT_EQ(heard.out_of_range.size(), 1u);
  EXPECT_EQ(heard.out_of_range[0].partition, (Partition{topic, 0}));
  EXPECT_EQ(heard.out_of_range[0].wanted, 1);
  EXPECT_EQ(heard.out_of_range[0].earliest, 3);
  EXPECT_TRUE(heard.records.empty());
  next->StartAt({{topic, 0}, heard.out_of_range[0].earliest});
  ASSERT_TRUE(PollUntil(*next, heard, [&] { return !heard.records.empty(); }));
  EXPECT_THAT(heard.values(), testing::ElementsAre("d"));
}

TEST_P(BrokerContract, TheEndIsToldOnceEachTimeItIsReached) {
  const std::string topic = MakeTopic(1);
  PublishValues(topic, 0, {"a"});
  const auto subscriber = NewSubscriber({.partitions = {{{topic, 0}, kBeginning}}});
  Heard heard;

  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return !heard.ends.empty(); }));
  for (int i = 0; i < 10; ++i) PollOnce(*subscriber, heard);
  PublishValues(topic, 0, {"b"});
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.ends.size() >= 2; }));

  EXPECT_THAT(heard.ends,
              testing::ElementsAre(PartitionOffset{{topic, 0}, 1}, PartitionOffset{{topic, 0}, 2}));
  EXPECT_THAT(heard.values(), testing::ElementsAre("a", "b"));
  EXPECT_EQ(subscriber->lag(), 0);
}

TEST_P(BrokerContract, WhatHasNotEndedIsLagThoughItWasRead) {
  const std::string topic = MakeTopic(1);
  PublishValues(topic, 0, {"a", "b", "c"});
  const auto subscriber = NewSubscriber({.topics = {topic}, .group = Unique("group")});
  Heard heard;

  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 3; }));
  EXPECT_EQ(subscriber->lag(), 3);
  subscriber->Commit({{topic, 0}, 2});
  EXPECT_EQ(subscriber->lag(), 1);
  subscriber->Commit({{topic, 0}, 3});
  EXPECT_EQ(subscriber->lag(), 0);
}

TEST_P(BrokerContract, PartitionsMayBeReadWithoutAGroup) {
  const std::string topic = MakeTopic(2);
  PublishValues(topic, 0, {"a0", "b0"});
  PublishValues(topic, 1, {"a1", "b1"});
  const auto subscriber = NewSubscriber({.partitions = {{{topic, 0}, 1}, {{topic, 1}, kEnd}}});
  Heard heard;
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.ends.size() >= 2; }));

  PublishValues(topic, 1, {"c1"});
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 2; }));

  EXPECT_THAT(heard.values(), testing::UnorderedElementsAre("b0", "c1"));
  EXPECT_TRUE(heard.assigned.empty());
}

TEST_P(BrokerContract, ABatchHoldsConsecutiveRecordsOfOnePartitionUpToItsBound) {
  const std::string topic = MakeTopic(3);
  for (std::int32_t p = 0; p < 3; ++p) PublishValues(topic, p, std::vector<std::string>(10, "v"));
  const auto subscriber =
      NewSubscriber({.topics = {topic}, .group = Unique("group"), .max_batch_records = 4});
  std::map<Partition, std::int64_t> next;
  std::size_t seen = 0;

  const base::MonotonicTime deadline = clock_.Now() + kPatience;
  while (seen < 30 && clock_.Now() < deadline) {
    auto step = subscriber->Poll(kStep);
    if (!step.ok() || !std::holds_alternative<RecordBatch>(*step)) continue;
    const auto& batch = std::get<RecordBatch>(*step);
    EXPECT_LE(batch.records.size(), 4u);
    for (const RecordView& record : batch.records) {
      EXPECT_EQ(record.offset, next[batch.partition]++);
      ++seen;
    }
  }

  EXPECT_EQ(seen, 30u);
}

}  // namespace platen::broker
