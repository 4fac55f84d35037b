// Through decide, with a Kafka that ends at any of its steps.
#include "libs/alerting/collector_watch.h"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/alerting/decide_core.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/timestamps.h"
#include "libs/rules/test_rules.h"

namespace platen::alerting {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr base::WallTime kBegin = base::WallFromMillis(1'700'000'000'000);

base::DeviceId Device(char letter) {
  return *base::DeviceId::FromBytes(std::string(base::DeviceId::kSize, letter));
}

class CollectorWatchTest : public testing::Test {
 protected:
  CollectorWatchTest() { Start(); }

  // A new life of the notifier: what is in Kafka it reads, the rest is gone.
  void Start() {
    todo_.clear();
    core_.emplace(DecideOptions());
    ASSERT_TRUE(
        core_->SetDefaults({rules::RecordOf("rules/all", "rule { receivers: 'desk' }")}).ok());
    if (has_printers_) {
      core_->roll().Put(Device('b'), "acme", "hq", "10.0.0.1", "north");
      core_->roll().Put(Device('a'), "acme", "branch", "10.0.0.2");
      core_->roll().Put(Device('c'), "beta", "hq", "10.0.0.3");
    }
    core_->roll().OnComplete();
    core_->Assign(0);
    for (const auto& [key, value] : states_) ASSERT_TRUE(core_->OnRestored(0, key, value).ok());
    Take(core_->OnRestoreEnd(now_, 0));
    Run();
  }

  void Beat(const std::string& role) {
    event::v1::Event event;
    event.mutable_heartbeat()->set_role(role);
    Read(event);
  }

  // Sources of these roles say that they live, every 30 s.
  void Pass(base::Duration duration, const std::vector<std::string>& roles) {
    for (const base::WallTime end = now_ + duration; now_ < end;) {
      now_ += seconds(30);
      for (const std::string& role : roles) Beat(role);
    }
  }

  void Read(const event::v1::Event& event) {
    Take(core_->OnRecord(now_, {.offset = next_++, .value = event.SerializeAsString()}));
    Run();
  }

  // What Kafka takes, until it has taken `steps_` of it: then the notifier ends.
  void Run() {
    while (!todo_.empty()) {
      if (steps_ >= 0 && steps_-- == 0) return Start();
      const std::function<void()> step = std::move(todo_.front());
      todo_.pop_front();
      step();
    }
  }

  void Take(DecideEffects effects) {
    for (const StateEffect& effect : effects.states) {
      todo_.push_back([this, effect] {
        states_.erase(effect.key);
        if (effect.value.has_value()) states_[effect.key] = *effect.value;
        Take(core_->OnAcknowledged(effect.token));
      });
    }
    for (const NotificationEffect& effect : effects.notifications) {
      todo_.push_back([this, effect] {
        told_.push_back(*effect.keyed.notification);
        Take(core_->OnAcknowledged(effect.token));
      });
    }
    for (const DecisionEffect& effect : effects.decisions) {
      todo_.push_back([this, effect] {
        Hear(effect.event);
        Take(core_->OnAcknowledged(effect.token));
      });
    }
  }

  void Hear(event::v1::Event event) {
    if (!event.has_alert()) return;
    event.set_id(std::string(event::DeriveId(event)->bytes()));
    const bool is_over = event.alert().transition() == event::v1::ALERT_TRANSITION_ENDED;
    const std::string what =
        base::StrCat(event.tenant(), "/", event.site(), is_over ? " back" : " gone");
    // Said again it is the same.
    if (said_.insert({event.id(), event}).second) words_.push_back(what);
    EXPECT_EQ(said_.at(event.id()).SerializeAsString(), event.SerializeAsString());
  }

  std::vector<std::string> Said() { return std::exchange(words_, {}); }

