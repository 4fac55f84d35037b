#include "services/gateway/core/admission.h"

#include <gtest/gtest.h>

#include "services/gateway/test_events.h"

namespace platen::gateway::core {
namespace {

namespace ev = platen::event::v1;
namespace ingest = platen::ingest::v1;
using testing::Device;
using testing::EventMaker;
using testing::kNowMs;

class AdmissionTest : public ::testing::Test {
 protected:
  AdmissionTest() {
    registry_.AddPlace(1, {"acme", "hq"});
    registry_.AddDevice(Device(1), {.number = 11, .place = 1});
  }

  AdmittedBatch Take(const std::vector<std::string>& events) {
    const std::vector<std::string_view> views(events.begin(), events.end());
    return Admit(views, registry_, scope_, base::WallFromMillis(kNowMs));
  }

  // The reason for which `event` alone is refused; UNSPECIFIED where it is admitted.
  ingest::RefusalReason ReasonFor(const ev::Event& event) {
    const AdmittedBatch batch = Take({event.SerializeAsString()});
    return batch.refusals.empty() ? ingest::REFUSAL_REASON_UNSPECIFIED
                                  : batch.refusals.front().reason();
  }

  Registry registry_;
  SenderScope scope_;
  EventMaker maker_;
};

TEST_F(AdmissionTest, AnEventOfARegisteredDeviceIsAdmitted) {
  const ev::Event event = maker_.Meters(Device(1), 490000, 1234);

  const AdmittedBatch batch = Take({event.SerializeAsString()});

  ASSERT_EQ(batch.events.size(), 1U);
  EXPECT_EQ(batch.events[0].device, 11);
  EXPECT_EQ(batch.events[0].place, 1);
  EXPECT_EQ(batch.events[0].kind, ev::Event::kMeterReading);
  EXPECT_EQ(batch.events[0].device_report->meters->total_impressions, 1234U);
  EXPECT_TRUE(batch.refusals.empty());
}

TEST_F(AdmissionTest, OneBadEventHarmsNoOther) {
  const std::string good = maker_.Meters(Device(1), 1, 1).SerializeAsString();
  const std::string other = maker_.Meters(Device(1), 2, 2).SerializeAsString();

  const AdmittedBatch batch = Take({good, "\xff garbage", other});

  EXPECT_EQ(batch.events.size(), 2U);
  ASSERT_EQ(batch.refusals.size(), 1U);
  EXPECT_EQ(batch.refusals[0].index(), 1U);
  EXPECT_EQ(batch.refusals[0].reason(), ingest::REFUSAL_REASON_UNDECODABLE);
}

TEST_F(AdmissionTest, AnUnregisteredDeviceIsRefusedByName) {
  const AdmittedBatch batch = Take({maker_.Meters(Device(2), 1, 1).SerializeAsString()});

  ASSERT_EQ(batch.refusals.size(), 1U);
  EXPECT_EQ(batch.refusals[0].reason(), ingest::REFUSAL_REASON_UNREGISTERED_DEVICE);
  EXPECT_NE(batch.refusals[0].detail().find(Device(2).ToHex()), std::string::npos);
}

TEST_F(AdmissionTest, ANumberCountsAsSeenAlsoWhereItsEventIsRefused) {
  const AdmittedBatch batch = Take({maker_.Meters(Device(2), 1, 1).SerializeAsString()});

  ASSERT_EQ(batch.sequences.size(), 1U);
  EXPECT_EQ(batch.sequences[0].first, 1U);
}

TEST_F(AdmissionTest, NumbersInARowAreReportedAsOne) {
  std::vector<std::string> events;
  for (std::uint64_t slot = 1; slot <= 3; ++slot) {
    events.push_back(maker_.Meters(Device(1), slot, slot).SerializeAsString());
  }
  events.push_back(maker_.Jam(Device(1), 1, ev::ALERT_TRANSITION_RAISED).SerializeAsString());

  const AdmittedBatch batch = Take(events);

  ASSERT_EQ(batch.sequences.size(), 2U);
  EXPECT_EQ(batch.sequences[0].count(), 3U);
  EXPECT_EQ(batch.sequences[1].stream.lane, ev::LANE_ALERTS);
}

TEST_F(AdmissionTest, AnotherTenantsDeviceIsRefused) {
  ev::Event event = maker_.Meters(Device(1), 1, 1);
  event.set_tenant("globex");
  EXPECT_EQ(ReasonFor(maker_.Finish(event)), ingest::REFUSAL_REASON_FOREIGN_TENANT);
}

TEST_F(AdmissionTest, ASenderSpeaksForItsTenantsOnly) {
  scope_.tenants = {"globex"};
  EXPECT_EQ(ReasonFor(maker_.Meters(Device(1), 1, 1)), ingest::REFUSAL_REASON_FOREIGN_TENANT);
}

TEST_F(AdmissionTest, AnIdThatDoesNotFollowIsRefused) {
  ev::Event event = maker_.Meters(Device(1), 1, 1);
  event.mutable_id()->back() = static_cast<char>(event.id().back() + 1);
  EXPECT_EQ(ReasonFor(event), ingest::REFUSAL_REASON_WRONG_ID);
}

TEST_F(AdmissionTest, WhatIsMissingIsRefused) {
  ev::Event no_time = maker_.Meters(Device(1), 1, 1);
  no_time.clear_observation_time();
  ev::Event no_source = maker_.Meters(Device(1), 1, 1);
  no_source.clear_source();
  ev::Event no_body = maker_.Meters(Device(1), 1, 1);
  no_body.clear_meter_reading();
  ev::Event wrong_lane = maker_.Meters(Device(1), 1, 1);
  wrong_lane.set_lane(ev::LANE_ALERTS);
  ev::Event no_transition = maker_.Jam(Device(1), 1, ev::ALERT_TRANSITION_RAISED);
  no_transition.mutable_alert()->clear_transition();

  for (const ev::Event& event : {no_time, no_source, no_body, wrong_lane, no_transition}) {
    EXPECT_EQ(ReasonFor(event), ingest::REFUSAL_REASON_INVALID) << event.ShortDebugString();
  }
}

TEST_F(AdmissionTest, AnEventOverItsSizeIsRefused) {
  ev::Event event = maker_.Meters(Device(1), 1, 1);
  event.mutable_meter_reading()->set_profile(std::string(300 * 1024, 'x'));
  EXPECT_EQ(ReasonFor(event), ingest::REFUSAL_REASON_TOO_LARGE);
}

TEST_F(AdmissionTest, ADeviceClockIn1970Or2099IsStoredAndDecidesNothing) {
  for (const std::int64_t millis : {std::int64_t{0}, std::int64_t{4102444799000}}) {
    ev::Event event = maker_.Jam(Device(1), 1, ev::ALERT_TRANSITION_RAISED);
    *event.mutable_occurrence_time() = platen::event::ToProto(base::WallFromMillis(millis));
    *event.mutable_alert()->mutable_raise_time() = event.occurrence_time();
    EventMaker::SetObserved(millis == 0 ? kNowMs : millis, event);
    event = maker_.Finish(event);

    const AdmittedBatch batch = Take({event.SerializeAsString()});

    ASSERT_EQ(batch.events.size(), 1U);
    EXPECT_EQ(batch.events[0].occurrence_ms, millis);
    EXPECT_EQ(batch.events[0].effective_ms, kNowMs);
    EXPECT_EQ(batch.events[0].alert->time_ms, kNowMs);
    EXPECT_EQ(batch.events[0].alert->raise_ms, kNowMs);
  }
}

TEST_F(AdmissionTest, ATimeOfTheYear9999OverflowsNothing) {
  ev::Event event = maker_.Jam(Device(1), 1, ev::ALERT_TRANSITION_RAISED);
  event.mutable_occurrence_time()->set_seconds(253402300799);
  event.mutable_alert()->mutable_raise_time()->set_seconds(253402300799);
  EXPECT_EQ(ReasonFor(maker_.Finish(event)), ingest::REFUSAL_REASON_UNSPECIFIED);

  event.mutable_occurrence_time()->set_seconds(INT64_MAX);
  EXPECT_EQ(ReasonFor(event), ingest::REFUSAL_REASON_INVALID);
}

TEST_F(AdmissionTest, ASourceTellsWhichOfItsOwnNumbersWillNotComeAndOfNoOthers) {
  const auto told_of = [this](const std::string& stream) {
    const AdmittedBatch batch = Take({maker_.GivenUp(stream, 3, 5).SerializeAsString()});
    std::vector<SequenceReport> told;
    for (const SequenceReport& report : batch.sequences) {
      if (report.is_told_gap) told.push_back(report);
    }
    EXPECT_EQ(batch.events.size(), 1U);
    return told;
  };
  const std::string own = maker_.instance() + "/7/telemetry/default";

  const std::vector<SequenceReport> told = told_of(own);

  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].stream.lane, ev::LANE_TELEMETRY);
  EXPECT_EQ(told[0].first, 3U);
  EXPECT_EQ(told[0].last, 5U);
  EXPECT_EQ(told[0].count(), 0U) << "nothing of it has come";
  EXPECT_TRUE(told_of("another/7/telemetry/default").empty());
  EXPECT_TRUE(told_of(maker_.instance() + "/7/telemetry/north").empty());
  EXPECT_TRUE(told_of("campus/platen.telemetry.v1/3").empty());
}

