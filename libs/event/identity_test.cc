#include "libs/event/identity.h"

#include <gtest/gtest.h>

namespace platen::event {
namespace {

v1::Event AlertEvent() {
  v1::Event event;
  event.set_tenant("acme");
  event.set_device_id(std::string(16, 'd'));
  event.mutable_source()->set_instance("collector-0");
  event.mutable_occurrence_time()->set_seconds(1'700'000'000);
  v1::AlertRowOccurrence* row = event.mutable_occurrence()->mutable_alert_row();
  row->set_boot(1);
  row->set_alert_index(7);
  row->set_code(8);
  row->set_transition(v1::ALERT_TRANSITION_RAISED);
  event.mutable_alert()->set_alert_id("row/1/7");
  return event;
}

TEST(DeriveIdTest, IsTheSameForEveryObserver) {
  v1::Event other = AlertEvent();
  other.mutable_source()->set_instance("collector-1");
  other.mutable_source()->set_sequence(99);
  other.set_term(4);
  other.mutable_observation_time()->set_seconds(1'700'000'009);
  other.mutable_alert()->set_description("read in another language");

  EXPECT_EQ(*DeriveId(AlertEvent()), *DeriveId(other));
}

TEST(DeriveIdTest, DiffersByWhatTellsFactsApart) {
  const base::EventId id = *DeriveId(AlertEvent());

  v1::Event changed = AlertEvent();
  changed.mutable_occurrence()->mutable_alert_row()->set_transition(v1::ALERT_TRANSITION_ENDED);
  EXPECT_NE(*DeriveId(changed), id);
  changed = AlertEvent();
  changed.set_tenant("other");
  EXPECT_NE(*DeriveId(changed), id);
  changed = AlertEvent();
  changed.mutable_occurrence()->mutable_alert_row()->set_boot(2);
  EXPECT_NE(*DeriveId(changed), id);
  changed = AlertEvent();
  changed.mutable_status_change();
  EXPECT_NE(*DeriveId(changed), id);
}

TEST(DeriveIdTest, AMissingRangeIsTheSameWhoeverMissedIt) {
  v1::Event gap;
  gap.mutable_source()->set_instance("relay-0");
  gap.mutable_gap();
  v1::RangeOccurrence* range = gap.mutable_occurrence()->mutable_range();
  range->set_stream("campus/platen.alerts.v1/3");
  range->set_last(9);
  const base::EventId id = *DeriveId(gap);

  gap.mutable_source()->set_instance("relay-1");
  EXPECT_EQ(*DeriveId(gap), id);
  range->set_last(10);
  EXPECT_NE(*DeriveId(gap), id);
}

TEST(DeriveIdTest, BeginsWithTheTimeSoThatStoresAppend) {
  v1::Event later = AlertEvent();
  later.mutable_occurrence_time()->set_seconds(1'700'000'001);

  EXPECT_LT(*DeriveId(AlertEvent()), *DeriveId(later));
}

// A fixed point: ids are stored for years, so the encoding must never change by accident.
TEST(DeriveIdTest, NeverChanges) {
  EXPECT_EQ(DeriveId(AlertEvent())->ToHex(), "018bcfe568000ce9f82537c58402a821");
}

TEST(DeriveIdTest, RefusesWhatHasNoOccurrenceOrBody) {
  v1::Event event = AlertEvent();
  event.clear_occurrence();
  EXPECT_FALSE(DeriveId(event).ok());
  event = AlertEvent();
  event.clear_alert();
  EXPECT_FALSE(DeriveId(event).ok());
}

TEST(IsPlausibleTest, DistrustsClocksOf1970And2099) {
  const base::WallTime now = base::WallFromMillis(1'767'225'600'000);
  EXPECT_TRUE(IsPlausible(now - std::chrono::hours(5), now));
  EXPECT_FALSE(IsPlausible(base::WallFromMillis(0), now));
  EXPECT_FALSE(IsPlausible(base::WallFromMillis(4'070'908'800'000), now));
}

}  // namespace
}  // namespace platen::event
