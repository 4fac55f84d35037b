#include "services/collector/edge/spool.h"

#include <algorithm>
#include <csignal>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "platen/collector/v1/state.pb.h"

#include "libs/broker/broker.h"
#include "services/collector/edge/spool_fixture.h"

namespace platen::collector::edge {
namespace {

using event::v1::Event;

constexpr std::int32_t kPartitions = 4;

std::int32_t PartitionOf(char device) {
  return broker::PartitionFor(DeviceOf(device), kPartitions);
}

std::string StateOf(std::uint64_t term, std::uint64_t misses) {
  collector::v1::DeviceState state;
  state.set_term(term);
  state.set_misses(static_cast<std::uint32_t>(misses));
  return state.SerializeAsString();
}

std::string ClaimOf(std::uint64_t term) {
  collector::v1::OwnerClaim claim;
  claim.set_term(term);
  return claim.SerializeAsString();
}

class SpoolTest : public testing::Test {
 protected:
  SpoolTest() {
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      kafka_.states[i] = {{std::string(core::kOwnerKey), ClaimOf(5)}};
    }
    Start();
  }

  // A new life on the same disk.
  void Start() {
    state_.reset();
    events_.reset();
    spool_.reset();
    published_.clear();
    puts_.clear();
    said_.clear();
    reads_.clear();
    auto opened = Spool::Open({.log = {.file = directory_.File("spool.sqlite"), .instance = "c-1"},
                               .partitions = kPartitions},
                              clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    spool_ = *std::move(opened);
    events_ = std::make_unique<SpooledEvents>(*spool_, std::make_unique<FakeEvents>(kafka_));
    state_ = std::make_unique<SpooledState>(*spool_, std::make_unique<FakeState>(kafka_));
  }

  // As the core: what was cancelled is said again as it was.
  void Turn(base::Duration time = std::chrono::milliseconds(20)) {
    clock_.Advance(time);
    std::vector<core::StateStore::Step> steps;
    EXPECT_TRUE(state_->Poll(steps).ok());
    for (core::StateStore::Step& step : steps) {
      if (auto* put = std::get_if<core::StatePut>(&step)) {
        puts_.push_back(*put);
      } else if (auto* read = std::get_if<core::StateRead>(&step)) {
        reads_.push_back(*read);
      } else {
        ++restored_;
      }
    }
    std::vector<core::Published> published;
    EXPECT_TRUE(events_->Poll(published).ok());
    for (const core::Published& each : published) {
      if (absl::IsCancelled(each.status)) {
        ASSERT_TRUE(events_->Publish(said_.at(each.token), each.token).ok());
      } else {
        published_.push_back(each.token);
      }
    }
  }

  void Turns(int count) {
    for (int i = 0; i < count; ++i) Turn();
  }

  Event Say(Event event) {
    EXPECT_TRUE(sequencer_.Stamp(event).ok());
    said_[++last_token_] = event;
    EXPECT_TRUE(events_->Publish(event, last_token_).ok());
    return event;
  }

  void Keep(char device, std::uint64_t term, std::uint64_t misses) {
    EXPECT_TRUE(
        state_->Put(PartitionOf(device), DeviceOf(device), StateOf(term, misses), ++last_token_)
            .ok());
  }

  // Kafka goes away, and is deemed so, with an event in its producer.
  void LoseKafka() {
    kafka_.away = true;
    Say(Reading('z', 1000));
    Turn(std::chrono::seconds(1));
    Turn(std::chrono::seconds(6));
    Turns(2);
    ASSERT_TRUE(spool_->is_away());
  }

  std::vector<std::uint64_t> Delivered(event::v1::Lane lane) const {
    std::vector<std::uint64_t> numbers;
    for (const Event& event : kafka_.events) {
      if (event.lane() == lane) numbers.push_back(event.source().sequence());
    }
    return numbers;
  }

  std::size_t InLog(char device) const {
    const auto& log = kafka_.states.at(PartitionOf(device));
    return static_cast<std::size_t>(std::ranges::count_if(
        log, [&](const FakeKafka::Record& each) { return each.key == DeviceOf(device); }));
  }

  testing_support::TemporaryDirectory directory_;
  base::SimClock clock_;
  FakeKafka kafka_;
  event::Sequencer sequencer_{"c-1", 7};
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<SpooledEvents> events_;
  std::unique_ptr<SpooledState> state_;
  std::map<std::uint64_t, Event> said_;
  std::uint64_t last_token_ = 0;
  std::vector<std::uint64_t> published_;
  std::vector<core::StatePut> puts_;
  std::vector<core::StateRead> reads_;
  int restored_ = 0;
};

TEST_F(SpoolTest, WhileKafkaIsThereNothingGoesToTheSpool) {
  Say(Alert('a', 1));
  Keep('a', 5, 1);
  Turns(3);

  EXPECT_EQ(kafka_.events.size(), 1u);
  EXPECT_EQ(InLog('a'), 1u);
  EXPECT_EQ(published_.size(), 1u);
  EXPECT_EQ(puts_.size(), 1u);
  EXPECT_EQ(spool_->figures().log.written, 0u);
}

TEST_F(SpoolTest, WhatWasInFlightWhenKafkaWentAwayIsSpooledAndSoIsWhatFollows) {
  LoseKafka();
  EXPECT_EQ(published_.size(), 1u) << "durable here";

  Say(Reading('a', 1));
  Turns(2);

  EXPECT_EQ(published_.size(), 2u);
  EXPECT_EQ(spool_->figures().log.records[core::PlaceOf(event::v1::LANE_TELEMETRY)], 2u);
}

TEST_F(SpoolTest, WhenKafkaIsBackAlertsGoFirstAndEachLaneInItsOrder) {
  LoseKafka();
  for (std::uint64_t i = 1; i <= 200; ++i) Say(Reading('a', i));
  Turns(2);
  for (std::uint64_t i = 1; i <= 100; ++i) Say(Alert('a', i));
  Turns(2);

  kafka_.away = false;
  Turns(10);

  ASSERT_EQ(kafka_.events.size(), 301u);
  const auto telemetry = Delivered(event::v1::LANE_TELEMETRY);
  const auto alerts = Delivered(event::v1::LANE_ALERTS);
  EXPECT_TRUE(std::ranges::is_sorted(telemetry));
  EXPECT_TRUE(std::ranges::is_sorted(alerts));
  EXPECT_EQ(telemetry.size(), 201u);
  EXPECT_EQ(alerts.size(), 100u);
  const auto last_alert = std::find_if(kafka_.events.rbegin(), kafka_.events.rend(), [](auto& e) {
    return e.lane() == event::v1::LANE_ALERTS;
  });
  EXPECT_GE(last_alert - kafka_.events.rbegin(), 100) << "most telemetry comes behind all alerts";
}

TEST_F(SpoolTest, ARecordLeavesTheSpoolOnItsDeliveryReportOnly) {
  LoseKafka();
  Say(Alert('a', 1));
  Turns(5);  // It is given to Kafka's client, which keeps it.

  Start();
  EXPECT_EQ(spool_->figures().log.records[core::PlaceOf(event::v1::LANE_ALERTS)], 1u);
  kafka_.away = false;
  for (int i = 0; i < 5; ++i) Turn(std::chrono::seconds(1));

  EXPECT_EQ(spool_->figures().log.bytes, 0u);
  Start();
  EXPECT_EQ(spool_->figures().log.bytes, 0u);
}

TEST_F(SpoolTest, InTheNextLifeTheSameEventsGoOutUnderTheirOldNumbers) {
  LoseKafka();
  const Event first = Say(Alert('a', 1));
  Turns(2);
  kafka_.away = false;

  Start();
  Turns(10);

  const auto found = std::ranges::find_if(
      kafka_.events, [&](const Event& each) { return each.id() == first.id(); });
  ASSERT_NE(found, kafka_.events.end());
  EXPECT_EQ(found->SerializeAsString(), first.SerializeAsString());
}

TEST_F(SpoolTest, KafkaIsTrustedAgainOnlyAfterAWhileAndThenTheSpoolIsOutOfTheWay) {
  LoseKafka();
  kafka_.away = false;
  Turns(3);
  const std::uint64_t written = spool_->figures().log.written;
  Say(Reading('a', 1));
  Turns(3);
  EXPECT_EQ(spool_->figures().log.written, written + 1) << "not trusted yet";

  Turn(std::chrono::seconds(6));
  Say(Reading('a', 2));
  Turns(3);

  EXPECT_EQ(spool_->figures().log.written, written + 1);
  EXPECT_EQ(Delivered(event::v1::LANE_TELEMETRY).size(), 3u);
  EXPECT_EQ(published_.size(), 3u);
}

TEST_F(SpoolTest, AFullDiskHoldsNothingUpWhereKafkaIsThere) {
  kafka_.away = true;
  Say(Alert('a', 1));
  Turn(std::chrono::seconds(1));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
  for (int i = 0; i < 2; ++i) Turn(std::chrono::seconds(3));
  Turns(2);
  EXPECT_TRUE(spool_->is_away());
  EXPECT_FALSE(spool_->Check().ok());
  EXPECT_TRUE(published_.empty()) << "durable nowhere";

  kafka_.away = false;
  for (int i = 0; i < 8; ++i) Turn(std::chrono::seconds(3));
  Say(Alert('a', 2));
  Turns(3);

  EXPECT_EQ(Delivered(event::v1::LANE_ALERTS), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(published_.size(), 2u);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  Turn(std::chrono::seconds(2));
  EXPECT_TRUE(spool_->Check().ok()) << spool_->Check();
}

// --- States --------------------------------------------------------------------------------------

TEST_F(SpoolTest, AStateIsSharedBeforeTheEventsThatRestOnIt) {
  LoseKafka();
  Keep('a', 5, 1);
  Turns(2);
  ASSERT_EQ(puts_.size(), 1u);
  EXPECT_TRUE(puts_[0].status.ok());
  Say(Alert('a', 1));
  Turns(2);
  kafka_.away = false;
  kafka_.reads = false;  // It may be written, and nobody knows whether it stands.
  Turns(5);
  EXPECT_TRUE(Delivered(event::v1::LANE_ALERTS).empty());

  kafka_.reads = true;
  Turns(5);

  EXPECT_EQ(InLog('a'), 1u);
  EXPECT_EQ(Delivered(event::v1::LANE_ALERTS).size(), 1u);
  EXPECT_TRUE(state_->IsSettled(PartitionOf('a')));
}

// The simulation of the pipeline found an end of a jam in Kafka whose state the next owner never
// read.
TEST_F(SpoolTest, KafkaIsTrustedAgainAndWhatRestsOnAnUnsharedStateWaitsAllTheSame) {
  LoseKafka();
  Keep('a', 5, 1);
  Turns(2);
  kafka_.away = false;
  kafka_.reads = false;
  Say(Alert('b', 1));
  Turns(400);
  ASSERT_TRUE(spool_->is_direct());
  ASSERT_FALSE(state_->IsSettled(PartitionOf('a')));
  const std::size_t before = Delivered(event::v1::LANE_ALERTS).size();

  Say(Alert('a', 1));
  Turns(5);
  EXPECT_EQ(Delivered(event::v1::LANE_ALERTS).size(), before);

  kafka_.reads = true;
  Turns(10);
  EXPECT_EQ(Delivered(event::v1::LANE_ALERTS).size(), before + 1);
}

// It may be killed between the two, and another own the partition before it is back.
TEST_F(SpoolTest, AStateCarriesWhatTheSpoolHasStillToSayOfItsDevice) {
  LoseKafka();
  Keep('a', 5, 1);
  Turns(2);
  const Event alert = Say(Alert('a', 1));
  Say(Reading('a', 1));
  Turns(2);
  // Its own event has not come to the spool yet.
  collector::v1::DeviceState newest;
  newest.set_term(5);
  newest.set_misses(2);
  newest.add_outbox()->set_id("later");
  EXPECT_TRUE(
      state_->Put(PartitionOf('a'), DeviceOf('a'), newest.SerializeAsString(), ++last_token_).ok());
  Turns(2);
  kafka_.away = false;
  Turns(10);

  ASSERT_EQ(InLog('a'), 1u);
  collector::v1::DeviceState state;
  ASSERT_TRUE(state.ParseFromString(*kafka_.states[PartitionOf('a')].back().value));
  EXPECT_EQ(state.misses(), 2u);
  ASSERT_EQ(state.outbox_size(), 2);
  EXPECT_EQ(state.outbox(0).id(), alert.id()) << "what happened first is said first";
}

TEST_F(SpoolTest, OnlyTheNewestStateOfADeviceIsKept) {
  LoseKafka();
  for (std::uint64_t i = 1; i <= 50; ++i) {
    Keep('a', 5, i);
    Turn();
  }
  kafka_.away = false;
  Turns(10);

  EXPECT_EQ(puts_.size(), 50u);
  EXPECT_EQ(InLog('a'), 1u);
  EXPECT_EQ(kafka_.states[PartitionOf('a')].back().value, StateOf(5, 50));
}

TEST_F(SpoolTest, WhoeverWasOvertakenWritesNoStateAndSaysNothingThatRestsOnOne) {
  LoseKafka();
  Keep('a', 5, 1);
  Turns(2);
  Say(Alert('a', 1));
  Say(Reading('a', 1));
  Turns(2);
  Start();  // Killed. Meanwhile another begins with what it finds.
  kafka_.states[PartitionOf('a')].push_back({std::string(core::kOwnerKey), ClaimOf(6)});
  kafka_.away = false;
  Turns(40);

  EXPECT_EQ(InLog('a'), 0u);
  EXPECT_TRUE(Delivered(event::v1::LANE_ALERTS).empty());
  EXPECT_EQ(Delivered(event::v1::LANE_TELEMETRY).size(), 2u) << "a reading stands by itself";
  const std::vector<Event> gaps = spool_->log().TakeGaps(clock_.WallNow());
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].gap().stream(), "c-1/7/alerts/default");
  EXPECT_EQ(gaps[0].gap().reason(), event::v1::Gap::REASON_GIVEN_UP);
}

TEST_F(SpoolTest, AJamThatCameAndWentIsSaidByWhoeverWasOvertaken) {
  LoseKafka();
  Keep('a', 5, 1);
  Turns(2);
  Say(Alert('a', 1, event::v1::ALERT_TRANSITION_RAISED, 1));
  Say(Alert('a', 1, event::v1::ALERT_TRANSITION_ENDED, 2));
  Say(Alert('a', 2, event::v1::ALERT_TRANSITION_RAISED, 3));
  Say(Alert('a', 2, event::v1::ALERT_TRANSITION_ENDED, 9));
  Turns(2);
  Start();
  auto& log = kafka_.states[PartitionOf('a')];
  log.push_back({std::string(core::kOwnerKey), ClaimOf(6), base::WallFromMillis(9000)});
  // The next claim tells nothing of when somebody else began to look.
  log.push_back({std::string(core::kOwnerKey), ClaimOf(7), base::WallFromMillis(20'000)});
  kafka_.away = false;
  Turns(40);

  EXPECT_EQ(InLog('a'), 0u);
  EXPECT_EQ(Delivered(event::v1::LANE_ALERTS), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_TRUE(std::ranges::any_of(
      kafka_.events, [](const Event& each) { return each.alert().alert_id() == "jam/1~5"; }));
}

TEST_F(SpoolTest, AJamWhoseBeginningWasSharedIsLeftToWhoeverReadItThere) {
  LoseKafka();
  Say(Alert('a', 1, event::v1::ALERT_TRANSITION_RAISED, 1));
  Say(Alert('a', 1, event::v1::ALERT_TRANSITION_ENDED, 2));
  Keep('a', 5, 2);
  Turns(2);
  Start();
  collector::v1::DeviceState shared;
  shared.set_term(5);
  (*shared.mutable_instances())["jam"] = 1;
  shared.add_open_alerts()->mutable_alert()->set_alert_id("jam/1");
  auto& log = kafka_.states[PartitionOf('a')];
  log.push_back({DeviceOf('a'), shared.SerializeAsString()});
  log.push_back({DeviceOf('a'), StateOf(4, 0)});  // Late, by a fenced owner.
  log.push_back({std::string(core::kOwnerKey), ClaimOf(6)});
  // What the other one has written since tells nothing of what it began with.
  log.push_back({DeviceOf('a'), StateOf(6, 0)});
  kafka_.away = false;
  Turns(40);

  EXPECT_EQ(Delivered(event::v1::LANE_ALERTS), std::vector<std::uint64_t>{1});
  EXPECT_TRUE(std::ranges::none_of(
      kafka_.events, [](const Event& each) { return each.alert().alert_id() == "jam/1~5"; }));
}

TEST_F(SpoolTest, TheCoreReadsAPartitionOnlyWhenWhatTheSpoolKnowsOfItIsThere) {
  LoseKafka();
  Keep('a', 5, 1);
  Turns(2);
  Start();
  const std::int32_t partition = PartitionOf('a');
  state_->Open(partition);
  Turns(5);
  EXPECT_TRUE(reads_.empty());
  EXPECT_EQ(restored_, 0);

  kafka_.away = false;
  Turns(10);

  EXPECT_EQ(restored_, 1);
  ASSERT_FALSE(reads_.empty());
  EXPECT_EQ(reads_.back().key, DeviceOf('a'));
  EXPECT_EQ(reads_.back().value, StateOf(5, 1));
}

TEST_F(SpoolTest, AStateThatTheFileStillHasIsNotOvertakenByOnePastTheSpool) {
  LoseKafka();
  Keep('a', 5, 1);
  Turns(2);
  kafka_.away = false;
  for (int i = 0; i < 20 && !state_->IsSettled(PartitionOf('a')); ++i) {
    Turn(std::chrono::seconds(i < 3 ? 0 : 3));
  }
  ASSERT_TRUE(state_->IsSettled(PartitionOf('a')));

  Keep('a', 5, 2);
  Turns(1);
  Start();  // Killed, whatever the file has forgotten by then.
  Turns(20);

  EXPECT_EQ(kafka_.states[PartitionOf('a')].back().value, StateOf(5, 2));
}

TEST_F(SpoolTest, AClaimIsNeverSpooled) {
  LoseKafka();
  EXPECT_TRUE(state_->Put(1, core::kOwnerKey, ClaimOf(6), ++last_token_).ok());
  Turns(3);
  EXPECT_TRUE(puts_.empty());

  kafka_.away = false;
  Turns(3);

  EXPECT_EQ(puts_.size(), 1u);
  EXPECT_EQ(kafka_.states[1].back().key, core::kOwnerKey);
}

}  // namespace
}  // namespace platen::collector::edge
