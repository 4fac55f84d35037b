#include "services/relay/core/relay_core.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::relay::core {
namespace {

using broker::Partition;
using broker::PartitionOffset;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Partition kP0{"lane", 0};
const Partition kP1{"lane", 1};

class RelayCoreTest : public testing::Test {
 protected:
  RelayCoreTest() { core_.OnAssigned(now_, std::vector{kP0, kP1}); }

  ~RelayCoreTest() override { ExpectBalance(); }

  static RelayOptions Options() {
    return {.batch = {.bytes_max = 1000, .items_max = 3, .age_max = milliseconds(100)},
            .window_first = 8,
            .buffer_bytes_max = 300,
            .event_bytes_max = 200};
  }

  // One record of one event for each of `offsets`.
  Effects Records(const Partition& partition,
                  const std::vector<std::int64_t>& offsets,
                  std::string_view route = "default") {
    std::vector<broker::HeaderView> headers = {{"route", route}};
    std::vector<broker::RecordView> records;
    for (const std::int64_t offset : offsets) {
      broker::RecordView& record = records.emplace_back();
      record.key = "key";
      record.value = "event";
      record.headers = headers;
      record.offset = offset;
    }
    return core_.OnRecords(now_, {partition, records});
  }

  Effects Record(std::optional<std::string_view> value, std::int64_t offset) {
    broker::RecordView record;
    record.key = "key";
    record.value = value;
    record.offset = offset;
    return core_.OnRecords(now_, {kP0, std::span(&record, 1)});
  }

  Effects Accept(std::uint64_t number) { return core_.OnAnswer(now_, {.number = number}); }

  Effects Rewind(std::uint64_t number, std::uint64_t to, base::Duration delay = seconds(0)) {
    return core_.OnAnswer(now_, {.number = number, .rewind_to = to, .retry_delay = delay});
  }

  static std::vector<std::int64_t> Offsets(const Effects& effects) {
    std::vector<std::int64_t> offsets;
    for (const auto& sent : effects.send) {
      for (std::size_t i = 0; i < sent.batch->size(); ++i) {
        offsets.push_back(sent.batch->At(i).offset);
      }
    }
    return offsets;
  }

  void ExpectBalance() const {
    const RelayTotals& t = core_.totals();
    EXPECT_EQ(t.received,
              t.delivered + t.dead_lettered + t.dropped + t.handed_back + core_.in_flight());
  }

