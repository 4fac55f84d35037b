#include "services/notifier/edge/channels/description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/edge/channels/test_notification.h"

namespace platen::notifier::edge {
namespace {

TEST(DescribeTest, BeginsWithWhatThePersonNeedsWhoGoesThere) {
  const Description text = Describe(JamNotification(v1::NOTIFICATION_KIND_RAISED));

  EXPECT_EQ(text.first_line, "Acme Ltd, Room 2.14, serial E78123F4N554711, 48213 pages, Tray 2");
  EXPECT_EQ(text.headline, "Jam in tray 2");
  EXPECT_THAT(text.rows,
              testing::Contains(testing::Pair("Panel says", "Jam Tray 2 / Open the rear cover")));
  EXPECT_THAT(text.rows, testing::Contains(testing::Pair("Raised", "2023-11-14 22:13:20 UTC")));
}

TEST(DescribeTest, SaysThatItIsOver) {
  EXPECT_EQ(Describe(JamNotification(v1::NOTIFICATION_KIND_CLEARED)).headline,
            "Cleared: jam in tray 2");
}

TEST(DescribeTest, LeavesOutWhatIsNotKnown) {
  v1::Notification bare = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  bare.mutable_event()->mutable_alert()->clear_device();
  bare.mutable_event()->mutable_alert()->clear_counters();
  bare.mutable_event()->mutable_alert()->clear_paper_source();
  bare.mutable_event()->mutable_alert()->clear_where();

  const Description text = Describe(bare);

  EXPECT_EQ(text.first_line, "acme");
  EXPECT_EQ(text.headline, "Jam");
  for (const auto& [label, value] : text.rows) EXPECT_FALSE(value.empty()) << label;
}

TEST(DescribeTest, SaysWhoTakesCareAndWhatTheyNoted) {
  const Description text = Describe(JamNotification(v1::NOTIFICATION_KIND_ACKNOWLEDGED));
  EXPECT_EQ(text.headline, "Acknowledged by Alice <a@example.com>: jam in tray 2");
  EXPECT_THAT(text.rows, testing::Contains(testing::Pair("Note", "on my way & back by noon")));
}

TEST(DescribeTest, SaysWhyItIsSaidAgain) {
  EXPECT_EQ(Describe(JamNotification(v1::NOTIFICATION_KIND_ESCALATED)).headline,
            "Passed on to you, for nobody takes care of it: jam in tray 2");
  EXPECT_EQ(Describe(JamNotification(v1::NOTIFICATION_KIND_REMINDED)).headline,
            "Still open, and nobody takes care of it: jam in tray 2");
}

TEST(DescribeTest, ListsTheMembersOfADigest) {
  const Description text = Describe(DigestNotification());
  EXPECT_EQ(text.first_line, "[Acme Ltd/Zürich] 1 printer: 1 alarms, 1 over");
  EXPECT_EQ(text.headline, "2 messages in one");
  EXPECT_THAT(
      text.rows,
      testing::ElementsAre(
          testing::Pair("2023-11-14 22:23:21 UTC",
                        "[Acme Ltd/Zürich] HL-L5100DN, …4711: jam in tray 2 (Room 2.14)"),
          testing::Pair("2023-11-14 22:23:21 UTC",
                        "Cleared: [Acme Ltd/Zürich] HL-L5100DN, …4711: jam in tray 2 (Room 2.14)"),
          testing::Pair("Rule", "rules/jams")));
}

TEST(DescribeTest, HasNoWordForWhatANewerVersionSays) {
  EXPECT_EQ(CategoryWord(static_cast<event::v1::AlertCategory>(99)), "");
  EXPECT_EQ(TransitionWord(v1::NOTIFICATION_KIND_RAISED), "raised");
}

}  // namespace
}  // namespace platen::notifier::edge
