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
  int orders = 0;
  int digested = 0;
  int escalated = 0;
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
  totals.orders += world.orders();
  totals.digested += world.digested();
  totals.escalated += world.escalated();
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

// However often its partitions go and come back, with tries under way.
TEST(NotifierSimulationTest, SaysNothingTwiceWhereOneProcessLivesOn) {
  WorldOptions options{.seed = 250, .instances = 1, .crash = 0, .lost_answer = 0};
  options.faults = {.delayed_delivery = 0.2,
                    .repeated_append = 0.02,
                    .unavailable = 0.02,
                    .failed_commit = 0.1,
                    .lost_session = 0.02};
  const Totals totals = RunSeeds(options, 10);
  EXPECT_EQ(totals.duplicates, 0);
  if (IsReplay()) return;
  EXPECT_GT(totals.incidents, 100);
  EXPECT_GT(totals.retries, 100);
}

TEST(NotifierSimulationTest, LosesNothingForReceiversThatAreAwayForLong) {
  const Totals totals = RunSeeds(
      {.seed = 300, .crash = 0.005, .receiver_goes_away = 0.05, .receiver_comes_back = 0.005}, 15);
  if (IsReplay()) return;
  EXPECT_GT(totals.parked, 25);
}

// Away for two days: when it comes back it hears everything, and not one by one.
TEST(NotifierSimulationTest, TellsOfTwoDaysInAFewDigests) {
  service::SetLogLevel(service::LogLevel::kError);
  for (std::uint64_t seed = 500; seed < 506; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    NotifierWorld world({.seed = seed,
                         .crash = 0.02,
                         .receiver_goes_away = 0,
                         .lost_answer = 0,
                         .busy = 0,
                         .digest_above = 20});
    world.GoAway("desk");
    world.Elapse(std::chrono::hours(48));
    EXPECT_EQ(world.messages("desk"), 0);
    EXPECT_GT(world.parked_seen(), 0);
    EXPECT_GT(world.crashes(), 0);
    EXPECT_GT(world.told_incidents(), 100);
    EXPECT_GT(world.messages("erp"), world.told_incidents()) << "others heard all meanwhile";

    world.ComeBack("desk");
    EXPECT_TRUE(world.Settle()) << "something is never done";

    for (const std::string& violation : world.Violations()) ADD_FAILURE() << violation;
    // Each of two processes tries with one message first; then come a digest for each of 3
    // partitions, and one by one at most 20 that came after such a digest was made at a start.
    EXPECT_LE(world.messages("desk"), 2 * (1 + 20) + 3);
    EXPECT_LT(world.messages("desk") * 5, world.messages("erp"));
    EXPECT_GT(world.digests("desk"), 0);
  }
}

TEST(NotifierSimulationTest, LosesNothingWhateverCrashesAsReceiversComeBack) {
  service::SetLogLevel(service::LogLevel::kError);
  for (std::uint64_t seed = 600; seed < 612; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    NotifierWorld world({.seed = seed, .crash = 0.03});
    world.GoAway("desk");
    world.Elapse(std::chrono::hours(6));
    world.ComeBack("desk");
    for (int step = 0; step < 300; ++step) world.Step();
    EXPECT_TRUE(world.Settle()) << "something is never done";
    for (const std::string& violation : world.Violations()) ADD_FAILURE() << violation;
    EXPECT_GT(world.digests("desk"), 0);
  }
}

TEST(NotifierSimulationTest, LosesNothingWhateverReceiversChange) {
  const Totals totals = RunSeeds({.seed = 400, .crash = 0.003, .reload = 0.02}, 8);
  if (IsReplay()) return;
  EXPECT_GT(totals.reloads, 100);
}

TEST(NotifierSimulationTest, TellsWhatStaysOpenAndItsEndWhateverRulesAndPeopleDo) {
  const Totals totals = RunSeeds({.seed = 700, .crash = 0, .rules = true}, 10);
  if (IsReplay()) return;
  EXPECT_GT(totals.orders, 100);
  EXPECT_GT(totals.digested, 50);
  EXPECT_GT(totals.escalated, 50);
}

TEST(NotifierSimulationTest, LosesNothingWhateverRulesChangeBetweenACrashAndWhatFollows) {
  WorldOptions options{.seed = 800, .crash = 0.01, .rules = true};
  options.faults = {.delayed_delivery = 0.2,
                    .repeated_append = 0.02,
                    .full_queue = 0.05,
                    .unavailable = 0.02,
                    .failed_commit = 0.1,
                    .lost_session = 0.002};
  const Totals totals = RunSeeds(options, 10);
  if (IsReplay()) return;
  EXPECT_GT(totals.crashes, 50);
  EXPECT_GT(totals.orders, 100);
  EXPECT_GT(totals.duplicates, 0);
}

}  // namespace
}  // namespace platen::notifier
