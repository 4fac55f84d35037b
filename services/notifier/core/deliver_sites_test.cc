// Sites that do not answer, through DeliverCore and crashes of it.
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_fixture.h"

namespace platen::notifier::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class DeliverSitesTest : public DeliverCoreTest {
 protected:
  static v1::Notification Silence(char device,
                                  v1::NotificationKind kind = v1::NOTIFICATION_KIND_RAISED) {
    v1::Notification notification = Message("desk", std::string("silent/") + device, kind);
    notification.mutable_event()->set_device_id(std::string(16, device));
    notification.mutable_group()->set_key("site/acme/hq/rules/silent");
    notification.mutable_group()->mutable_wait()->set_seconds(300);
    notification.mutable_group()->mutable_interval()->set_seconds(3600);
    v1::SiteTerms& site = *notification.mutable_group()->mutable_site();
    site.set_at_least(3);
    // Small letters are a site of their own; capital ones and digits two subnets of a large one.
    site.set_devices(device >= 'a' ? 4 : 12);
    site.set_subnet(device >= 'A' ? "10.1.2.0/24" : "10.1.3.0/24");
    site.set_subnet_devices(4);
    return notification;
  }

  void Raise(const std::string& devices) {
    for (const char device : devices) Read(++offset_, Silence(device));
  }

  void Clear(const std::string& devices) {
    for (const char device : devices) {
      Read(++offset_, Silence(device, v1::NOTIFICATION_KIND_CLEARED));
    }
  }

  // What decide says of an outage that somebody takes care of.
  void TakeCare(const v1::Notification& beginning, char id = 'k') {
    v1::Notification said;
    said.set_id(std::string(16, id));
    said.set_receiver("desk");
    said.set_kind(v1::NOTIFICATION_KIND_ACKNOWLEDGED);
    said.set_incident_id(beginning.incident_id());
    said.set_author("alice");
    said.mutable_group()->set_key(beginning.group().key());
    said.mutable_group()->mutable_site()->set_at_least(1);
    said.mutable_event()->set_device_id(beginning.event().device_id());
    said.mutable_event()->mutable_alert()->set_alert_id(beginning.event().alert().alert_id());
    Read(++offset_, said);
  }

  // Time goes by in which Kafka answers.
  void Pass(base::Duration duration) {
    Wait(duration);
    Wait(base::Duration::zero());
  }

  // What is being sent: "+site", "-site", "+a", "digest+b+c", …
  std::vector<std::string> What() const {
    std::vector<std::string> all;
    for (const SendEffect& send : sends_) {
      const v1::Notification& notification = *send.notification;
      std::string what = WordOf(notification.kind(), notification.event());
      for (const v1::DigestMember& member : notification.members()) {
        what += WordOf(member.kind(), member.event());
      }
      all.push_back(what);
    }
    return all;
  }

  static std::string WordOf(v1::NotificationKind kind, const event::v1::Event& event) {
    if (kind == v1::NOTIFICATION_KIND_DIGEST) return "digest";
    std::string sign = kind == v1::NOTIFICATION_KIND_RAISED ? "+" : "-";
    if (kind == v1::NOTIFICATION_KIND_ACKNOWLEDGED) sign = "acknowledged ";
    if (event.alert().alert_id().starts_with("site-silent/")) return sign + "site";
    if (event.alert().alert_id().starts_with("subnet-silent/")) return sign + "subnet";
    return sign + event.device_id().substr(0, 1);
  }

