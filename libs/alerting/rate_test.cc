#include "libs/alerting/rate.h"

#include <gtest/gtest.h>

namespace platen::alerting {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr base::WallTime kNow = base::WallFromMillis(1'700'000'000'000);

AlertRecord Jam() {
  AlertRecord record;
  record.category = event::v1::ALERT_CATEGORY_JAM;
  return record;
}

void Raise(AlertRecord& record, base::WallTime at, std::optional<std::uint64_t> pages = {}) {
  event::v1::Event event;
  if (pages.has_value()) event.mutable_alert()->mutable_counters()->set_total(*pages);
  AddRaise(event, at, record);
}

rules::v1::Rate PagesRate() {
  rules::v1::Rate rate;
  rate.set_more_than(2);
  rate.set_pages(1000);
  return rate;
}

TEST(RateTest, CountsWithinPagesOverAllAlertsOfTheCategory) {
  AlertRecord tray = Jam();
  AlertRecord duplexer = Jam();
  AlertRecord cover;
  cover.category = event::v1::ALERT_CATEGORY_ALARM;
  Raise(duplexer, kNow, 1400);
  Raise(cover, kNow, 1500);
  Raise(tray, kNow, 900);
  Raise(tray, kNow, 2000);
  // 900 lies further back than 1,000 pages, and the cover is no jam.
  EXPECT_FALSE(IsTooOften(PagesRate(), kNow, tray, {&duplexer, &cover}));
  Raise(tray, kNow, 2100);
  EXPECT_TRUE(IsTooOften(PagesRate(), kNow, tray, {&duplexer, &cover}));
}

TEST(RateTest, ACounterThatWentBackOrIsUnknownDoesNotCount) {
  AlertRecord record = Jam();
  for (const std::uint64_t pages : {99'000, 99'001, 99'002, 12}) Raise(record, kNow, pages);
  EXPECT_FALSE(IsTooOften(PagesRate(), kNow, record, {}));
  Raise(record, kNow);
  EXPECT_FALSE(IsTooOften(PagesRate(), kNow, record, {}));
}

TEST(RateTest, CountsWithinATime) {
  rules::v1::Rate rate;
  rate.set_more_than(2);
  rate.mutable_window()->set_seconds(3600);
  AlertRecord record = Jam();
  Raise(record, kNow - hours(2));
  Raise(record, kNow - minutes(50));
  Raise(record, kNow);
  EXPECT_FALSE(IsTooOften(rate, kNow, record, {}));
  Raise(record, kNow);
  EXPECT_TRUE(IsTooOften(rate, kNow, record, {}));
}

TEST(RateTest, WhatComesAndGoesIsLeftAloneUntilItHasBeenQuiet) {
  rules::v1::Damping damping;
  damping.set_more_than(2);
  damping.mutable_window()->set_seconds(600);
  damping.mutable_quiet()->set_seconds(1800);
  AlertRecord record = Jam();
  Raise(record, kNow - minutes(8));
  Raise(record, kNow - minutes(4));
  EXPECT_EQ(QuietUntil(damping, kNow, record, {}), kNow);
  Raise(record, kNow);
  EXPECT_EQ(QuietUntil(damping, kNow, record, {}), kNow + minutes(30));
  // Once more before it has been quiet for half an hour: it still comes and goes.
  Raise(record, kNow + minutes(25));
  EXPECT_EQ(QuietUntil(damping, kNow + minutes(25), record, {}), kNow + minutes(55));
  Raise(record, kNow + minutes(60));
  EXPECT_EQ(QuietUntil(damping, kNow + minutes(60), record, {}), kNow + minutes(60));
}

TEST(RateTest, WhatComesBackUnderAnotherNumberComesAndGoesToo) {
  rules::v1::Damping damping;
  damping.set_more_than(2);
  damping.mutable_window()->set_seconds(600);
  AlertRecord first = Jam();
  Raise(first, kNow - minutes(8));
  AlertRecord second = Jam();
  Raise(second, kNow - minutes(4));
  AlertRecord third = Jam();
  Raise(third, kNow);
  EXPECT_EQ(QuietUntil(damping, kNow, third, {&first}), kNow);
  EXPECT_EQ(QuietUntil(damping, kNow, third, {&first, &second}), kNow + minutes(10));
  EXPECT_TRUE(IsAlike("jam/1", "jam/20"));
  EXPECT_FALSE(IsAlike("jam/1", "cover-open/1"));
  EXPECT_FALSE(IsAlike("jam", "cover-open"));
}

TEST(RateTest, RemembersABoundedNumber) {
  AlertRecord record = Jam();
  for (int i = 0; i < 100; ++i) Raise(record, kNow + minutes(i));
  EXPECT_EQ(record.raises.size(), kPastRaisesMax);
  EXPECT_EQ(record.raises.back().millis, base::ToMillis(kNow + minutes(99)));
}

}  // namespace
}  // namespace platen::alerting
