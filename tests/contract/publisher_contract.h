// The contract's half about Publisher and EnsureTopics.
#pragma once

#include "tests/contract/broker_contract.h"

namespace platen::broker {

TEST_P(BrokerContract, ARecordArrivesAsItWasPublished) {
  const std::string topic = MakeTopic(2);
  const auto publisher = NewPublisher();
  const std::vector<HeaderView> headers = {{"route", "default"}, {"empty", ""}};
  const std::string binary("\0\x01\xff", 3);

  PublishAll(*publisher,
             {{.topic = topic, .partition = 1, .key = binary, .value = binary, .headers = headers},
              {.topic = topic, .partition = 1, .key = "gone", .value = std::nullopt},
              {.topic = topic, .partition = 1, .key = "empty", .value = ""}});

  const auto subscriber = NewSubscriber({.partitions = {{{topic, 1}, kBeginning}}});
  Heard heard;
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 3; }));
  EXPECT_EQ(heard.records[0].key, binary);
  EXPECT_EQ(heard.records[0].value, binary);
  EXPECT_EQ(heard.records[0].headers,
            (std::map<std::string, std::string>{{"route", "default"}, {"empty", ""}}));
  EXPECT_EQ(heard.records[1].value, std::nullopt);
  EXPECT_EQ(heard.records[2].value, "");
  EXPECT_EQ(heard.records[2].partition, (Partition{topic, 1}));
  EXPECT_EQ(heard.records[2].offset, 2);
}

TEST_P(BrokerContract, WhoDoesNotAskForHeadersGetsRecordsWithoutThem) {
  const std::string topic = MakeTopic(1);
  const auto publisher = NewPublisher();
  const std::vector<HeaderView> headers = {{"route", "default"}};
  PublishAll(*publisher,
             {{.topic = topic, .partition = 0, .key = "k", .value = "v", .headers = headers}});

  const auto subscriber =
      NewSubscriber({.partitions = {{{topic, 0}, kBeginning}}, .with_headers = false});
  Heard heard;
  ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return !heard.records.empty(); }));
  EXPECT_EQ(heard.records[0].value, "v");
  EXPECT_TRUE(heard.records[0].headers.empty());
}

TEST_P(BrokerContract, EachAcceptedRecordHasOneDeliveryAndOrderIsKept) {
  for (const bool gather : {false, true}) {
    SCOPED_TRACE(gather ? "gathered" : "at once");
    const std::string topic = MakeTopic(6);
    const auto publisher = NewPublisher({.gather = gather});
    std::vector<PublishId> ids;

    for (int i = 0; i < 600; ++i) {
      const std::string value = base::StrCat(i);
      const auto id =
          publisher->Publish({.topic = topic, .partition = i % 6, .key = "k", .value = value});
      ASSERT_TRUE(id.ok()) << id.status();
      ids.push_back(*id);
    }
    std::vector<PublishId> delivered;
    for (const Delivery& delivery : Drain(*publisher)) {
      EXPECT_TRUE(delivery.status.ok()) << delivery.status;
      EXPECT_EQ(delivery.offset, static_cast<std::int64_t>((delivery.id - 1) / 6));
      delivered.push_back(delivery.id);
    }

    EXPECT_THAT(delivered, testing::UnorderedElementsAreArray(ids));
    const auto subscriber = NewSubscriber({.partitions = {{{topic, 0}, kBeginning}}});
    Heard heard;
    ASSERT_TRUE(PollUntil(*subscriber, heard, [&] { return heard.records.size() >= 100; }));
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(heard.records[i].value, base::StrCat(6 * i));
  }
}

TEST_P(BrokerContract, ARefusedRecordHarmsNoOtherAndOrderIsKept) {
  for (const bool gather : {false, true}) {
    SCOPED_TRACE(gather ? "gathered" : "at once");
    const std::string topic = MakeTopic(2, {{"cleanup.policy", "compact"}});
    // One batch, so that the broker refuses the good with the bad.
    const auto publisher =
        NewPublisher({.linger = std::chrono::milliseconds(100), .gather = gather});
    std::vector<OutgoingRecord> records;
    std::vector<std::string> keys(60);
    std::vector<std::string> expected;
    for (int i = 0; i < 60; ++i) {
      const bool bad = i == 7 || i == 31;
      keys[static_cast<std::size_t>(i)] = bad ? "" : base::StrCat("key", i);
      records.push_back({.topic = topic,
                         .partition = i % 3 == 2 ? 1 : 0,
                         .key = keys[static_cast<std::size_t>(i)],
                         .value = "v"});
      if (!bad && i % 3 != 2) expected.push_back(keys[static_cast<std::size_t>(i)]);
    }

    const std::vector<Delivery> deliveries = PublishAll(*publisher, records);

    ASSERT_EQ(deliveries.size(), 60u);
    for (const Delivery& delivery : deliveries) {
      const bool bad = delivery.id == 8 || delivery.id == 32;
      EXPECT_EQ(delivery.status.code(),
                bad ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kOk)
          << delivery.id << " " << delivery.status;
    }
    const auto subscriber = NewSubscriber({.partitions = {{{topic, 0}, kBeginning}}});
    Heard heard;
    ASSERT_TRUE(
        PollUntil(*subscriber, heard, [&] { return heard.records.size() >= expected.size(); }));
    std::vector<std::string> found;
    for (const auto& record : heard.records) found.push_back(record.key);
    EXPECT_EQ(found, expected);
  }
}

