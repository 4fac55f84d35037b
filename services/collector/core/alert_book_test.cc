#include "services/collector/core/alert_book.h"

#include <gtest/gtest.h>

#include "libs/event/timestamps.h"
#include "services/collector/core/alert_platen.h"

namespace platen::collector::core {
namespace {

using event::v1::AlertRow;

constexpr base::WallTime kNow = base::WallFromMillis(1'767'225'600'000);

// A device under observation: what it says now, and what came of it.
class AlertBookTest : public ::testing::Test {
 protected:
  AlertBookTest() {
    state_.set_boot(1);
    *state_.mutable_boot_time() = event::ToProto(kNow - std::chrono::hours(10));
    state_.set_uptime_ticks(3'600'000);
    state_.set_total_impressions(4711);
    snapshot_.mutable_status()->set_error_state_raw(std::string(1, '\0'));
    auto* input = snapshot_.add_inputs();
    input->set_index(2);
    input->set_name("Tray 2");
  }

  AlertRow& Row(std::int64_t index, int code, event::v1::AlertSeverity severity) {
    AlertRow& row = *snapshot_.add_alerts();
    row.set_index(index);
    row.set_code(code);
    row.set_severity(severity);
    row.set_group(8);
    row.set_group_index(2);
    row.set_location(-2);
    row.set_time_ticks(3'600'000 + static_cast<std::uint64_t>(index));
    return row;
  }

  void SetBit(event::v1::ErrorState bit) { snapshot_.mutable_status()->add_error_states(bit); }

  void ClearBits() { snapshot_.mutable_status()->clear_error_states(); }

  std::vector<AlertChange> Observe(bool complete = true, bool rebooted = false) {
    AlertSighting sighting;
    sighting.snapshot = &snapshot_;
    sighting.whole.rows = complete;
    sighting.bits_read = true;
    sighting.rebooted = rebooted;
    sighting.now = kNow;
    return ObserveAlerts(state_, sighting).changes;
  }

  collector::v1::DeviceState state_;
  event::v1::DeviceSnapshot snapshot_;
};

constexpr auto kCritical = event::v1::ALERT_SEVERITY_CRITICAL;
constexpr auto kUnary = event::v1::ALERT_SEVERITY_WARNING;

TEST_F(AlertBookTest, RaisesAJamWithWhereWhenAndCounter) {
  Row(1, 8, kCritical);

  const auto changes = Observe();

  ASSERT_EQ(changes.size(), 1u);
  const event::v1::Alert& alert = changes[0].alert;
  EXPECT_EQ(alert.transition(), event::v1::ALERT_TRANSITION_RAISED);
  EXPECT_EQ(alert.category(), event::v1::ALERT_CATEGORY_JAM);
  EXPECT_EQ(alert.reason_keyword(), "media-jam");
  EXPECT_EQ(alert.where(), "Tray 2");
  EXPECT_EQ(alert.counters().total(), 4711u);
  EXPECT_EQ(alert.alert_id(), "jam/1");
  EXPECT_EQ(changes[0].time, kNow + std::chrono::milliseconds(10));
  EXPECT_EQ(changes[0].occurrence.alert_row().alert_index(), 1);
}

TEST_F(AlertBookTest, SaysNothingTwice) {
  Row(1, 8, kCritical);
  Observe();

  EXPECT_TRUE(Observe().empty());
}

TEST_F(AlertBookTest, ADeviceThatMakesUpRowsHasABoundedNumberOfAlerts) {
  for (int i = 1; i <= kOpenAlertsMax + 20; ++i) Row(i, 8, kCritical);
  AlertSighting sighting{.snapshot = &snapshot_, .whole = {.rows = true}, .now = kNow};
  const AlertObservation first = ObserveAlerts(state_, sighting);
  EXPECT_EQ(first.changes.size(), static_cast<std::size_t>(kOpenAlertsMax));
  EXPECT_EQ(first.left_out, 20u);

  // Those that were left out have their turn when others have ended.
  snapshot_.mutable_alerts()->DeleteSubrange(0, 50);
  const AlertObservation second = ObserveAlerts(state_, sighting);
  EXPECT_EQ(second.changes.size(), 70u);
  EXPECT_EQ(second.left_out, 0u);
}

TEST_F(AlertBookTest, ClearsAConditionWhoseRowIsGone) {
  Row(1, 8, kCritical);
  Observe();
  snapshot_.clear_alerts();

  const auto changes = Observe();

  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].alert.end(), event::v1::ALERT_END_CLEARED);
  EXPECT_EQ(changes[0].alert.alert_id(), "jam/1");
  EXPECT_EQ(state_.open_alerts_size(), 0);
}

TEST_F(AlertBookTest, WithdrawsAnOccurrenceWhoseRowIsGone) {
  Row(1, 1104, kUnary);
  Observe();
  snapshot_.clear_alerts();

  EXPECT_EQ(Observe().at(0).alert.end(), event::v1::ALERT_END_WITHDRAWN);
}

