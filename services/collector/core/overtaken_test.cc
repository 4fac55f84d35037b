#include "services/collector/core/overtaken.h"

#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/timestamps.h"

namespace platen::collector::core {
namespace {

using event::v1::ALERT_TRANSITION_CHANGED;
using event::v1::ALERT_TRANSITION_ENDED;
using event::v1::ALERT_TRANSITION_RAISED;
using event::v1::Event;

const std::string kDevice(16, 'd');

// A jam's event as a collector of term 5 counts it, seen at a time in seconds.
Event Jam(std::uint64_t instance, event::v1::AlertTransition transition, int seconds) {
  Event event;
  event.set_tenant("acme");
  event.set_device_id(kDevice);
  event.set_term(5);
  event.mutable_alert()->set_alert_id(base::StrCat("jam/", instance));
  event.mutable_alert()->set_instance(instance);
  event.mutable_alert()->set_transition(transition);
  event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
  occurrence.set_condition(transition == ALERT_TRANSITION_RAISED ? "jam"
                                                                 : event.alert().alert_id());
  occurrence.set_instance(instance);
  occurrence.set_transition(transition);
  *event.mutable_observation_time() = event::ToProto(base::WallFromMillis(seconds * 1000));
  *event.mutable_occurrence_time() = event.observation_time();
  event.set_id(std::string(event::DeriveId(event)->bytes()));
  return event;
}

const Overtaking kAtTen{.claimed = base::WallFromMillis(10'000), .shared = {}};

// The other collector begins with a state that has counted so many jams, the last of them open.
Overtaking Shared(std::uint64_t jams) {
  collector::v1::DeviceState state;
  (*state.mutable_instances())["jam"] = jams;
  state.add_open_alerts()->mutable_alert()->set_alert_id(base::StrCat("jam/", jams));
  Overtaking by = kAtTen;
  by.shared.emplace(kDevice, Counted(state));
  return by;
}

using Fates = std::vector<SpooledFate>;
constexpr SpooledFate kSaid = SpooledFate::kSaid;
constexpr SpooledFate kNamed = SpooledFate::kNamed;
constexpr SpooledFate kLeft = SpooledFate::kLeft;

TEST(OvertakenTest, AnAlertThatBeganAndEndedBeforeTheClaimStandsByItselfWithAllItsChanges) {
  const std::vector<Event> events = {Jam(1, ALERT_TRANSITION_RAISED, 1),
                                     Jam(1, ALERT_TRANSITION_CHANGED, 2),
                                     Jam(1, ALERT_TRANSITION_ENDED, 3)};
  EXPECT_EQ(FatesOf(events, kAtTen), (Fates{kNamed, kNamed, kNamed}));
}

TEST(OvertakenTest, WhatTheOtherOneFindsIsItsToSay) {
  const std::vector<Event> events = {Jam(1, ALERT_TRANSITION_ENDED, 1),  // It knows the beginning.
                                     Jam(2, ALERT_TRANSITION_RAISED, 2),
                                     Jam(2, ALERT_TRANSITION_ENDED, 10),    // It may have seen it.
                                     Jam(3, ALERT_TRANSITION_RAISED, 11)};  // It still stands.
  EXPECT_EQ(FatesOf(events, Shared(1)), (Fates{kLeft, kLeft, kLeft, kLeft}));
}

TEST(OvertakenTest, WhatIsNoAlertIsTheOtherOnesToSay) {
  Event status = Jam(1, ALERT_TRANSITION_RAISED, 1);
  status.mutable_status_change();
  EXPECT_EQ(FatesOf(std::vector<Event>{status}, kAtTen), Fates{kLeft});
}

// The simulation of the pipeline has found it told twice: a beginning that waited in the spool for
// its acknowledgement, when its state had long been shared.
TEST(OvertakenTest, AnAlertThatAStateInKafkaKnowsKeepsItsNameAndTheOtherOneSaysItsEnd) {
  const std::vector<Event> events = {Jam(1, ALERT_TRANSITION_RAISED, 1),
                                     Jam(1, ALERT_TRANSITION_ENDED, 2),
                                     Jam(2, ALERT_TRANSITION_RAISED, 3),
                                     Jam(2, ALERT_TRANSITION_CHANGED, 4),
                                     Jam(2, ALERT_TRANSITION_ENDED, 5),
                                     Jam(3, ALERT_TRANSITION_RAISED, 6),
                                     Jam(3, ALERT_TRANSITION_ENDED, 7)};
  EXPECT_EQ(FatesOf(events, Shared(2)), (Fates{kSaid, kSaid, kSaid, kLeft, kLeft, kNamed, kNamed}));
}

TEST(OvertakenTest, ItsNamesAreNobodyElsesAndNoTermIsInTheWayOfThem) {
  Event begun = Jam(1, ALERT_TRANSITION_RAISED, 1);
  Event over = Jam(1, ALERT_TRANSITION_ENDED, 1);
  // The one who counts on gives the same number to a jam of his own.
  const Event other = begun;
  ASSERT_TRUE(NameByTerm(begun).ok());
  ASSERT_TRUE(NameByTerm(over).ok());

  EXPECT_NE(begun.id(), other.id());
  EXPECT_NE(begun.alert().alert_id(), other.alert().alert_id());
  EXPECT_EQ(begun.alert().alert_id(), over.alert().alert_id());
  EXPECT_EQ(begun.id(), event::DeriveId(begun)->bytes());
  EXPECT_EQ(begun.term(), 0u);
}

TEST(OvertakenTest, ABeginningThatARowTellsIsTheSameEventWhoeverSaysIt) {
  Event begun = Jam(1, ALERT_TRANSITION_RAISED, 1);
  begun.mutable_occurrence()->mutable_alert_row()->set_alert_index(7);
  begun.set_id(std::string(event::DeriveId(begun)->bytes()));
  const Event other = begun;
  ASSERT_TRUE(NameByTerm(begun).ok());
  EXPECT_EQ(begun.id(), other.id());
}

}  // namespace
}  // namespace platen::collector::core
