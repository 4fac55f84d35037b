#include "libs/event/sequence.h"

#include <gtest/gtest.h>

namespace platen::event {
namespace {

v1::Event Beat(std::uint64_t number) {
  v1::Event event;
  event.mutable_occurrence()->mutable_source()->set_number(number);
  event.mutable_heartbeat();
  return event;
}

TEST(SequencerTest, NumbersEachLaneAndRouteWithoutHoles) {
  Sequencer sequencer("collector-0", 3);
  v1::Event first = Beat(1);
  v1::Event second = Beat(2);
  v1::Event elsewhere = Beat(3);
  elsewhere.mutable_source()->set_route("eu");

  ASSERT_TRUE(sequencer.Stamp(first).ok());
  ASSERT_TRUE(sequencer.Stamp(second).ok());
  ASSERT_TRUE(sequencer.Stamp(elsewhere).ok());

  EXPECT_EQ(first.source().sequence(), 1u);
  EXPECT_EQ(second.source().sequence(), 2u);
  EXPECT_EQ(elsewhere.source().sequence(), 1u);
  EXPECT_EQ(first.source().route(), "default");
  EXPECT_EQ(first.id().size(), 16u);
}

TEST(SequencerTest, TakesNoNumberForWhatItRefuses) {
  Sequencer sequencer("collector-0", 3);
  v1::Event bad;
  EXPECT_FALSE(sequencer.Stamp(bad).ok());

  v1::Event good = Beat(1);
  ASSERT_TRUE(sequencer.Stamp(good).ok());
  EXPECT_EQ(good.source().sequence(), 1u);
}

TEST(SequencerTest, SaysTheRegionAndChangesNoIdByIt) {
  v1::Event here = Beat(1);
  v1::Event nowhere = Beat(1);
  ASSERT_TRUE(Sequencer("collector-0", 3, "eu-west").Stamp(here).ok());
  ASSERT_TRUE(Sequencer("collector-0", 3).Stamp(nowhere).ok());

  EXPECT_EQ(here.source().region(), "eu-west");
  EXPECT_EQ(nowhere.source().region(), "");
  EXPECT_EQ(here.id(), nowhere.id());
}

TEST(NextEpochTest, GrowsWithTheClockAndNeverRepeats) {
  EXPECT_EQ(NextEpoch(5, 1000), 1000u);
  EXPECT_EQ(NextEpoch(2000, 1000), 2001u);
}

}  // namespace
}  // namespace platen::event