TEST_F(AlertBookTest, ClearsAnOccurrenceWhoseBitIsGoneWithIt) {
  Row(1, 1104, kUnary);
  SetBit(event::v1::ERROR_STATE_LOW_TONER);
  Observe();
  snapshot_.clear_alerts();
  ClearBits();

  EXPECT_EQ(Observe().at(0).alert.end(), event::v1::ALERT_END_CLEARED);
}

TEST_F(AlertBookTest, ClearsNothingAfterAPartialWalk) {
  Row(1, 8, kCritical);
  Observe();
  snapshot_.clear_alerts();

  EXPECT_TRUE(Observe(/*complete=*/false).empty());
  EXPECT_EQ(state_.open_alerts_size(), 1);
}

TEST_F(AlertBookTest, MakesOneAlarmOfARowAndItsBit) {
  Row(1, 8, kCritical);
  SetBit(event::v1::ERROR_STATE_JAMMED);

  EXPECT_EQ(Observe().size(), 1u);
}

TEST_F(AlertBookTest, MakesOneAlarmOfABitWhoseRowComesLater) {
  SetBit(event::v1::ERROR_STATE_JAMMED);
  ASSERT_EQ(Observe().size(), 1u);
  EXPECT_EQ(state_.open_alerts(0).alert().origin(), event::v1::ALERT_ORIGIN_DERIVED);
  Row(1, 8, kCritical);

  const auto changes = Observe();

  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].alert.transition(), event::v1::ALERT_TRANSITION_CHANGED);
  EXPECT_EQ(changes[0].alert.alert_id(), "jam/1");
  EXPECT_EQ(state_.open_alerts_size(), 1);
}

TEST_F(AlertBookTest, GoesOnByTheBitWhenTheRowIsGoneFirst) {
  Row(1, 8, kCritical);
  SetBit(event::v1::ERROR_STATE_JAMMED);
  Observe();
  snapshot_.clear_alerts();
  EXPECT_TRUE(Observe().empty());
  ClearBits();

  EXPECT_EQ(Observe().at(0).alert.end(), event::v1::ALERT_END_CLEARED);
}

TEST_F(AlertBookTest, AReusedIndexWithOtherContentIsAnotherAlarm) {
  Row(1, 8, kCritical);
  Observe();
  snapshot_.clear_alerts();
  Row(1, 808, kCritical);

  const auto changes = Observe();

  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].alert.end(), event::v1::ALERT_END_CLEARED);
  EXPECT_EQ(changes[1].alert.alert_id(), "no-paper/1");
}

TEST_F(AlertBookTest, AJamClearedAndFollowedByAnotherBetweenPollsAreTwo) {
  Row(1, 8, kCritical);
  SetBit(event::v1::ERROR_STATE_JAMMED);
  Observe();
  snapshot_.clear_alerts();
  Row(2, 8, kCritical);

  const auto changes = Observe();

  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].alert.end(), event::v1::ALERT_END_CLEARED);
  EXPECT_EQ(changes[1].alert.alert_id(), "jam/2");
}

TEST_F(AlertBookTest, KeepsTheIncidentOverARebootWithTheSameFault) {
  Row(7, 8, kCritical);
  Observe();
  snapshot_.clear_alerts();
  Row(1, 8, kCritical);

  EXPECT_TRUE(Observe(true, /*rebooted=*/true).empty());
  EXPECT_EQ(state_.open_alerts_size(), 1);
}

TEST_F(AlertBookTest, SupersedesWhatARebootHasTaken) {
  Row(7, 8, kCritical);
  Observe();
  snapshot_.clear_alerts();

  EXPECT_EQ(Observe(true, /*rebooted=*/true).at(0).alert.end(), event::v1::ALERT_END_SUPERSEDED);
}

TEST_F(AlertBookTest, IgnoresStatusLines) {
  Row(1, 507, event::v1::ALERT_SEVERITY_OTHER);
  Row(2, 23, kUnary);
  Row(3, 1, kCritical);

  EXPECT_TRUE(Observe().empty());
}

TEST_F(AlertBookTest, ARowThatCameWhileTheTableWasReadWaitsForTheNextReading) {
  Row(1, 8, kCritical).clear_group();
  EXPECT_TRUE(Observe().empty());
  snapshot_.mutable_alerts(0)->set_group(13);

  EXPECT_EQ(Observe().size(), 1u);
}

TEST_F(AlertBookTest, AStapleJamIsNotAPaperJam) {
  Row(1, 30208, kCritical);
  SetBit(event::v1::ERROR_STATE_JAMMED);

  EXPECT_EQ(Observe().size(), 2u);
}

TEST_F(AlertBookTest, CountsInstancesOfACondition) {
  SetBit(event::v1::ERROR_STATE_NO_PAPER);
  Observe();
  ClearBits();
  Observe();
  SetBit(event::v1::ERROR_STATE_NO_PAPER);

  EXPECT_EQ(Observe().at(0).alert.alert_id(), "no-paper/2");
}

