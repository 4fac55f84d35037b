#include "libs/alerting/grouper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::unique_ptr<Delivery> MakeDelivery(const std::string& id,
                                       const std::string& key = "site/acme/hq",
                                       std::int32_t partition = 0) {
  notifier::v1::Notification notification;
  notification.set_id((id + std::string(16, '.')).substr(0, 16));
  notification.set_incident_id((id.substr(0, 1) + std::string(16, '-')).substr(0, 16));
  notification.set_receiver("desk");
  notification.set_title("[Acme/HQ] HL-L5100DN, …4711: " + id);
  notification.set_kind(id.ends_with("over") ? notifier::v1::NOTIFICATION_KIND_CLEARED
                                             : notifier::v1::NOTIFICATION_KIND_RAISED);
  notification.mutable_event()->set_device_id(std::string(16, id[0]));
  if (!key.empty()) {
    notification.mutable_group()->set_key(key);
    notification.mutable_group()->mutable_wait()->set_seconds(30);
    notification.mutable_group()->mutable_interval()->set_seconds(300);
  }
  auto delivery = std::make_unique<Delivery>();
  delivery->notification =
      std::make_shared<const notifier::v1::Notification>(std::move(notification));
  delivery->partition = partition;
  return delivery;
}

class GrouperTest : public testing::Test {
 protected:
  void Add(const std::string& id,
           const std::string& key = "site/acme/hq",
           std::int32_t partition = 0) {
    EXPECT_EQ(grouper_.Add(now_, wall_, MakeDelivery(id, key, partition)), nullptr);
  }

  // Ids by group, of what is due.
  std::vector<std::vector<std::string>> Due() {
    std::vector<std::vector<std::string>> due;
    for (const Grouper::Group& group : grouper_.TakeDue(now_)) {
      std::vector<std::string>& ids = due.emplace_back();
      for (const auto& delivery : group) {
        const std::string& id = delivery->notification->id();
        ids.push_back(id.substr(0, id.find('.')));
      }
    }
    return due;
  }

  base::MonotonicTime now_{};
  base::WallTime wall_ = base::WallFromMillis(1'700'000'000'000);
  Grouper grouper_;
};

TEST_F(GrouperTest, WhatHasNoGroupGoesAtOnce) {
  EXPECT_NE(grouper_.Add(now_, wall_, MakeDelivery("a", "")), nullptr);
  EXPECT_FALSE(grouper_.next_wake().has_value());
}

TEST_F(GrouperTest, TheFirstWaitsForOthersOfItsGroup) {
  Add("a");
  now_ += seconds(20);
  Add("b");
  Add("c", "site/acme/branch");
  EXPECT_EQ(grouper_.next_wake(), now_ + seconds(10));
  now_ += seconds(10);
  EXPECT_THAT(Due(), ElementsAre(ElementsAre("a", "b")));
  now_ += seconds(20);
  EXPECT_THAT(Due(), ElementsAre(ElementsAre("c")));
  EXPECT_EQ(grouper_.size(), 0u);
}

TEST_F(GrouperTest, WhatHasWaitedElsewhereWaitsForTheRestOnly) {
  std::unique_ptr<Delivery> delivery = MakeDelivery("a");
  auto notification = std::make_shared<notifier::v1::Notification>(*delivery->notification);
  *notification->mutable_decide_time() = event::ToProto(wall_ - seconds(20));
  delivery->notification = notification;

  grouper_.Add(now_, wall_, std::move(delivery));

  EXPECT_EQ(grouper_.next_wake(), now_ + seconds(10));
}

TEST_F(GrouperTest, WhateverTheClocksSayItWaitsForAMomentAndNoLongerThanItsWait) {
  notifier::v1::Notification notification = *MakeDelivery("a")->notification;
  const auto left = [&](base::Duration decided_before) {
    *notification.mutable_decide_time() = event::ToProto(wall_ - decided_before);
    return WaitLeft(notification, wall_);
  };
  EXPECT_EQ(left(std::chrono::hours(1)), seconds(1));
  EXPECT_EQ(left(-std::chrono::hours(1)), seconds(30));
  notification.mutable_group()->mutable_wait()->set_seconds(0);
  EXPECT_EQ(left(std::chrono::hours(1)), seconds(0));
}

TEST_F(GrouperTest, TheNextOfAGroupWaitsForItsInterval) {
  Add("a");
  now_ += seconds(30);
  EXPECT_THAT(Due(), SizeIs(1));
  now_ += minutes(1);
  Add("b");
  now_ += minutes(4) - seconds(1);
  EXPECT_THAT(Due(), IsEmpty());
  now_ += seconds(1);
  EXPECT_THAT(Due(), ElementsAre(ElementsAre("b")));
  // After an interval without any it begins anew.
  now_ += minutes(6);
  EXPECT_THAT(Due(), IsEmpty());
  Add("c");
  now_ += seconds(30);
  EXPECT_THAT(Due(), ElementsAre(ElementsAre("c")));
}

TEST_F(GrouperTest, AFullGroupGoesAtOnce) {
  for (std::size_t i = 0; i < Grouper::kMembersMax; ++i) Add("a");
  EXPECT_THAT(Due(), ElementsAre(SizeIs(Grouper::kMembersMax)));
}

TEST_F(GrouperTest, GivesBackWhatIsOfAPartition) {
  Add("a", "g", 1);
  Add("b", "g", 2);
  Add("c", "h", 1);
  EXPECT_THAT(grouper_.TakeOf(1), SizeIs(2));
  EXPECT_EQ(grouper_.size(), 1u);
  now_ += seconds(30);
  EXPECT_THAT(Due(), ElementsAre(ElementsAre("b")));
  EXPECT_THAT(grouper_.TakeOf(7), IsEmpty());
}

TEST_F(GrouperTest, ADigestSaysHowManyAndWhere) {
  Grouper::Group group;
  for (const char* id : {"a1", "b1", "b2", "a1 over"}) group.push_back(MakeDelivery(id));
  const notifier::v1::Notification digest = MakeDigest(group);
  EXPECT_EQ(digest.title(), "[Acme/HQ] 2 printers: 3 alarms, 1 over");
  EXPECT_EQ(digest.members_size(), 4);
  EXPECT_EQ(digest.members(1).event().device_id(), std::string(16, 'b'));
  EXPECT_EQ(digest.kind(), notifier::v1::NOTIFICATION_KIND_DIGEST);
  // The same members make the same digest; others another.
  EXPECT_EQ(MakeDigest(group).id(), digest.id());
  group.pop_back();
  EXPECT_NE(MakeDigest(group).id(), digest.id());
}

}  // namespace
}  // namespace platen::alerting
