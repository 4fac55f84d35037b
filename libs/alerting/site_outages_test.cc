// What SiteOutages makes of silence; what survives a crash is deliver_sites_test's.
#include "libs/alerting/site_outages.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/alerting/identity.h"
#include "libs/event/timestamps.h"
#include "libs/rules/test_rules.h"

namespace platen::alerting {
namespace {

using notifier::v1::Notification;
using notifier::v1::NOTIFICATION_KIND_CLEARED;
using notifier::v1::NOTIFICATION_KIND_RAISED;
using std::chrono::hours;
using std::chrono::minutes;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class SiteOutagesTest : public testing::Test {
 protected:
  // Of a site of `devices_`: at least 3, and half of them; 5 minutes' wait, 4 hours' interval.
  // Small letters are in a subnet of 4, capital ones in another of 40.
  Notification Silence(char device, notifier::v1::NotificationKind kind, int instance = 1) const {
    Notification notification;
    const std::string id(16, device);
    const base::IncidentId incident =
        DeriveIncidentId({.device = *base::DeviceId::FromBytes(id),
                          .alert_id = "unreachable",
                          .instance = static_cast<std::uint64_t>(instance)});
    notification.set_receiver("desk");
    notification.set_kind(kind);
    notification.set_incident_id(std::string(incident.bytes()));
    notification.set_id(std::string(DeriveNotificationId("desk", incident, kind).bytes()));
    notification.set_title(std::string("[Acme/HQ] L5, …471") + device + ": does not answer");
    event::v1::Event& event = *notification.mutable_event();
    event = rules::JamEvent("alert { device { customer: 'Acme' site: 'HQ' } }");
    event.set_device_id(id);
    event.mutable_alert()->set_category(event::v1::ALERT_CATEGORY_ALARM);
    event.mutable_alert()->clear_where();
    event.mutable_alert()->set_description("does not answer SNMP: it was asleep");
    *event.mutable_alert()->mutable_raise_time() = event::ToProto(wall_);
    notification.mutable_group()->set_key("site/acme/hq/rules/silent");
    notification.mutable_group()->mutable_wait()->set_seconds(300);
    notification.mutable_group()->mutable_interval()->set_seconds(4 * 3600);
    notification.mutable_group()->mutable_site()->set_at_least(3);
    notification.mutable_group()->mutable_site()->set_devices(devices_);
    if (has_subnets_) {
      const bool is_small = device >= 'a';
      notification.mutable_group()->mutable_site()->set_subnet(is_small ? "10.1.2.0/24"
                                                                        : "10.1.3.0/24");
      notification.mutable_group()->mutable_site()->set_subnet_devices(is_small ? 4 : 40);
    }
    return notification;
  }

  void Say(const std::string& devices,
           notifier::v1::NotificationKind kind = NOTIFICATION_KIND_RAISED,
           int instance = 1) {
    for (const char device : devices) {
      auto delivery = std::make_unique<Delivery>();
      delivery->notification = std::make_shared<Notification>(Silence(device, kind, instance));
      delivery = outages_.Add(now_, wall_, std::move(delivery));
      if (delivery != nullptr) said_.push_back("at once " + Who(*delivery));
    }
  }

  static std::string Who(const Delivery& delivery) {
    const Notification& notification = *delivery.notification;
    const bool is_over = notification.kind() == NOTIFICATION_KIND_CLEARED;
    return (is_over ? "-" : "+") + notification.event().device_id().substr(0, 1);
  }

  static std::string Whom(const Grouper::Group& members) {
    std::string all;
    for (const auto& member : members) all += " " + Who(*member);
    return all;
  }

  void Wait(base::Duration duration) {
    now_ += duration;
    wall_ += duration;
    for (int round = 0; round < 2; ++round) {
      for (const SiteOutages::Turn& turn : outages_.TakeDue(now_, wall_)) Note(turn);
    }
  }

  void Note(const SiteOutages::Turn& turn) {
    switch (turn.what) {
      case SiteOutages::Turn::What::kRelease:
        said_.push_back("told" + Whom(turn.told));
        break;
      case SiteOutages::Turn::What::kKeep:
        unkept_ = turn.place;
        if (keeps_) outages_.OnKept(turn.place);
        break;
      case SiteOutages::Turn::What::kTell:
        said_.push_back("silent: " + turn.notification->title());
        incidents_.push_back(turn.notification->incident_id());
        // So messages have a link that acknowledges it.
        EXPECT_EQ(turn.notification->event().alert().instance(), 1u);
        break;
      case SiteOutages::Turn::What::kClose:
        said_.push_back("back: " + turn.notification->note());
        if (!turn.told.empty()) said_.push_back("told" + Whom(turn.told));
        EXPECT_THAT(incidents_, Contains(turn.notification->incident_id()));
        break;
    }
  }

  std::vector<std::string> Said() { return std::exchange(said_, {}); }

  std::uint32_t devices_ = 6;
  bool has_subnets_ = false;
  base::MonotonicTime now_{hours(1)};
  base::WallTime wall_ = base::WallFromMillis(1'700'000'000'000);
  SiteOutages outages_;
  std::vector<std::string> said_;
  std::vector<std::string> incidents_;
  // Whether records are kept at once.
  bool keeps_ = true;
  SiteOutages::Place unkept_;
};

TEST_F(SiteOutagesTest, ASiteThatDoesNotAnswerIsOneMessageAndItsEndAnother) {
  Say("abc");
  Wait(minutes(5));
  EXPECT_THAT(Said(),
              ElementsAre("silent: [Acme/HQ] whole site: 3 of 6 printers do not answer since Nov "
                          "14 22:13 UTC: it was asleep"));
  EXPECT_THAT(outages_.TakeInhibited(), SizeIs(3));
  Say("def");
  EXPECT_THAT(outages_.TakeInhibited(), SizeIs(3));
  Wait(hours(10));
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_EQ(outages_.open(), 1u);

  Say("abcdef", NOTIFICATION_KIND_CLEARED);
  Wait(minutes(0));

  EXPECT_THAT(Said(), ElementsAre("back: all of them answer again"));
  EXPECT_EQ(outages_.open(), 0u);
  EXPECT_EQ(outages_.size(), 0u);
}

TEST_F(SiteOutagesTest, FewerAreToldOfAsBefore) {
  Say("ab");
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre("told +a +b"));
  EXPECT_THAT(outages_.TakeInhibited(), IsEmpty());
  Say("a", NOTIFICATION_KIND_CLEARED);
  Wait(hours(4));
  EXPECT_THAT(Said(), ElementsAre("told -a"));
}

TEST_F(SiteOutagesTest, ThreeOfManyAreNoSite) {
  devices_ = 7;
  Say("abc");
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre("told +a +b +c"));
}

