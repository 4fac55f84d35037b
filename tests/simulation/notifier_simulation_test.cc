// Each true beginning and end of an alert reaches each receiver, at least once, under one id, the
// beginning first, whatever crashes, hangs or is said twice. A failing seed is printed; it replays
// by PLATEN_SIMULATION_SEED=N.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "libs/service/log.h"
#include "tests/simulation/notifier_world.h"

namespace platen::notifier {
namespace {

constexpr int kSteps = 1500;

struct Totals {
  int crashes = 0;
  int duplicates = 0;
  int incidents = 0;
  int retries = 0;
  int parked = 0;
  int reloads = 0;
};

void RunSeed(const WorldOptions& options, Totals& totals) {
  service::SetLogLevel(service::LogLevel::kError);
  SCOPED_TRACE("seed " + std::to_string(options.seed));
  NotifierWorld world(options);
  for (int step = 0; step < kSteps; ++step) world.Step();

  EXPECT_TRUE(world.Settle()) << "something is never done";

  for (const std::string& violation : world.Violations()) ADD_FAILURE() << violation;
  totals.crashes += world.crashes();
  totals.duplicates += world.duplicates();
  totals.incidents += world.told_incidents();
  totals.retries += world.retries();
  totals.parked += world.parked_seen();
  totals.reloads += world.reloads();
}

// A single seed is replayed: it says nothing about what many should meet.
bool IsReplay() {
  return std::getenv("PLATEN_SIMULATION_SEED") != nullptr;
}

Totals RunSeeds(WorldOptions options, std::uint64_t count) {
  Totals totals;
  if (IsReplay()) {
    options.seed = std::strtoull(std::getenv("PLATEN_SIMULATION_SEED"), nullptr, 10);
    count = 1;
  }
  for (std::uint64_t i = 0; i < count; ++i, ++options.seed) {
    RunSeed(options, totals);
    if (testing::Test::HasFailure()) break;
  }
  return totals;
}

TEST(NotifierSimulationTest, TellsEveryoneOfEverythingWithoutFaults) {
  const Totals totals = RunSeeds(
      {.seed = 1, .instances = 1, .crash = 0, .receiver_goes_away = 0, .lost_answer = 0, .busy = 0},
      5);
  if (IsReplay()) return;
  EXPECT_GT(totals.incidents, 100);
  EXPECT_EQ(totals.duplicates, 0);
}

TEST(NotifierSimulationTest, LosesNothingWhateverCrashes) {
  const Totals totals = RunSeeds({.seed = 100, .crash = 0.01}, 10);
  if (IsReplay()) return;
  EXPECT_GT(totals.crashes, 100);
  EXPECT_GT(totals.duplicates, 0);
}

TEST(NotifierSimulationTest, LosesNothingWhateverTheBrokerDoes) {
  WorldOptions options{.seed = 200};
  options.faults = {.delayed_delivery = 0.2,
                    .repeated_append = 0.02,
                    .full_queue = 0.05,
                    .unavailable = 0.02,
                    .failed_commit = 0.1,
                    .lost_session = 0.002};
  const Totals totals = RunSeeds(options, 10);
  if (IsReplay()) return;
  EXPECT_GT(totals.crashes, 10);
  EXPECT_GT(totals.retries, 100);
}

TEST(NotifierSimulationTest, LosesNothingForReceiversThatAreAwayForLong) {
  const Totals totals = RunSeeds(
      {.seed = 300, .crash = 0.005, .receiver_goes_away = 0.05, .receiver_comes_back = 0.005}, 15);
  if (IsReplay()) return;
  EXPECT_GT(totals.parked, 25);
}

TEST(NotifierSimulationTest, LosesNothingWhateverReceiversChange) {
  const Totals totals = RunSeeds({.seed = 400, .crash = 0.003, .reload = 0.02}, 8);
  if (IsReplay()) return;
  EXPECT_GT(totals.reloads, 100);
}

}  // namespace
}  // namespace platen::notifier