  base::WallTime now_ = kBegin;
  std::int64_t next_ = 0;
  bool has_printers_ = true;
  int steps_ = -1;
  std::optional<DecideCore> core_;
  std::deque<std::function<void()>> todo_;
  std::map<std::string, std::string> states_;
  std::map<std::string, event::v1::Event> said_;
  std::vector<std::string> words_;
  std::vector<notifier::v1::Notification> told_;
};

TEST_F(CollectorWatchTest, EachTenantIsToldOnceThatAllAreGoneAndOnceThatOneIsBack) {
  Pass(minutes(10), {"notifier", "collector"});
  EXPECT_THAT(Said(), IsEmpty());
  const base::WallTime last = now_;
  Pass(seconds(150), {"notifier"});
  EXPECT_THAT(Said(), IsEmpty());
  Pass(seconds(30), {"notifier"});
  EXPECT_THAT(Said(), ElementsAre("acme/branch gone", "beta/hq gone"));
  EXPECT_EQ(event::FromProto(said_.begin()->second.alert().raise_time()), last);
  Pass(minutes(10), {"notifier", "relay"});
  EXPECT_THAT(Said(), IsEmpty());
  Beat("collector");
  EXPECT_THAT(Said(), ElementsAre("acme/branch back", "beta/hq back"));
  EXPECT_THAT(states_, IsEmpty());
  Pass(minutes(10), {"notifier", "collector"});
  EXPECT_THAT(Said(), IsEmpty());
  Pass(minutes(3), {"notifier"});
  EXPECT_THAT(Said(), ElementsAre("acme/branch gone", "beta/hq gone"));
}

TEST_F(CollectorWatchTest, WhereNobodyIsHeardKafkaIsAwayAndNothingIsSaid) {
  Pass(minutes(1), {"notifier", "collector"});
  for (int outage = 0; outage < 3; ++outage) {
    now_ += minutes(60);
    Pass(minutes(1), {"notifier"});
    Beat("collector");
  }
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(CollectorWatchTest, WhatIsReadLateIsReadAtOnceAndCountsForNothing) {
  for (int beat = 0; beat < 100; ++beat) Beat("notifier");
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(CollectorWatchTest, NobodyMissesCollectorsWhereNothingIsPolled) {
  has_printers_ = false;
  Start();
  Pass(minutes(10), {"notifier"});
  EXPECT_THAT(Said(), IsEmpty());
  core_->roll().Put(Device('a'), "acme", "hq", "10.0.0.2");
  Pass(seconds(30), {"notifier"});
  EXPECT_THAT(Said(), ElementsAre("acme/hq gone"));
}

TEST_F(CollectorWatchTest, ANewOwnerBeginsItsThreeMinutesAnew) {
  Pass(minutes(2), {"notifier"});
  Start();
  Pass(minutes(3), {"notifier"});
  EXPECT_THAT(Said(), IsEmpty());
  Pass(seconds(30), {"notifier"});
  EXPECT_THAT(Said(), ElementsAre("acme/branch gone", "beta/hq gone"));
}

// It ends at any step between the first word and the last: all is said, under the same ids.
TEST_F(CollectorWatchTest, NoCrashLeavesAnythingUnsaid) {
  for (int steps = 0; steps < 7; ++steps) {
    said_.clear();
    states_.clear();
    Start();
    Pass(minutes(1), {"collector"});
    steps_ = steps;
    Pass(minutes(8), {"notifier"});
    Pass(minutes(1), {"collector", "notifier"});
    EXPECT_THAT(Said(),
                ElementsAre("acme/branch gone", "beta/hq gone", "acme/branch back", "beta/hq back"))
        << steps;
    EXPECT_EQ(steps_, -1) << "no crash";
    EXPECT_THAT(states_, IsEmpty()) << steps;
  }
}

TEST_F(CollectorWatchTest, PeopleReadWhatItIsAndWhatToDo) {
  Pass(minutes(1), {"collector"});
  Pass(minutes(3), {"notifier"});
  ASSERT_EQ(said_.size(), 2u);
  std::vector<event::v1::Event> events;
  for (const auto& [id, event] : said_) events.push_back(event);
  for (const event::v1::Event& event : events) {
    if (event.tenant() == "acme") Read(event);
  }
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].title(),
            "[acme/all sites] all printers: no collector is heard since Nov 14 22:14 UTC: nobody "
            "watches the printers");
  EXPECT_THAT(told_[0].note(), testing::HasSubstr("whether they reach Kafka"));
}

}  // namespace
}  // namespace platen::alerting