TEST_F(SiteOutagesTest, WhereNobodyKnowsHowManyThereAreDevicesAreToldOf) {
  devices_ = 0;
  Say("abcdef");
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre("told +a +b +c +d +e +f"));
}

TEST_F(SiteOutagesTest, WhoIsSilentAlreadyCountsAndASiteDoesNotWaitForTheInterval) {
  Say("a");
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre("told +a"));
  Say("b");
  Wait(minutes(10));
  Say("c");
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre(HasSubstr("3 of 6 printers do not answer")));
  // Its beginning was told: so is its end, at once.
  Say("a", NOTIFICATION_KIND_CLEARED);
  EXPECT_THAT(Said(), ElementsAre("at once -a"));
}

TEST_F(SiteOutagesTest, WhoStaysSilentWhenTheSiteIsBackIsToldOfThen) {
  Say("abcdef");
  Wait(minutes(5));
  Said();
  Say("abc", NOTIFICATION_KIND_CLEARED);
  Wait(minutes(10));
  EXPECT_THAT(Said(), IsEmpty()) << "half of them are no site that is back";
  Say("d", NOTIFICATION_KIND_CLEARED);
  Wait(minutes(4));
  EXPECT_THAT(Said(), IsEmpty()) << "others follow within moments";
  Say("e", NOTIFICATION_KIND_CLEARED);
  Wait(minutes(1));
  EXPECT_THAT(Said(),
              ElementsAre("back: the site answers again; 1 printer does not yet, and is told of "
                          "apart",
                          "told +f"));
  Say("f", NOTIFICATION_KIND_CLEARED);
  Wait(hours(4));
  EXPECT_THAT(Said(), ElementsAre("told -f"));
}

TEST_F(SiteOutagesTest, ASiteThatGoesAgainIsAnotherIncident) {
  Say("abc");
  Wait(minutes(5));
  Say("abc", NOTIFICATION_KIND_CLEARED);
  Wait(minutes(0));
  Say("abc", NOTIFICATION_KIND_RAISED, 2);
  Wait(minutes(5));
  ASSERT_THAT(incidents_, SizeIs(2));
  EXPECT_NE(incidents_[0], incidents_[1]);
}

TEST_F(SiteOutagesTest, WhoComesAndGoesWithinAWaitIsNotCounted) {
  Say("abc");
  Say("a", NOTIFICATION_KIND_CLEARED);
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre("told +a +b +c -a"));
}

TEST_F(SiteOutagesTest, AnEndOfWhoWasToldOfAloneIsToldThoughItWaitedAsTheSiteWent) {
  Say("a");
  Wait(minutes(5));
  Say("a", NOTIFICATION_KIND_CLEARED);
  Say("bcd");
  EXPECT_THAT(Said(), ElementsAre("told +a"));
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre("told -a", HasSubstr("3 of 6 printers do not answer")));
}

class SubnetOutagesTest : public SiteOutagesTest {
 protected:
  SubnetOutagesTest() {
    devices_ = 44;
    has_subnets_ = true;
  }

