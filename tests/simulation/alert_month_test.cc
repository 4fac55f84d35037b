// What the rules that are shipped make of a month: as many messages as people bear, to those who
// can do something about it. `alert_month` tells the same of 10,000 devices as a table.
#include <cstdlib>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/alert_month_run.h"

namespace platen::simulation {
namespace {

using notifier::v1::DecisionReason;

std::unique_ptr<MonthResult> Month(const MonthOptions& options) {
  const char* source = std::getenv("PLATEN_SOURCE_DIR");
  auto result = RunMonth(
      options, std::string(source == nullptr ? "." : source) + "/deploy/rules/default.yaml");
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

std::size_t Beginnings(const MonthResult& month, const std::string& rule) {
  std::size_t beginnings = 0;
  for (const alerting::TallyRow& row : month.tally.Rows()) {
    if (row.rule == rule) beginnings += row.beginnings;
  }
  return beginnings;
}

TEST(AlertMonthTest, NobodyDrowns) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(seed);
    const auto month = Month({.seed = seed, .devices = 1000});
    // Of 4,000 to 5,000 alarms a day, those of sleep and the like not counted, some fifty: a
    // service desk sees about as many calls of 1,000 printers.
    EXPECT_LT(month->DailyPerThousand("service-desk"), 60);
    EXPECT_GT(month->DailyPerThousand("service-desk"), 20) << "somebody has to hear of it";
    EXPECT_LT(month->WorstDayPerThousand("service-desk"), 130);
    EXPECT_LT(month->DailyPerThousand("replenishment"), 40);
    EXPECT_LT(month->tally.BusiestHour().messages, 40u);
    std::set<std::string> told;
    for (const auto& [receiver, days] : month->by_day) told.insert(receiver);
    EXPECT_THAT(told, testing::ElementsAre("replenishment", "service-desk"));
  }
}

TEST(AlertMonthTest, EachIsToldOfWhatIsHis) {
  const auto month = Month({.seed = 4, .devices = 1000});
  EXPECT_GT(Beginnings(*month, "rules/jam"), 100u);
  EXPECT_GT(Beginnings(*month, "rules/field-service"), 30u);
  EXPECT_GT(Beginnings(*month, "rules/supplies"), 300u);
  EXPECT_GT(Beginnings(*month, "rules/silent"), 30u);
  for (const alerting::TallyRow& row : month->tally.Rows()) {
    EXPECT_EQ(row.receiver == "replenishment", row.rule == "rules/supplies")
        << row.receiver << " of " << row.rule;
  }
  // Sleeping and waking is most of what printers say.
  EXPECT_GT(month->rehearsal.reasons().at(notifier::v1::DECISION_REASON_STATUS_LINE), 50'000u);
  EXPECT_GT(month->rehearsal.reasons().at(notifier::v1::DECISION_REASON_ENDED_UNTOLD), 500u);
}

TEST(AlertMonthTest, TheSameSeedIsTheSameMonth) {
  EXPECT_EQ(Month({.seed = 5, .devices = 200})->ToText(),
            Month({.seed = 5, .devices = 200})->ToText());
}

}  // namespace
}  // namespace platen::simulation