  base::MonotonicTime now_{};
  RelayCore core_{Options(), RouteFilter("default", {{"default"}, {"east"}})};
};

TEST_F(RelayCoreTest, AFullBatchGoesAtOnceAndAnotherWaitsForItsAge) {
  core_.OnStreamUp(now_, 4, 0);

  EXPECT_THAT(Offsets(Records(kP0, {1, 2, 3})), ElementsAre(1, 2, 3));
  const Effects young = Records(kP0, {4});
  EXPECT_THAT(young.send, IsEmpty());
  EXPECT_EQ(young.wake_at, now_ + milliseconds(100));
  now_ += milliseconds(100);
  EXPECT_THAT(Offsets(core_.OnTimer(now_)), ElementsAre(4));
}

TEST_F(RelayCoreTest, OffsetsAreCommittedOnlyAfterTheGatewayHasThem) {
  core_.OnStreamUp(now_, 4, 0);

  EXPECT_THAT(Records(kP0, {1, 2, 3}).commit, IsEmpty());
  EXPECT_THAT(Accept(1).commit, ElementsAre(PartitionOffset{kP0, 4}));
}

TEST_F(RelayCoreTest, RecordsOfAnotherRouteEndAtOnceButNeverPassOwnOnes) {
  core_.OnStreamUp(now_, 4, 0);

  EXPECT_THAT(Records(kP0, {1}, "east").commit, ElementsAre(PartitionOffset{kP0, 2}));
  Records(kP0, {2, 3});
  EXPECT_THAT(Records(kP0, {4}, "east").commit, IsEmpty());
  EXPECT_EQ(core_.totals().skipped, 2u);
  Records(kP0, {5});
  EXPECT_THAT(Accept(1).commit, ElementsAre(PartitionOffset{kP0, 6}));
}

TEST_F(RelayCoreTest, NothingIsSentBeforeTheStreamIsUp) {
  EXPECT_THAT(Records(kP0, {1, 2, 3}).send, IsEmpty());

  EXPECT_THAT(Offsets(core_.OnStreamUp(now_, 4, 0)), ElementsAre(1, 2, 3));
}

TEST_F(RelayCoreTest, AfterALossEverythingUnansweredIsSentAgainInOrderFromOne) {
  core_.OnStreamUp(now_, 4, 0);
  Records(kP0, {1, 2, 3});
  Records(kP0, {4, 5, 6});
  Accept(1);

  EXPECT_THAT(core_.OnStreamDown(now_).send, IsEmpty());
  const Effects again = core_.OnStreamUp(now_, 4, 0);

  EXPECT_THAT(Offsets(again), ElementsAre(4, 5, 6));
  EXPECT_EQ(again.send[0].number, 1u);
  EXPECT_THAT(Accept(1).commit, ElementsAre(PartitionOffset{kP0, 7}));
}

TEST_F(RelayCoreTest, WhatWasSealedForAGatewayThatTakesMoreIsCutAgain) {
  Records(kP0, {1, 2, 3});
  Records(kP0, {4});

  // Two of "event" fit, with a tag and a length each.
  const Effects effects = core_.OnStreamUp(now_, 4, 14);

  EXPECT_THAT(Offsets(effects), ElementsAre(1, 2, 3));
  ASSERT_THAT(effects.send, SizeIs(2));
  EXPECT_EQ(effects.send[0].batch->size(), 2u);
  Accept(1);
  EXPECT_THAT(Accept(2).commit, ElementsAre(PartitionOffset{kP0, 4}));
  now_ += milliseconds(100);
  EXPECT_THAT(Offsets(core_.OnTimer(now_)), ElementsAre(4));
  Accept(3);
  EXPECT_EQ(core_.buffered_bytes(), 0u);
}

TEST_F(RelayCoreTest, WhatWasOnItsWayIsCutAgainForTheNextGateway) {
  core_.OnStreamUp(now_, 4, 0);
  Records(kP0, {1, 2, 3});
  core_.OnStreamDown(now_);

  EXPECT_THAT(core_.OnStreamUp(now_, 4, 7).send, SizeIs(3));
  core_.OnStreamDown(now_);
  EXPECT_THAT(Offsets(core_.OnStreamUp(now_, 4, 1000)), ElementsAre(1, 2, 3));
}

TEST_F(RelayCoreTest, AnEventTooLargeForTheGatewayIsADeadLetterAndTheRestMovesOn) {
  Record("small", 1);
  Record("a large event", 2);
  Record("small", 3);

  const Effects effects = core_.OnStreamUp(now_, 4, 14);

  EXPECT_THAT(Offsets(effects), ElementsAre(1, 3));
  ASSERT_THAT(effects.dead_letters, SizeIs(1));
  EXPECT_EQ(effects.dead_letters[0].reason, DeadLetterReason::kTooLarge);
  EXPECT_EQ(effects.dead_letters[0].detail, "13 bytes; the gateway takes payloads of at most 14");
  EXPECT_EQ(effects.dead_letters[0].value, "a large event");
  Accept(1);
  EXPECT_THAT(core_.OnDeadLetter(now_, effects.dead_letters[0].id, true).commit,
              ElementsAre(PartitionOffset{kP0, 4}));
  EXPECT_EQ(core_.buffered_bytes(), 0u);
}

TEST_F(RelayCoreTest, AGapIsCommittedOverOnlyAfterWhatWasTakenBeforeIt) {
  core_.OnStreamUp(now_, 4, 0);
  Records(kP0, {1, 2, 3});

  EXPECT_THAT(core_.OnGap(now_, {kP0, 50}).commit, IsEmpty());
  EXPECT_THAT(Accept(1).commit, ElementsAre(PartitionOffset{kP0, 50}));
  EXPECT_THAT(Offsets(Records(kP0, {50, 51, 52})), ElementsAre(50, 51, 52));
}

TEST_F(RelayCoreTest, ARewindWaitsAsLongAsTheGatewaySays) {
  core_.OnStreamUp(now_, 4, 0);
  Records(kP0, {1, 2, 3});
  Records(kP0, {4, 5, 6});

  const Effects rewound = Rewind(1, 1, seconds(2));
  EXPECT_THAT(rewound.send, IsEmpty());
  EXPECT_EQ(rewound.wake_at, now_ + seconds(2));
  EXPECT_THAT(Rewind(2, 1, seconds(2)).send, IsEmpty());
  now_ += seconds(2);
  EXPECT_THAT(Offsets(core_.OnTimer(now_)), ElementsAre(1, 2, 3, 4, 5, 6));
  Accept(1);
  EXPECT_THAT(Accept(2).commit, ElementsAre(PartitionOffset{kP0, 7}));
}

TEST_F(RelayCoreTest, ARefusedEventEndsOnlyWhenItsDeadLetterIsStored) {
  core_.OnStreamUp(now_, 4, 0);
  Records(kP0, {1, 2, 3});

  const Effects effects = core_.OnAnswer(
      now_,
      {.number = 1,
       .refusals = {{.index = 1, .reason = DeadLetterReason::kUnregisteredDevice, .detail = "d"}}});

  EXPECT_THAT(effects.commit, ElementsAre(PartitionOffset{kP0, 2}));
  ASSERT_THAT(effects.dead_letters, SizeIs(1));
  EXPECT_EQ(effects.dead_letters[0].offset, 2);
  EXPECT_EQ(effects.dead_letters[0].key, "key");
  EXPECT_EQ(effects.dead_letters[0].value, "event");
  EXPECT_EQ(core_.in_flight(), 1u);
  EXPECT_THAT(core_.OnDeadLetter(now_, effects.dead_letters[0].id, true).commit,
              ElementsAre(PartitionOffset{kP0, 4}));
  EXPECT_EQ(core_.totals().dead_lettered, 1u);
  EXPECT_EQ(core_.totals().delivered, 2u);
}

TEST_F(RelayCoreTest, WhatNoGatewayTakesIsADeadLetterAtOnce) {
  core_.OnStreamUp(now_, 4, 0);

  EXPECT_EQ(Record(std::nullopt, 1).dead_letters.at(0).reason, DeadLetterReason::kEmpty);
  EXPECT_EQ(Record("", 2).dead_letters.at(0).reason, DeadLetterReason::kEmpty);
  EXPECT_EQ(Record(std::string(201, 'x'), 3).dead_letters.at(0).reason,
            DeadLetterReason::kTooLarge);
}

TEST_F(RelayCoreTest, AFullBufferFirstStopsPollingAndThenPausesUntilItIsHalfEmpty) {
  core_.OnStreamUp(now_, 100, 0);
  for (std::int64_t i = 0; core_.may_poll(); ++i) Records(kP0, {i});

  EXPECT_THAT(core_.OnTimer(now_).pause, IsEmpty());
  EXPECT_FALSE(core_.may_poll());
  now_ += milliseconds(500);
  EXPECT_THAT(core_.OnTimer(now_).pause, ElementsAre(kP0, kP1));
  EXPECT_TRUE(core_.may_poll()) << "a paused member goes on being polled";
  std::vector<Partition> resumed;
  for (std::uint64_t n = 1; resumed.empty() && core_.in_flight() > 0; ++n) {
    resumed = Accept(n).resume;
  }
  EXPECT_THAT(resumed, ElementsAre(kP0, kP1));
  EXPECT_LE(core_.buffered_bytes(), 150u);
}

TEST_F(RelayCoreTest, WithoutAStreamLittleIsTakenAndWithOneTheRestAtOnce) {
  for (std::int64_t i = 0; core_.may_poll(); ++i) Records(kP0, {i});
  EXPECT_LE(core_.buffered_bytes(), 60u);
  now_ += milliseconds(500);
  EXPECT_THAT(core_.OnTimer(now_).pause, ElementsAre(kP0, kP1));

  EXPECT_THAT(core_.OnStreamUp(now_, 100, 0).resume, ElementsAre(kP0, kP1));
  EXPECT_TRUE(core_.may_poll());
}

TEST_F(RelayCoreTest, ARevokedPartitionGoesWhenWhatIsOnTheWayHasEnded) {
  core_.OnStreamUp(now_, 1, 0);
  Records(kP0, {1, 2, 3});
  Records(kP0, {4, 5});
  Records(kP1, {7});

  EXPECT_THAT(core_.OnRevoked(now_, std::vector{kP0}).release, IsEmpty());
  EXPECT_EQ(core_.totals().handed_back, 2u);
  const Effects ended = Accept(1);

  EXPECT_THAT(ended.commit, ElementsAre(PartitionOffset{kP0, 4}));
  EXPECT_THAT(ended.release, ElementsAre(kP0));
  EXPECT_THAT(Offsets(ended), ElementsAre(7));
  EXPECT_THAT(Records(kP0, {6}).send, IsEmpty());
}

TEST_F(RelayCoreTest, ARevokedPartitionDoesNotWaitForAGatewayThatFails) {
  core_.OnStreamUp(now_, 1, 0);
  Records(kP0, {1, 2, 3});
  core_.OnRevoked(now_, std::vector{kP0});

  EXPECT_THAT(core_.OnStreamDown(now_).release, ElementsAre(kP0));
  EXPECT_EQ(core_.totals().handed_back, 3u);
}

TEST_F(RelayCoreTest, ARevokedPartitionGoesAtItsDeadline) {
  core_.OnStreamUp(now_, 1, 0);
  Records(kP0, {1, 2, 3});
  const Effects revoked = core_.OnRevoked(now_, std::vector{kP0});
  EXPECT_EQ(revoked.wake_at, now_ + seconds(4));

  now_ += seconds(4);

  EXPECT_THAT(core_.OnTimer(now_).release, ElementsAre(kP0));
  EXPECT_THAT(Accept(1).commit, IsEmpty()) << "it is somebody else's now";
}

TEST_F(RelayCoreTest, WhatWasLostIsNeitherCommittedNorSentAgain) {
  core_.OnStreamUp(now_, 4, 0);
  Records(kP0, {1, 2});
  Records(kP1, {7});

  core_.OnLost(now_, std::vector{kP0});
  core_.OnStreamDown(now_);
  const Effects again = core_.OnStreamUp(now_, 4, 0);

  EXPECT_THAT(Offsets(again), ElementsAre(7));
  EXPECT_THAT(Accept(1).commit, ElementsAre(PartitionOffset{kP1, 8}));
}

TEST_F(RelayCoreTest, APartitionThatComesBackBeginsAnew) {
  core_.OnStreamUp(now_, 4, 0);
  Records(kP0, {1, 2, 3});
  core_.OnLost(now_, std::vector{kP0});
  core_.OnAssigned(now_, std::vector{kP0});
  Records(kP0, {1, 2, 3});

  EXPECT_THAT(Accept(1).commit, IsEmpty()) << "said of the records of the first life";
  EXPECT_THAT(Accept(2).commit, ElementsAre(PartitionOffset{kP0, 4}));
}

TEST_F(RelayCoreTest, DrainEndsWhatIsOnTheWayAndHandsBackTheRest) {
  core_.OnStreamUp(now_, 1, 0);
  Records(kP0, {1, 2, 3});
  Records(kP1, {4});

  core_.Drain(now_);
  EXPECT_EQ(core_.in_flight(), 3u);
  EXPECT_THAT(Accept(1).commit, ElementsAre(PartitionOffset{kP0, 4}));
  EXPECT_EQ(core_.in_flight(), 0u);
}

TEST_F(RelayCoreTest, AGatewayThatBreaksTheProtocolCostsTheStreamOnly) {
  core_.OnStreamUp(now_, 4, 0);
  Records(kP0, {1, 2, 3});

  EXPECT_TRUE(Accept(9).reset_stream);
  core_.OnStreamDown(now_);
  EXPECT_THAT(Offsets(core_.OnStreamUp(now_, 4, 0)), ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace platen::relay::core
