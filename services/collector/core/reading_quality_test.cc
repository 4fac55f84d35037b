#include "services/collector/core/reading_quality.h"

#include <gtest/gtest.h>

#include "libs/event/timestamps.h"

namespace platen::collector::core {
namespace {

using event::v1::ReadingQuality;

constexpr base::WallTime kNow = base::WallFromMillis(1'767'225'600'000);

using Qualities = std::vector<ReadingQuality>;

class ReadingQualityTest : public ::testing::Test {
 protected:
  ReadingQualityTest() {
    snapshot_.set_complete(true);
    state_.mutable_status()->set_device_status(event::v1::DEVICE_STATUS_RUNNING);
    state_.mutable_status()->set_printer_status(event::v1::PRINTER_STATUS_IDLE);
    *state_.mutable_boot_time() = event::ToProto(kNow - std::chrono::hours(5));
  }

  Qualities Circumstances() const { return CircumstancesOf(snapshot_, state_, kNow); }

  void Level(double percent) { snapshot_.add_supplies()->mutable_level()->set_percent(percent); }

  event::v1::DeviceSnapshot snapshot_;
  collector::v1::DeviceState state_;
};

TEST_F(ReadingQualityTest, NothingIsKnownAgainstADeviceAtWork) {
  EXPECT_EQ(Circumstances(), Qualities());
}

TEST_F(ReadingQualityTest, ADeviceInStandbyIsAsleep) {
  state_.mutable_status()->set_printer_status(event::v1::PRINTER_STATUS_OTHER);
  EXPECT_EQ(Circumstances(), Qualities({event::v1::READING_QUALITY_ASLEEP}));
}

TEST_F(ReadingQualityTest, AJamIsKnownByItsBitOrByItsAlert) {
  state_.mutable_status()->add_error_states(event::v1::ERROR_STATE_JAMMED);
  EXPECT_EQ(Circumstances(), Qualities({event::v1::READING_QUALITY_JAMMED}));
  state_.mutable_status()->clear_error_states();
  state_.add_open_alerts()->set_condition("jam");
  EXPECT_EQ(Circumstances(), Qualities({event::v1::READING_QUALITY_JAMMED}));
}

TEST_F(ReadingQualityTest, AnOpenCoverIsKnownByItsBitItsAlertOrItsRow) {
  const Qualities open{event::v1::READING_QUALITY_COVER_OPEN};
  state_.mutable_status()->add_error_states(event::v1::ERROR_STATE_DOOR_OPEN);
  EXPECT_EQ(Circumstances(), open);
  state_.mutable_status()->clear_error_states();
  state_.add_open_alerts()->set_condition("cover-open");
  EXPECT_EQ(Circumstances(), open);
  state_.clear_open_alerts();
  snapshot_.add_covers()->set_status(event::v1::Cover::STATUS_INTERLOCK_OPEN);
  EXPECT_EQ(Circumstances(), open);
}

TEST_F(ReadingQualityTest, ABootIsRememberedForAWhile) {
  *state_.mutable_boot_time() = event::ToProto(kNow - std::chrono::seconds(119));
  EXPECT_EQ(Circumstances(), Qualities({event::v1::READING_QUALITY_JUST_BOOTED}));
  *state_.mutable_boot_time() = event::ToProto(kNow - kSettlingAfterBoot);
  EXPECT_EQ(Circumstances(), Qualities());
}

TEST_F(ReadingQualityTest, AWalkThatEndedEarlyIsPartial) {
  snapshot_.set_complete(false);
  EXPECT_EQ(Circumstances(), Qualities({event::v1::READING_QUALITY_PARTIAL}));
}

TEST_F(ReadingQualityTest, LevelsAreAtOneEndOnlyIfThereAreSeveralAndAllAre) {
  Level(100);
  EXPECT_FALSE(AllLevelsAtOneEnd(snapshot_));
  snapshot_.add_supplies()->mutable_level()->set_state(event::v1::Level::STATE_AT_LEAST_SOME);
  EXPECT_FALSE(AllLevelsAtOneEnd(snapshot_));
  Level(100);
  EXPECT_TRUE(AllLevelsAtOneEnd(snapshot_));
  Level(0);
  EXPECT_FALSE(AllLevelsAtOneEnd(snapshot_));
}

}  // namespace
}  // namespace platen::collector::core
