#include "services/notifier/core/report.h"

#include <gtest/gtest.h>

#include "services/notifier/core/deliver_core_fixture.h"

namespace platen::notifier::core {
namespace {

constexpr base::WallTime kNow{std::chrono::hours(500'000)};
const std::string kTraceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

event::v1::Event ReportOf(const v1::Notification& notification) {
  const DeliveryEnd end{.notification = notification,
                        .outcome = event::v1::NotificationReport::OUTCOME_DELIVERED,
                        .attempts = 1,
                        .channel = "webhook"};
  return MakeReport(kNow, end, 7);
}

TEST(ReportTest, BelongsToTheTraceOfItsEvent) {
  v1::Notification notification = Message("desk", "jam/1");
  notification.mutable_event()->set_traceparent(kTraceparent);
  notification.mutable_event()->set_vendor("Example");

  EXPECT_EQ(ReportOf(notification).traceparent(), kTraceparent);
  EXPECT_EQ(ReportOf(notification).vendor(), "Example");
}

// Otherwise an event that is too large makes a report that is: one more dead letter, of our own.
TEST(ReportTest, StaysSmallHoweverLargeItsEventWas) {
  v1::Notification notification = Message("desk", "jam/1");
  notification.mutable_event()->set_traceparent(std::string(300'000, 'x'));
  notification.mutable_event()->set_vendor(std::string(300'000, 'x'));

  EXPECT_LT(ReportOf(notification).ByteSizeLong(), 1000u);
}

}  // namespace
}  // namespace platen::notifier::core
