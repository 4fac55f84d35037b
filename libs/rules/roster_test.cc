#include "libs/rules/roster.h"

#include <gtest/gtest.h>

#include "libs/rules/test_rules.h"

namespace platen::rules {
namespace {

constexpr const char* kRoster = R"(
  contacts: ["alice", "bob", "carol"] time_zone: "Europe/Berlin" first_shift: "2026-10-19T08:00" shift_days: 7)";

Roster Compile(const std::string& text) {
  return *Roster::Compile(FromText<v1::Roster>(text));
}

base::WallTime Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return base::WallTime(base::Duration(absl::ToUnixNanos(time)));
}

TEST(RosterTest, GoesRoundAndChangesByTheLocalClock) {
  const Roster roster = Compile(kRoster);
  EXPECT_EQ(roster.OnDuty(Utc("2026-10-19T06:00:00Z")), "alice");
  EXPECT_EQ(roster.OnDuty(Utc("2026-10-26T06:59:59Z")), "alice");  // The clock was put back.
  EXPECT_EQ(roster.OnDuty(Utc("2026-10-26T07:00:00Z")), "bob");
  EXPECT_EQ(roster.OnDuty(Utc("2026-11-02T07:00:00Z")), "carol");
  EXPECT_EQ(roster.OnDuty(Utc("2026-11-09T07:00:00Z")), "alice");
  EXPECT_EQ(roster.OnDuty(Utc("2026-01-01T00:00:00Z")), "alice");
}

TEST(RosterTest, SomebodyStandsIn) {
  const Roster roster = Compile(std::string(kRoster) + R"(
    overrides { contact: "dave" start_time { seconds: 1792800000 } end_time { seconds: 1792810000 } }
    overrides { contact: "erin" start_time { seconds: 1792805000 } end_time { seconds: 1792806000 } })");
  const auto at = [](std::int64_t seconds) {
    return base::WallTime(std::chrono::seconds(seconds));
  };
  EXPECT_EQ(roster.OnDuty(at(1792799999)), "alice");
  EXPECT_EQ(roster.OnDuty(at(1792800000)), "dave");
  EXPECT_EQ(roster.OnDuty(at(1792805000)), "erin");
  EXPECT_EQ(roster.OnDuty(at(1792806000)), "dave");
  EXPECT_EQ(roster.OnDuty(at(1792810000)), "alice");
}

TEST(RosterTest, RefusesWhatIsNoRoster) {
  const auto refusal = [](const std::string& text) {
    return std::string(Roster::Compile(FromText<v1::Roster>(text)).status().message());
  };
  EXPECT_EQ(refusal("time_zone: 'UTC'"), "contacts: 1 to 64");
  EXPECT_EQ(refusal("time_zone: 'UTC' contacts: 'alice' first_shift: 'monday' shift_days: 7"),
            "first_shift: 'monday' is no local time, such as \"2026-11-23T08:00\"");
  EXPECT_EQ(refusal("time_zone: 'UTC' contacts: 'alice' first_shift: '2026-11-23T08:00'"),
            "shift_days: 1 to 366");
}

}  // namespace
}  // namespace platen::rules