TEST_F(AdmissionTest, NobodyElseTellsOfGapsThatTheGatewayFinds) {
  const auto refused = [this](ev::Gap::Reason reason, const std::string& installation) {
    ev::Event event = maker_.GivenUp(maker_.instance() + "/7/telemetry/default", 3, 5);
    event.mutable_gap()->set_reason(reason);
    event.mutable_gap()->set_installation(installation);
    return ReasonFor(event);
  };
  EXPECT_EQ(refused(ev::Gap::REASON_SHED, ""), ingest::REFUSAL_REASON_UNSPECIFIED);
  EXPECT_EQ(refused(ev::Gap::REASON_SEQUENCE, ""), ingest::REFUSAL_REASON_INVALID);
  EXPECT_EQ(refused(ev::Gap::REASON_SOURCE_ENDED, ""), ingest::REFUSAL_REASON_INVALID);
  EXPECT_EQ(refused(ev::Gap::REASON_SHED, "default"), ingest::REFUSAL_REASON_INVALID);
}

TEST_F(AdmissionTest, AHeartbeatNeedsNoDeviceAndClaimsItsHighestNumbers) {
  const AdmittedBatch batch = Take({maker_.Heartbeat(1, 40).SerializeAsString()});

  ASSERT_EQ(batch.events.size(), 1U);
  EXPECT_EQ(batch.events[0].heartbeat->role, "collector");
  ASSERT_EQ(batch.sequences.size(), 2U);
  EXPECT_EQ(batch.sequences[1].claimed, 40U);
}

TEST_F(AdmissionTest, WhatACollectorSaysOfItselfIsBounded) {
  ev::Event event = maker_.Heartbeat(1, 40);
  for (int i = 0; i < 3000; ++i) {
    event.mutable_heartbeat()->add_slowest()->set_requests(static_cast<std::uint32_t>(i));
    event.mutable_heartbeat()->add_partitions()->set_number(i);
  }

  const AdmittedBatch batch = Take({event.SerializeAsString()});

  ASSERT_EQ(batch.events.size(), 1U);
  EXPECT_EQ(batch.events[0].heartbeat->slowest.size(), 20U);
  EXPECT_EQ(batch.events[0].heartbeat->partitions.size(), 1024U);
}

}  // namespace
}  // namespace platen::gateway::core