// Traps and pushes are views like any other: a trap tells early what a row will tell, a push of
// what no row does.
TEST_F(AlertBookTest, ATrapIsTheSameAlertAsTheRowThatFollows) {
  const Sighting trap{View::kTrap, ConditionNamed("jam")};
  AlertSighting sighting{
      .snapshot = &snapshot_, .told = std::span<const Sighting>(&trap, 1), .now = kNow};
  ASSERT_EQ(ObserveAlerts(state_, sighting).changes.size(), 1u);
  EXPECT_TRUE(ObserveAlerts(state_, sighting).changes.empty());
  Row(1, 8, kCritical);

  const auto followed = Observe();
  ASSERT_EQ(followed.size(), 1u);
  EXPECT_EQ(followed[0].alert.transition(), event::v1::ALERT_TRANSITION_CHANGED);
  EXPECT_EQ(followed[0].alert.alert_id(), "jam/1");
  EXPECT_EQ(followed[0].alert.origin(), event::v1::ALERT_ORIGIN_DEVICE);
}

TEST_F(AlertBookTest, ATrapWhoseRowIsGoneBeforeItIsReadHasEnded) {
  const Sighting trap{View::kTrap, ConditionNamed("jam")};
  AlertSighting sighting{
      .snapshot = &snapshot_, .told = std::span<const Sighting>(&trap, 1), .now = kNow};
  ObserveAlerts(state_, sighting);
  EXPECT_TRUE(Observe(/*complete=*/false).empty());

  EXPECT_EQ(Observe().at(0).alert.end(), event::v1::ALERT_END_CLEARED);
}

TEST_F(AlertBookTest, APushedAlertEndsWhenItIsPushedThatItIsOver) {
  Sighting push{View::kPush, ConditionNamed("cover-open")};
  AlertSighting sighting{
      .snapshot = &snapshot_, .told = std::span<const Sighting>(&push, 1), .now = kNow};
  ASSERT_EQ(ObserveAlerts(state_, sighting).changes.size(), 1u);
  EXPECT_TRUE(Observe().empty());
  push.over = true;

  EXPECT_EQ(ObserveAlerts(state_, sighting).changes.at(0).alert.end(),
            event::v1::ALERT_END_CLEARED);
}

TEST_F(AlertBookTest, TheMakersLevelIsDerivedForAlarmsAndMarked) {
  const std::vector<AlertLevelRule> levels = {
      {.severity = {event::v1::ALERT_SEVERITY_CRITICAL}, .level = 2}, {.level = 1}};
  Row(1, 808, kCritical);
  Row(2, 1104, kUnary);
  Row(3, 8, kCritical);
  AlertSighting sighting{.snapshot = &snapshot_, .whole = {.rows = true}, .levels = levels};

  const auto changes = ObserveAlerts(state_, sighting).changes;

  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].alert.level(), 2u);
  EXPECT_TRUE(changes[0].alert.level_derived());
  EXPECT_EQ(changes[1].alert.level(), 1u);
  // A jam is no alarm: it has a category of its own.
  EXPECT_EQ(changes[2].alert.level(), 0u);
  EXPECT_FALSE(changes[2].alert.level_derived());
}

// Its time and its occurrence are what an event is known by.
TEST_F(AlertBookTest, AnAlertThatEndsTwiceAtOneMomentHasTwoEnds) {
  Row(1, 808, kCritical);
  ASSERT_EQ(Observe().size(), 1u);
  AlertSighting boot{
      .snapshot = &snapshot_, .whole = {.rows = true}, .rebooted = true, .now = kNow};
  snapshot_.clear_alerts();
  const auto superseded = ObserveAlerts(state_, boot).changes;
  Row(1, 808, kCritical);
  ASSERT_EQ(Observe().at(0).alert.alert_id(), "no-paper/1");
  snapshot_.clear_alerts();

  const auto cleared = Observe();

  ASSERT_EQ(superseded.size(), 1u);
  ASSERT_EQ(cleared.size(), 1u);
  EXPECT_NE(superseded[0].occurrence.SerializeAsString(),
            cleared[0].occurrence.SerializeAsString());
}

TEST_F(AlertBookTest, RaisesAndClearsWhatPlatenFindsItself) {
  EXPECT_EQ(RaisePlaten(state_, "unreachable", "silent", kNow).size(), 1u);
  EXPECT_TRUE(RaisePlaten(state_, "unreachable", "silent", kNow).empty());
  EXPECT_TRUE(Observe().empty());  // A reading without it does not end it: only an answer does.
  EXPECT_EQ(ClearPlaten(state_, "unreachable", kNow).at(0).alert.end(),
            event::v1::ALERT_END_CLEARED);
  EXPECT_TRUE(ClearPlaten(state_, "unreachable", kNow).empty());
}

}  // namespace
}  // namespace platen::collector::core