  static constexpr const char* kSubnetSilent =
      "silent: [Acme/HQ] subnet 10.1.2.0/24: 3 of 4 printers do not answer since Nov 14 22:13 UTC: "
      "it was asleep";
  // 19 of the 40 elsewhere: with three of the small subnet half of the site.
  static constexpr const char* kOthers = "ABCDEFGHIJKLMNOPQRS";
};

TEST_F(SubnetOutagesTest, ASubnetThatDoesNotAnswerIsOneMessageAndOthersAreToldOfAsBefore) {
  Say("abcAB");
  Wait(minutes(5));
  EXPECT_THAT(Said(), UnorderedElementsAre(kSubnetSilent, "told +A +B"));
  EXPECT_THAT(outages_.TakeInhibited(), SizeIs(3));
  Say("d");
  EXPECT_THAT(outages_.TakeInhibited(), SizeIs(1));
  Say("A", NOTIFICATION_KIND_CLEARED);
  Wait(hours(4));
  EXPECT_THAT(Said(), ElementsAre("told -A")) << "of other subnets as if nothing were";
  EXPECT_EQ(outages_.open(), 1u);

  Say("abc", NOTIFICATION_KIND_CLEARED);
  Wait(minutes(5));
  EXPECT_THAT(Said(),
              ElementsAre("back: the subnet answers again; 1 printer does not yet, and is told of "
                          "apart",
                          "told +d"));
  EXPECT_EQ(outages_.open(), 0u);
  EXPECT_EQ(outages_.size(), 0u);
}

TEST_F(SubnetOutagesTest, ASubnetThatIsHalfOfItsSiteIsTheSite) {
  devices_ = 6;
  Say("abc");
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre(HasSubstr("whole site: 3 of 6 printers")));
}

TEST_F(SubnetOutagesTest, ASiteTakesOverWhatItsSubnetsHeld) {
  Say("abc");
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre(kSubnetSilent));
  outages_.TakeInhibited();
  Say(kOthers);
  Wait(minutes(5));
  EXPECT_THAT(Said(),
              ElementsAre(HasSubstr("whole site: 22 of 44 printers do not answer"),
                          "back: the whole site does not answer, and is told of"));
  ASSERT_THAT(incidents_, SizeIs(2));
  EXPECT_NE(incidents_[0], incidents_[1]);
  EXPECT_EQ(outages_.open(), 1u);
  EXPECT_THAT(outages_.TakeInhibited(), SizeIs(19));
  Say("abc", NOTIFICATION_KIND_CLEARED);
  Say(kOthers, NOTIFICATION_KIND_CLEARED);
  Wait(minutes(0));
  EXPECT_THAT(Said(), ElementsAre("back: all of them answer again"));
  EXPECT_EQ(outages_.size(), 0u);
}

TEST_F(SubnetOutagesTest, ASubnetThatStaysSilentWhenItsSiteIsBackIsToldOfAsThat) {
  Say("abc");
  Say(kOthers);
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre(HasSubstr("whole site")));
  Say("ABCDEFGHIJKLMNOPQ", NOTIFICATION_KIND_CLEARED);
  Wait(minutes(5));
  EXPECT_THAT(Said(),
              ElementsAre("back: the site answers again; 5 printers do not yet, and are told of "
                          "apart",
                          "told +R +S",
                          kSubnetSilent));
  EXPECT_EQ(outages_.open(), 1u);
  EXPECT_EQ(outages_.size(), 3u);
}

TEST_F(SubnetOutagesTest, ASiteWaitsUntilASubnetIsToldOf) {
  keeps_ = false;
  Say("abc");
  Wait(minutes(5));
  Say(kOthers);
  Wait(minutes(5));
  EXPECT_THAT(Said(), IsEmpty());
  keeps_ = true;
  outages_.OnKept(unkept_);
  Wait(minutes(0));
  Wait(minutes(0));
  EXPECT_THAT(Said(),
              ElementsAre(kSubnetSilent,
                          HasSubstr("whole site: 22 of 44 printers do not answer"),
                          "back: the whole site does not answer, and is told of"));
}

TEST_F(SubnetOutagesTest, WhoIsSilentThereAlreadyCounts) {
  Say("a");
  Wait(minutes(5));
  Say("bc");
  Wait(minutes(5));
  EXPECT_THAT(Said(),
              ElementsAre("told +a",
                          HasSubstr("subnet 10.1.2.0/24: 3 of 4 printers do not answer since Nov "
                                    "14 22:18 UTC")))
      << "since more than one is silent";
  Say("a", NOTIFICATION_KIND_CLEARED);
  EXPECT_THAT(Said(), ElementsAre("at once -a"));
}

TEST_F(SubnetOutagesTest, WhereNobodyKnowsHowManyThereAreDevicesAreToldOf) {
  devices_ = 0;
  Say("ABC");
  Wait(minutes(5));
  EXPECT_THAT(Said(), ElementsAre("told +A +B +C"));
}

}  // namespace
}  // namespace platen::alerting
