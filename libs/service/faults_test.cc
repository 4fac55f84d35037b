#include "libs/service/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::service {
namespace {

TEST(FaultListTest, NamesTheLineWhereTheValueWasGiven) {
  FaultList faults;
  faults.Remember("kafka.brokers", {.source = "relay.yaml", .line = 7});

  faults.Add("kafka.brokers", "must not be empty");

  EXPECT_EQ(faults.ToString(), "relay.yaml:7: kafka.brokers: must not be empty\n");
}

TEST(FaultListTest, FallsBackToTheNearestAncestorThatWasGiven) {
  FaultList faults;
  faults.Remember("", {.source = "relay.yaml", .line = 1});
  faults.Remember("receivers[2]", {.source = "relay.yaml", .line = 9});

  faults.Add("receivers[2].url", "is required");
  faults.Add("instance", "is required");

  EXPECT_EQ(faults.ToString(),
            "relay.yaml:1: instance: is required\n"
            "relay.yaml:9: receivers[2].url: is required\n");
}

TEST(FaultListTest, SaysDefaultsWhereNothingWasGiven) {
  FaultList faults;
  faults.Add("instance", "is required");
  EXPECT_EQ(faults.ToString(), "defaults: instance: is required\n");
}

TEST(FaultListTest, TheLastPlaceWins) {
  FaultList faults;
  faults.Remember("instance", {.source = "relay.yaml", .line = 3});
  faults.Remember("instance", {.source = "environment PLATEN_INSTANCE"});

  faults.Add("instance", "has a space in it");

  EXPECT_EQ(faults.ToString(), "environment PLATEN_INSTANCE: instance: has a space in it\n");
}

}  // namespace
}  // namespace platen::service
