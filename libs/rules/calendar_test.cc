#include "libs/rules/calendar.h"

#include <gtest/gtest.h>

#include "libs/rules/test_rules.h"

namespace platen::rules {
namespace {

constexpr const char* kOffice = R"(
  time_zone: "Europe/Berlin"
  spans { days: [DAY_MON, DAY_TUE, DAY_WED, DAY_THU, DAY_FRI] from: "08:00" to: "17:30" })";

Calendar Compile(const std::string& text) {
  return *Calendar::Compile(FromText<v1::Calendar>(text));
}

std::string Refusal(const std::string& text) {
  return std::string(Calendar::Compile(FromText<v1::Calendar>(text)).status().message());
}

// A moment in UTC: "2026-11-23T07:00:00Z".
base::WallTime Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return base::WallTime(base::Duration(absl::ToUnixNanos(time)));
}

TEST(CalendarTest, IsOpenFromTheFirstMinuteUntilBeforeTheLast) {
  const Calendar office = Compile(kOffice);
  EXPECT_FALSE(office.IsOpen(Utc("2026-11-23T06:59:59Z")));  // Monday, winter: an hour ahead.
  EXPECT_TRUE(office.IsOpen(Utc("2026-11-23T07:00:00Z")));
  EXPECT_TRUE(office.IsOpen(Utc("2026-11-23T16:29:59Z")));
  EXPECT_FALSE(office.IsOpen(Utc("2026-11-23T16:30:00Z")));
  EXPECT_FALSE(office.IsOpen(Utc("2026-11-22T10:00:00Z")));  // Sunday.
  EXPECT_TRUE(office.IsOpen(Utc("2026-07-06T06:00:00Z")));   // Monday, summer: two hours.
}

TEST(CalendarTest, SaysWhenItOpensAndCloses) {
  const Calendar office = Compile(kOffice);
  const auto friday_evening = Utc("2026-11-20T20:00:00Z");
  EXPECT_EQ(office.NextOpen(friday_evening), Utc("2026-11-23T07:00:00Z"));
  EXPECT_EQ(office.NextClosed(friday_evening), friday_evening);
  const auto monday = Utc("2026-11-23T10:00:00Z");
  EXPECT_EQ(office.NextOpen(monday), monday);
  EXPECT_EQ(office.NextClosed(monday), Utc("2026-11-23T16:30:00Z"));
}

TEST(CalendarTest, IsClosedOnClosedDates) {
  const Calendar office = Compile(
      std::string(kOffice) + "closed_dates: '2026-12-24..2027-01-01' closed_dates: '2027-01-06'");
  EXPECT_FALSE(office.IsOpen(Utc("2026-12-28T10:00:00Z")));
  EXPECT_EQ(office.NextOpen(Utc("2026-12-23T20:00:00Z")), Utc("2027-01-04T07:00:00Z"));
  EXPECT_FALSE(office.IsOpen(Utc("2027-01-06T10:00:00Z")));
}

TEST(CalendarTest, ASpanMayGoOnAfterMidnight) {
  const Calendar night =
      Compile("time_zone: 'UTC' spans { days: DAY_SAT from: '22:00' to: '04:00' }");
  EXPECT_TRUE(night.IsOpen(Utc("2026-11-21T23:00:00Z")));
  EXPECT_TRUE(night.IsOpen(Utc("2026-11-22T03:59:59Z")));
  EXPECT_FALSE(night.IsOpen(Utc("2026-11-22T04:00:00Z")));
  EXPECT_FALSE(night.IsOpen(Utc("2026-11-21T03:00:00Z")));  // Friday's night is none.
  EXPECT_EQ(night.NextClosed(Utc("2026-11-21T23:00:00Z")), Utc("2026-11-22T04:00:00Z"));
}

TEST(CalendarTest, AWholeWeekNeverCloses) {
  const Calendar always = Compile(
      "time_zone: 'UTC' spans { days: [DAY_MON, DAY_TUE, DAY_WED, DAY_THU, DAY_FRI, DAY_SAT, "
      "DAY_SUN] "
      "from: '00:00' to: '24:00' }");
  EXPECT_FALSE(always.NextClosed(Utc("2026-11-21T23:00:00Z")).has_value());
}

TEST(CalendarTest, BeginsAfterAnHourThatTheClockLeavesOut) {
  // In Berlin 02:00 to 03:00 is left out on 29 March 2026.
  const Calendar night =
      Compile("time_zone: 'Europe/Berlin' spans { days: DAY_SUN from: '02:30' to: '04:00' }");
  EXPECT_EQ(night.NextOpen(Utc("2026-03-29T00:00:00Z")), Utc("2026-03-29T01:00:00Z"));
  // One that lies within that hour is left out with it.
  const Calendar left_out =
      Compile("time_zone: 'Europe/Berlin' spans { days: DAY_SUN from: '02:10' to: '02:40' }");
  EXPECT_EQ(left_out.NextOpen(Utc("2026-03-29T00:00:00Z")), Utc("2026-04-05T00:10:00Z"));
}

TEST(CalendarTest, WhatItSaysHoldsAtEveryHourOfAYear) {
  const Calendar office = Compile(std::string(kOffice) + R"(
    spans { days: DAY_SAT from: "22:15" to: "03:45" } closed_dates: "2026-05-01")");
  for (auto time = Utc("2026-01-01T00:20:00Z"); time < Utc("2027-01-01T00:00:00Z");
       time += std::chrono::minutes(47)) {
    const auto open = office.NextOpen(time);
    const auto closed = office.NextClosed(time);
    ASSERT_TRUE(open.has_value() && closed.has_value());
    ASSERT_TRUE(office.IsOpen(*open));
    ASSERT_FALSE(office.IsOpen(*closed));
    ASSERT_EQ(office.IsOpen(time), *open == time);
    ASSERT_EQ(office.IsOpen(time), *closed != time);
    if (*open != time) {
      ASSERT_FALSE(office.IsOpen(*open - std::chrono::seconds(1)));
    }
    if (*closed != time) {
      ASSERT_TRUE(office.IsOpen(*closed - std::chrono::seconds(1)));
    }
  }
}

TEST(CalendarTest, RefusesWhatIsNoCalendar) {
  EXPECT_EQ(Refusal("time_zone: 'Europe/Berlib'"),
            "time_zone 'Europe/Berlib' is none of the IANA database's, such as \"Europe/Berlin\"");
  EXPECT_FALSE(Calendar::Compile(FromText<v1::Calendar>("time_zone: '/etc/localtime'")).ok());
  EXPECT_EQ(Refusal("time_zone: 'UTC'"), "spans: 1 to 64");
  EXPECT_EQ(Refusal("time_zone: 'UTC' spans { days: DAY_SUN from: '8:00' to: '09:00' }"),
            "'8:00' is no time of day, such as \"08:00\"");
  EXPECT_EQ(Refusal("time_zone: 'UTC' spans { days: DAY_SUN from: '08:00' to: '08:00' }"),
            "spans: nothing is between 08:00 and 08:00");
  EXPECT_EQ(Refusal("time_zone: 'UTC' spans { days: DAY_SUN from: '08:00' to: '09:00' } "
                    "closed_dates: '25.12.26'"),
            "'25.12.26' is no date, such as \"2026-12-25\"");
}

}  // namespace
}  // namespace platen::rules
