#include "libs/alerting/group.h"

#include <gtest/gtest.h>

#include "libs/alerting/identity.h"

namespace platen::alerting {
namespace {

Incident Jam() {
  return {.device = *base::DeviceId::FromBytes(std::string(16, 'd')),
          .alert_id = "jam/1",
          .instance = 1,
          .round = 1};
}

notifier::v1::OutboxEntry Entry(notifier::v1::NotificationKind kind) {
  notifier::v1::OutboxEntry entry;
  entry.mutable_notification()->set_incident_id(std::string(DeriveIncidentId(Jam()).bytes()));
  entry.mutable_notification()->set_kind(kind);
  entry.mutable_notification()->set_title("jam");
  entry.add_receivers("desk");
  entry.add_receivers("erp");
  return entry;
}

TEST(GroupTest, MakesOneNotificationForEachReceiver) {
  const auto grouped = Group(Entry(notifier::v1::NOTIFICATION_KIND_RAISED));

  ASSERT_EQ(grouped.size(), 2u);
  EXPECT_EQ(grouped[0].notification->receiver(), "desk");
  EXPECT_EQ(grouped[1].notification->receiver(), "erp");
  EXPECT_EQ(grouped[0].notification->title(), "jam");
  EXPECT_NE(grouped[0].notification->id(), grouped[1].notification->id());
  EXPECT_EQ(grouped[0].notification->incident_id(), grouped[1].notification->incident_id());
}

TEST(GroupTest, KeepsWhatAReceiverHearsOfAnIncidentUnderOneKey) {
  const auto raised = Group(Entry(notifier::v1::NOTIFICATION_KIND_RAISED));
  const auto cleared = Group(Entry(notifier::v1::NOTIFICATION_KIND_CLEARED));

  EXPECT_EQ(raised[0].key, cleared[0].key);
  EXPECT_NE(raised[0].key, raised[1].key);
  EXPECT_NE(raised[0].notification->id(), cleared[0].notification->id());
}

TEST(IncidentIdTest, DiffersByWhatTellsIncidentsApart) {
  const base::IncidentId id = DeriveIncidentId(Jam());
  Incident other = Jam();
  other.round = 2;
  EXPECT_NE(DeriveIncidentId(other), id);
  other = Jam();
  other.instance = 2;
  EXPECT_NE(DeriveIncidentId(other), id);
  other = Jam();
  other.alert_id = "jam/2";
  EXPECT_NE(DeriveIncidentId(other), id);
}

// A fixed point: receivers keep these ids as idempotency keys.
TEST(NotificationIdTest, NeverChanges) {
  EXPECT_EQ(
      DeriveNotificationId("desk", DeriveIncidentId(Jam()), notifier::v1::NOTIFICATION_KIND_RAISED)
          .ToHex(),
      "db72a2c1b8c2bd1a8ff0e013feb34a66");
}

}  // namespace
}  // namespace platen::alerting