TEST_P(BrokerContract, APublisherGoesOnAfterARefusal) {
  const std::string topic = MakeTopic(1, {{"cleanup.policy", "compact"}});
  const auto publisher = NewPublisher();
  PublishAll(*publisher, {{.topic = topic, .key = "", .value = "bad"}});

  const auto deliveries = PublishAll(*publisher, {{.topic = topic, .key = "k", .value = "good"}});

  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_TRUE(deliveries[0].status.ok()) << deliveries[0].status;
}

TEST_P(BrokerContract, AFullQueueSaysSoAndTakesAgainAfterDeliveries) {
  const std::string topic = MakeTopic(1);
  const auto publisher = NewPublisher({.queue_bytes = 10'000});
  const std::string value(3'000, 'x');
  const OutgoingRecord record = {.topic = topic, .key = "k", .value = value};
  absl::Status status;
  int accepted = 0;

  while (status.ok() && accepted < 100) {
    status = publisher->Publish(record).status();
    if (status.ok()) ++accepted;
  }

  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(accepted, 3);
  EXPECT_EQ(Drain(*publisher).size(), 3u);
  EXPECT_TRUE(publisher->Publish(record).ok());
}

TEST_P(BrokerContract, WhatDoesNotExistIsNotFound) {
  const std::string topic = MakeTopic(2);
  const auto publisher = NewPublisher();

  EXPECT_EQ(publisher->PartitionCount(topic).value_or(0), 2);
  EXPECT_TRUE(absl::IsNotFound(publisher->PartitionCount(Unique("none")).status()));
  EXPECT_TRUE(absl::IsNotFound(publisher->Publish({.topic = topic, .partition = 2}).status()));
  EXPECT_TRUE(absl::IsNotFound(publisher->Publish({.topic = Unique("none")}).status()));
}

TEST_P(BrokerContract, ARecordThatNoBrokerTakesIsRefusedAtOnce) {
  const std::string topic = MakeTopic(1);
  const auto publisher = NewPublisher();
  const std::string value(2'000'000, 'x');

  EXPECT_EQ(publisher->Publish({.topic = topic, .key = "k", .value = value}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_P(BrokerContract, ATombstoneOfNoKeyIsRefusedAtOnce) {
  const std::string topic = MakeTopic(1);
  const auto publisher = NewPublisher();

  EXPECT_EQ(publisher->Publish({.topic = topic, .key = "", .value = std::nullopt}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(publisher->in_flight(), 0u);
}

TEST_P(BrokerContract, PurgeEndsEverythingAndThePublisherGoesOn) {
  const std::string topic = MakeTopic(1);
  const auto publisher = NewPublisher({.linger = std::chrono::seconds(100)});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(publisher->Publish({.topic = topic, .key = "k", .value = "v"}).ok());
  }

  publisher->Purge();

  EXPECT_EQ(publisher->in_flight(), 0u);
  const auto deliveries = publisher->Poll(kStep);
  ASSERT_EQ(deliveries.size(), 3u);
  for (const Delivery& delivery : deliveries) EXPECT_TRUE(absl::IsCancelled(delivery.status));
  EXPECT_TRUE(publisher->Publish({.topic = topic, .key = "k", .value = "v"}).ok());
}

TEST_P(BrokerContract, TopicsAreMadeOnceAndTheirPartitionsNeverChange) {
  const std::string topic = MakeTopic(3);

  EXPECT_TRUE(broker()
                  .EnsureTopics(std::vector<TopicSpec>{{.name = topic, .partitions = 3}}, kPatience)
                  .ok());
  EXPECT_EQ(broker()
                .EnsureTopics(std::vector<TopicSpec>{{.name = topic, .partitions = 4}}, kPatience)
                .code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace platen::broker