  // What is written within the next minutes in which Kafka and receivers answer, in the order in
  // which Kafka keeps it.
  std::vector<ParkEffect> RecordsOf(base::Duration duration) {
    std::vector<ParkEffect> records;
    now_.monotonic += duration;
    now_.wall += duration;
    DeliverEffects effects = core_->OnTimer(now_);
    for (int round = 0; round < 50; ++round) {
      std::vector<Token> tokens;
      for (const ParkEffect& park : effects.parks) tokens.push_back(park.token);
      for (const ReportEffect& report : effects.reports) {
        tokens.insert(tokens.end(), report.tokens.begin(), report.tokens.end());
      }
      std::move(effects.parks.begin(), effects.parks.end(), std::back_inserter(records));
      DeliverEffects next;
      const auto add = [&](DeliverEffects more) {
        std::move(more.parks.begin(), more.parks.end(), std::back_inserter(next.parks));
        std::move(more.reports.begin(), more.reports.end(), std::back_inserter(next.reports));
        std::move(more.sends.begin(), more.sends.end(), std::back_inserter(next.sends));
      };
      for (const Token token : tokens) add(core_->OnAcknowledged(token));
      for (const SendEffect& send : effects.sends) {
        add(core_->OnResult(now_, send.token, kDelivered));
      }
      add(core_->OnTimer(now_));
      effects = std::move(next);
    }
    return records;
  }

  // What is said after a crash at which Kafka had so many of the records.
  std::set<std::string> SaidAfter(const std::map<std::string, std::string>& before,
                                  const std::vector<ParkEffect>& records,
                                  std::size_t kept) {
    parked_ = before;
    for (std::size_t i = 0; i < kept; ++i) {
      if (records[i].parked.has_value()) {
        parked_[records[i].key] = records[i].parked->SerializeAsString();
      } else {
        parked_.erase(records[i].key);
      }
    }
    Start();
    std::set<std::string> said;
    for (int i = 0; i < 5; ++i) {
      Pass(hours(1));
      while (!sends_.empty()) {
        for (const std::string& what : What()) said.insert(what);
        Answer("desk", kDelivered);
      }
    }
    return said;
  }

  std::int64_t offset_ = 0;
};

TEST_F(DeliverSitesTest, OneMessageForTheSiteAndOneForItsEnd) {
  Raise("abcd");
  EXPECT_EQ(committed_, 5) << "what is held is parked";
  Pass(minutes(5));
  EXPECT_THAT(What(), ElementsAre("+site"));
  EXPECT_EQ(core_->silent_sites(), 1u);
  const std::string incident = sends_[0].notification->incident_id();
  Answer("desk", kDelivered);
  ASSERT_THAT(decisions_, SizeIs(4));
  EXPECT_EQ(decisions_[0].reason(), "site_silent");

  Clear("abcd");
  EXPECT_EQ(committed_, 9);
  Pass(minutes(0));
  EXPECT_THAT(What(), ElementsAre("-site"));
  EXPECT_EQ(sends_[0].notification->incident_id(), incident);
  Answer("desk", kDelivered);

  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(core_->held_for_sites(), 0u);
  EXPECT_THAT(reports_, SizeIs(2)) << "of devices nobody was told";
}

TEST_F(DeliverSitesTest, ASilentSiteIsAnAlertAsLongAsItLasts) {
  Raise("abcd");
  Pass(minutes(5));
  ASSERT_THAT(alerts_, SizeIs(1)) << "with the message, and not only once that is delivered";
  EXPECT_EQ(alerts_[0].transition(), event::v1::ALERT_TRANSITION_RAISED);
  EXPECT_EQ(alerts_[0].instance(), 1u) << "or nobody could acknowledge it";
  const std::string id = alerts_[0].alert_id();
  Answer("desk", kDelivered);
  alerts_.clear();
  Clear("abcd");
  Pass(minutes(0));
  ASSERT_THAT(alerts_, SizeIs(1));
  EXPECT_EQ(alerts_[0].alert_id(), id);
  EXPECT_EQ(alerts_[0].end(), event::v1::ALERT_END_CLEARED);
  Answer("desk", kDelivered);
}

