#include "services/notifier/edge/channels/digest_members.h"

#include <gtest/gtest.h>

#include "services/notifier/edge/channels/test_notification.h"

namespace platen::notifier::edge {
namespace {

TEST(WithoutDigestTest, GivesBackAloneWhatIsNoDigest) {
  const v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  const auto singles = WithoutDigest(raise);
  ASSERT_EQ(singles.size(), 1u);
  EXPECT_EQ(singles[0].SerializeAsString(), raise.SerializeAsString());
}

TEST(WithoutDigestTest, MakesOneOfEachMember) {
  const auto singles = WithoutDigest(DigestNotification());
  ASSERT_EQ(singles.size(), 2u);
  const v1::Notification clear = JamNotification(v1::NOTIFICATION_KIND_CLEARED);
  EXPECT_EQ(singles[1].id(), clear.id());
  EXPECT_EQ(singles[1].kind(), clear.kind());
  EXPECT_EQ(singles[1].incident_id(), clear.incident_id());
  EXPECT_EQ(singles[1].title(), clear.title());
  EXPECT_EQ(singles[1].event().SerializeAsString(), clear.event().SerializeAsString());
}

TEST(WithoutDigestTest, OfWhatIsOverAlreadySaysOnlyThat) {
  v1::Notification digest = DigestNotification();
  v1::DigestMember over = digest.members(0);
  over.set_kind(v1::NOTIFICATION_KIND_CLEARED);
  *digest.add_members() = over;

  const auto singles = WithoutDigest(digest);

  ASSERT_EQ(singles.size(), 2u);
  for (const auto& single : singles) EXPECT_EQ(single.kind(), v1::NOTIFICATION_KIND_CLEARED);
}

TEST(WithoutDigestTest, OfWhatIsOpenSaysAllInOrder) {
  v1::Notification digest = DigestNotification();
  v1::DigestMember acknowledged = digest.members(0);
  acknowledged.set_kind(v1::NOTIFICATION_KIND_ACKNOWLEDGED);
  acknowledged.set_author("Alice");
  *digest.add_members() = acknowledged;

  const auto singles = WithoutDigest(digest);

  ASSERT_EQ(singles.size(), 3u);
  EXPECT_EQ(singles[0].kind(), v1::NOTIFICATION_KIND_RAISED);
  EXPECT_EQ(singles[2].author(), "Alice");
}

}  // namespace
}  // namespace platen::notifier::edge