TEST_F(DeliverSitesTest, WhatIsSaidOfAnOutageIsSaidInItsWordsAndOnlyAsLongAsItLasts) {
  Raise("abcd");
  Pass(minutes(5));
  const v1::Notification beginning = *sends_.at(0).notification;
  Answer("desk", kDelivered);
  Start();
  TakeCare(beginning);
  ASSERT_THAT(What(), ElementsAre("acknowledged site"));
  EXPECT_EQ(sends_[0].notification->title(), beginning.title());
  EXPECT_EQ(sends_[0].notification->author(), "alice");
  Answer("desk", kDelivered);
  EXPECT_EQ(committed_, 6);
  Clear("abcd");
  Pass(minutes(0));
  Answer("desk", kDelivered);
  // Said before its end was known where it was decided.
  TakeCare(beginning, 'l');
  EXPECT_THAT(What(), IsEmpty());
  EXPECT_EQ(committed_, 11);
  EXPECT_THAT(parked_, IsEmpty());
}

TEST_F(DeliverSitesTest, NothingIsToldBeforeItIsKept) {
  Raise("abcd");
  hold_kafka_ = true;
  Pass(minutes(5));
  EXPECT_THAT(What(), IsEmpty());
  Acknowledge();
  Pass(minutes(0));
  EXPECT_THAT(What(), ElementsAre("+site"));
}

TEST_F(DeliverSitesTest, ARestartSaysNothingAgainAndForgetsNothing) {
  Raise("abcd");
  Pass(minutes(5));
  Answer("desk", kDelivered);
  Start();
  Pass(hours(5));
  EXPECT_THAT(What(), IsEmpty());
  EXPECT_EQ(core_->silent_sites(), 1u);
  Clear("abc");
  Start();
  Pass(minutes(5));
  EXPECT_THAT(What(), ElementsAre("-site", "+d"));
}

TEST_F(DeliverSitesTest, WhatWasInFlightAtACrashIsSaidAgainUnderItsId) {
  Raise("abcd");
  Pass(minutes(5));
  const std::string begin = sends_.at(0).notification->id();
  Start();
  Pass(minutes(0));
  ASSERT_THAT(What(), ElementsAre("+site"));
  EXPECT_EQ(sends_[0].notification->id(), begin);
  Answer("desk", kDelivered);
  Clear("abcd");
  Pass(minutes(0));
  const std::string end = sends_.at(0).notification->id();
  Start();
  Pass(minutes(5));
  ASSERT_THAT(What(), ElementsAre("-site"));
  EXPECT_EQ(sends_[0].notification->id(), end);
  Answer("desk", kDelivered);
  EXPECT_THAT(parked_, IsEmpty());
}

TEST_F(DeliverSitesTest, AReceiverThatIsAwayHearsOfTheSiteAndItsEndInOrder) {
  Raise("abcd");
  Pass(minutes(5));
  for (int i = 0; i < 3; ++i) {
    Answer("desk", kAway);
    Pass(minutes(2));
  }
  Clear("abcd");
  Pass(minutes(0));
  Start();
  Pass(minutes(0));
  ASSERT_THAT(What(), ElementsAre("+site"));
  Answer("desk", kDelivered);
  ASSERT_THAT(What(), ElementsAre("-site"));
  Answer("desk", kDelivered);
  EXPECT_THAT(parked_, IsEmpty());
}

TEST_F(DeliverSitesTest, ACrashAfterAnyRecordOfTheEndTellsNothingWrong) {
  for (const bool is_subnet : {false, true}) {
    SCOPED_TRACE(is_subnet ? "subnet" : "site");
    Raise(is_subnet ? "ABCD" : "abcd");
    Pass(minutes(5));
    ASSERT_THAT(What(), ElementsAre(is_subnet ? "+subnet" : "+site"));
    Answer("desk", kDelivered);
    Clear(is_subnet ? "ABC" : "abc");
    const std::map<std::string, std::string> before = parked_;
    const std::vector<ParkEffect> records = RecordsOf(minutes(5));
    ASSERT_GE(records.size(), 10u);
    for (std::size_t kept = 0; kept <= records.size(); ++kept) {
      SCOPED_TRACE(kept);
      for (const std::string& what : SaidAfter(before, records, kept)) {
        EXPECT_THAT(what, AnyOf(is_subnet ? "-subnet" : "-site", is_subnet ? "+D" : "+d"));
      }
      EXPECT_THAT(parked_, IsEmpty());
      EXPECT_EQ(core_->held_for_sites(), 0u);
    }
    parked_.clear();
    Start();
  }
}

TEST_F(DeliverSitesTest, ASubnetSurvivesARestartAndSaysNothingAgain) {
  Raise("ABCD1");
  Pass(minutes(5));
  EXPECT_THAT(What(), UnorderedElementsAre("+subnet", "+1"));
  Answer("desk", kDelivered);
  Answer("desk", kDelivered);
  Start();
  Pass(hours(5));
  EXPECT_THAT(What(), IsEmpty());
  EXPECT_EQ(core_->silent_sites(), 1u);
  Clear("ABC");
  Start();
  Pass(minutes(5));
  EXPECT_THAT(What(), ElementsAre("-subnet", "+D"));
}

TEST_F(DeliverSitesTest, ACrashAfterAnyRecordWithWhichASiteTakesASubnetOverTellsNothingWrong) {
  Raise("ABC");
  Pass(minutes(5));
  ASSERT_THAT(What(), ElementsAre("+subnet"));
  Answer("desk", kDelivered);
  Raise("123");
  const std::map<std::string, std::string> before = parked_;
  const std::vector<ParkEffect> records = RecordsOf(minutes(5));
  ASSERT_GE(records.size(), 5u);
  for (std::size_t kept = 0; kept <= records.size(); ++kept) {
    SCOPED_TRACE(kept);
    for (const std::string& what : SaidAfter(before, records, kept)) {
      EXPECT_THAT(what, AnyOf("+site", "-subnet"));
    }
    EXPECT_EQ(core_->silent_sites(), 1u);
    EXPECT_EQ(core_->held_for_sites(), 6u);
    Clear("ABC123");
    Pass(minutes(0));
    EXPECT_THAT(What(), ElementsAre("-site"));
    Answer("desk", kDelivered);
    EXPECT_THAT(parked_, IsEmpty());
    EXPECT_EQ(core_->held_for_sites(), 0u);
  }
}

TEST_F(DeliverSitesTest, ACrashAfterAnyRecordOfASiteThatLeavesASubnetSilentTellsNothingWrong) {
  Raise("ABC123");
  Pass(minutes(5));
  ASSERT_THAT(What(), ElementsAre("+site"));
  Answer("desk", kDelivered);
  Raise("04");
  Clear("01234");
  const std::map<std::string, std::string> before = parked_;
  const std::vector<ParkEffect> records = RecordsOf(minutes(5));
  ASSERT_GE(records.size(), 10u);
  for (std::size_t kept = 0; kept <= records.size(); ++kept) {
    SCOPED_TRACE(kept);
    for (const std::string& what : SaidAfter(before, records, kept)) {
      EXPECT_THAT(what, AnyOf("-site", "+subnet"));
    }
    EXPECT_EQ(core_->silent_sites(), 1u);
    Clear("ABC");
    Pass(minutes(0));
    EXPECT_THAT(What(), ElementsAre("-subnet"));
    Answer("desk", kDelivered);
    EXPECT_THAT(parked_, IsEmpty());
  }
}

TEST_F(DeliverSitesTest, APartitionThatIsGivenBackTakesItsSitesWithIt) {
  Raise("abcd");
  Pass(minutes(5));
  Answer("desk", kDelivered);
  core_->Drain(0);
  EXPECT_TRUE(core_->is_idle(0));
  core_->Revoke(0);
  EXPECT_EQ(core_->silent_sites(), 0u);
  EXPECT_EQ(core_->held_for_sites(), 0u);
}

}  // namespace
}  // namespace platen::notifier::core
