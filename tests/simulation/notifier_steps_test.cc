// A kill exactly at each step between what a printer says and what people hear: a short story is
// played again and again, and each time the notifier ends at another of its effects, before the
// outside has it or just after. Deciding and delivering are their real cores, each with a Kafka
// that keeps what reached it.
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/alerting/decide_core.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/timestamps.h"
#include "libs/rules/test_rules.h"
#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/shared_record.h"

namespace platen::notifier {
namespace {

using alerting::DecideEffects;
using core::DeliverEffects;
using rules::RecordOf;
using std::chrono::seconds;
using testing::UnorderedElementsAre;

// Monday, 23 November 2026, 12:00 UTC.
constexpr base::WallTime kMonday{seconds(1795435200)};
constexpr char kDevices[] = "abcdef";

struct Heard {
  std::string receiver;
  v1::NotificationKind kind;
  std::string incident;
  std::string id;
  // "a jam/1", or "site".
  std::string what;
};

class Story {
 public:
  // Ends the notifier at step `crash_at`, once; `change` gives it another rule as it starts again.
  Story(int crash_at, bool change) : crash_at_(crash_at), change_(change) {
    Rule("rules/jam", JamRule("'desk'"));
    Rule("escalations/up", "escalation { steps { after { seconds: 20 } receivers: 'pager' } }");
    Rule("rules/error",
         "rule { receivers: 'desk' any_of { all_of { field: 'alert.category' is: 'error' } } "
         "any_of { all_of { field: 'alert.training' is: 'untrained' } } }");
    Rule("rules/silent",
         "rule { receivers: 'desk' any_of { all_of { field: 'alert.origin' is: 'platen' } } "
         "group { by: GROUP_BY_SITE wait { seconds: 5 } interval { seconds: 60 } } "
         "site_silence { at_least: 3 } }");
    Rule("inhibitions/engineer",
         "inhibition { source { all_of { field: 'alert.training' is: 'field_service' } } "
         "target { all_of { field: 'alert.training' is: 'untrained' } } }");
    Start();
  }

  void Play() {
    Say(0, 'a', "jam/1", kJam);
    Say(0, 'b', "jam/2", kJam);
    Acknowledge(2, 'a', "jam/1");
    Say(3, 'c', "error/1", kError);
    Say(4, 'c', "cover/1", kCover);
    Say(5, 'c', "cover/1", kCover, true);
    for (const char device : {'d', 'e', 'f'}) Say(6, device, "unreachable/1", kSilence);
    Until(15);
    Acknowledge(15, site_.front(), site_.substr(2));
    Say(40, 'a', "jam/1", kJam, true);
    Say(40, 'b', "jam/2", kJam, true);
    Say(40, 'c', "error/1", kError, true);
    for (const char device : {'d', 'e', 'f'}) Say(41, device, "unreachable/1", kSilence, true);
    Until(200);
  }

  int steps() const { return step_; }

  bool crashed() const { return crashed_; }

  const std::vector<Heard>& heard() const { return heard_; }

  std::size_t parked() const { return parked_.size(); }

  // Alerts that are open as far as is known where it is decided.
  int open() const {
    int open = 0;
    for (const auto& [key, value] : states_) {
      v1::AlertState state;
      open += state.ParseFromString(value) && state.phase() == v1::ALERT_PHASE_OPEN ? 1 : 0;
    }
    return open;
  }

  std::size_t committed() const { return decided_; }

  std::size_t inputs() const { return alerts_.size(); }

  // "desk raised a jam/1", each once.
  std::set<std::string> Told() const {
    std::set<std::string> told;
    for (const Heard& heard : heard_) {
      std::string kind = v1::NotificationKind_Name(heard.kind).substr(18);
      told.insert(base::StrCat(heard.receiver, " ", kind, " ", heard.what));
    }
    return told;
  }

 private:
  static constexpr const char* kJam =
      "category: ALERT_CATEGORY_JAM training: ALERT_TRAINING_TRAINED";
  static constexpr const char* kError =
      "category: ALERT_CATEGORY_ERROR training: ALERT_TRAINING_FIELD_SERVICE";
  static constexpr const char* kCover =
      "category: ALERT_CATEGORY_ALARM training: ALERT_TRAINING_UNTRAINED";
  static constexpr const char* kSilence =
      "category: ALERT_CATEGORY_ALARM origin: ALERT_ORIGIN_PLATEN reason_keyword: 'timed-out'";

  static std::string JamRule(const std::string& receivers) {
    return "rule { receivers: [" + receivers +
           "] escalation: 'up' any_of { all_of { field: 'alert.category' is: 'jam' } } }";
  }

  base::WallTime Wall() const { return kMonday + now_; }

  core::Moment Now() const { return {.monotonic = base::MonotonicTime(now_), .wall = Wall()}; }

  // --- the outside ---------------------------------------------------------------------------

  void Rule(const std::string& name, const std::string& content) {
    rules_[name] = RecordOf(name, content).SerializeAsString();
  }

  void Say(
      int at, char device, const std::string& alert, const std::string& more, bool over = false) {
    Until(at);
    event::v1::Event event = rules::FromText<event::v1::Event>("alert {" + more + "}");
    event.set_tenant("acme");
    event.set_site("hq");
    event.set_device_id(std::string(16, device));
    std::string id = base::StrCat(std::string(1, device), alert, over ? "-" : "+");
    id.resize(16, '.');
    event.set_id(id);
    *event.mutable_observation_time() = event::ToProto(Wall());
    event.mutable_alert()->set_alert_id(alert);
    event.mutable_alert()->set_instance(1);
    event.mutable_alert()->set_transition(over ? event::v1::ALERT_TRANSITION_ENDED
                                               : event::v1::ALERT_TRANSITION_RAISED);
    if (over) event.mutable_alert()->set_end(event::v1::ALERT_END_CLEARED);
    alerts_.push_back(event.SerializeAsString());
    Run();
  }

  void Acknowledge(int at, char device, const std::string& alert) {
    Until(at);
    const std::string name =
        base::StrCat("tenants/acme/sites/hq/acknowledgements/",
                     base::DeviceId::FromBytes(std::string(16, device))->ToHex(),
                     ".",
                     alert);
    rules::v1::Record record = RecordOf(name, "author: 'alice' acknowledgement { instance: 1 }");
    *record.mutable_set_time() = event::ToProto(Wall());
    *record.mutable_acknowledgement()->mutable_expire_time() =
        event::ToProto(Wall() + std::chrono::hours(1));
    rules_[name] = record.SerializeAsString();
    Read(name);
    Run();
  }

  // What the notifier says itself lies where it reads.
  void Report(event::v1::Event event) {
    const absl::StatusOr<base::EventId> id = event::DeriveId(event);
    ASSERT_TRUE(id.ok()) << id.status();
    event.set_id(std::string(id->bytes()));
    if (event.has_alert()) {
      site_ = base::StrCat(event.device_id().substr(0, 1), " ", event.alert().alert_id());
    }
    alerts_.push_back(event.SerializeAsString());
  }

  void Until(int at) {
    while (now_ < seconds(at)) {
      now_ += seconds(1);
      Run();
    }
  }

  // --- the notifier ---------------------------------------------------------------------------

  void Start() {
    todo_.clear();
    decide_.emplace(alerting::DecideOptions());
    for (const char* device = kDevices; *device != 0; ++device) {
      decide_->roll().Put(*base::DeviceId::FromBytes(std::string(16, *device)), "acme", "hq", "");
    }
    decide_->roll().OnComplete();
    for (const auto& [name, value] : rules_) Read(name);
    decide_->Assign(0);
    for (const auto& [key, value] : states_) ASSERT_TRUE(decide_->OnRestored(0, key, value).ok());
    next_alert_ = decided_;
    Take(decide_->OnRestoreEnd(Wall(), 0));

    const core::TermsByReceiver receivers{{"desk", {.channel = "email"}},
                                          {"pager", {.channel = "email"}},
                                          {"erp", {.channel = "email"}}};
    deliver_.emplace(core::DeliverOptions(), receivers, random_);
    deliver_->Assign(0);
    for (const auto& [key, value] : parked_) {
      ASSERT_TRUE(deliver_->OnRestored(0, key, value).ok());
    }
    next_notification_ = delivered_;
    Take(deliver_->OnRestoreEnd(Now(), 0));
  }

  void Read(const std::string& name) {
    DecideEffects effects;
    const absl::Status status = decide_->OnRule(Wall(), name, rules_.at(name), effects);
    ASSERT_TRUE(status.ok()) << status;
    Take(std::move(effects));
  }

  // One effect, in two halves: the outside has it; the notifier hears that it has.
  struct Effect {
    std::function<void()> reach;
    std::function<void()> answer;
  };

  void Crash() {
    crashed_ = true;
    if (change_) Rule("rules/jam", JamRule("'desk', 'erp'"));
    Start();
  }

  bool IsCrash() { return step_++ == crash_at_; }

  void Run() {
    for (;;) {
      if (!todo_.empty()) {
        const Effect effect = std::move(todo_.front());
        todo_.pop_front();
        if (IsCrash()) {
          Crash();
          continue;
        }
        effect.reach();
        if (IsCrash()) {
          Crash();
          continue;
        }
        effect.answer();
      } else if (next_alert_ < alerts_.size()) {
        const auto offset = static_cast<std::int64_t>(next_alert_);
        const std::string value = alerts_[next_alert_++];
        Take(decide_->OnRecord(Wall(), {.offset = offset, .value = value}));
      } else if (next_notification_ < notifications_.size()) {
        const auto offset = static_cast<std::int64_t>(next_notification_);
        const std::string value = notifications_[next_notification_++];
        Take(deliver_->OnRecord(Now(), {.offset = offset, .value = value}));
      } else if (decide_->next_wake().value_or(base::WallTime::max()) <= Wall()) {
        Take(decide_->OnTimer(Wall()));
      } else if (deliver_->next_wake().value_or(base::MonotonicTime::max()) <= Now().monotonic) {
        Take(deliver_->OnTimer(Now()));
      } else {
        return;
      }
    }
  }

  void Take(DecideEffects effects) {
    const auto answer = [this](alerting::Token token) {
      return [this, token] { Take(decide_->OnAcknowledged(token)); };
    };
    for (auto& effect : effects.states) {
      todo_.push_back(
          {[this, effect] { Keep(states_, effect.key, effect.value); }, answer(effect.token)});
    }
    for (auto& record :
         core::Pack(std::move(effects.notifications), [](std::string_view) { return 0; })) {
      todo_.push_back({[this, value = record.notification.SerializeAsString()] {
                         notifications_.push_back(value);
                       },
                       [this, tokens = record.tokens] {
                         for (const alerting::Token token : tokens) {
                           Take(decide_->OnAcknowledged(token));
                         }
                       }});
    }
    for (auto& effect : effects.decisions) todo_.push_back({[] {}, answer(effect.token)});
    for (auto& effect : effects.commits) {
      todo_.push_back(
          {[this, next = effect.next] { decided_ = static_cast<std::size_t>(next); }, [] {}});
    }
    EXPECT_TRUE(effects.dead_letters.empty());
  }

  void Take(const DeliverEffects& effects) {
    const auto answer = [this](alerting::Token token) {
      return [this, token] { Take(deliver_->OnAcknowledged(token)); };
    };
    for (const auto& effect : effects.sends) {
      todo_.push_back(
          {[this, effect] { Hear(*effect.notification); },
           [this, token = effect.token] {
             Take(deliver_->OnResult(Now(), token, {.outcome = core::SendOutcome::kDelivered}));
           }});
    }
    for (const auto& effect : effects.parks) {
      todo_.push_back({[this, effect] {
                         Keep(parked_,
                              effect.key,
                              effect.parked.has_value()
                                  ? std::optional(effect.parked->SerializeAsString())
                                  : std::nullopt);
                       },
                       answer(effect.token)});
    }
    for (const auto& effect : effects.reports) {
      todo_.push_back({[this, event = effect.event] { Report(event); },
                       [this, effect] {
                         for (const alerting::Token token : effect.tokens) {
                           Take(deliver_->OnAcknowledged(token));
                         }
                       }});
    }
    for (const auto& effect : effects.commits) {
      todo_.push_back(
          {[this, next = effect.next] { delivered_ = static_cast<std::size_t>(next); }, [] {}});
    }
    EXPECT_TRUE(effects.dead_letters.empty());
  }

  static void Keep(std::map<std::string, std::string>& topic,
                   const std::string& key,
                   const std::optional<std::string>& value) {
    topic.erase(key);
    if (value.has_value()) topic[key] = *value;
  }

  void Hear(const v1::Notification& said) {
    const std::string& alert = said.event().alert().alert_id();
    const bool is_site = alert.starts_with("site-silent/");
    heard_.push_back({said.receiver(),
                      said.kind(),
                      said.incident_id(),
                      said.id(),
                      is_site ? "site" : said.event().device_id().substr(0, 1) + " " + alert});
  }

  const int crash_at_;
  const bool change_;
  int step_ = 0;
  bool crashed_ = false;
  base::Duration now_ = base::Duration::zero();
  base::Random random_{1};

  // "d site-silent/…", once it is told of.
  std::string site_;

  // Kafka.
  std::map<std::string, std::string> rules_;
  std::vector<std::string> alerts_;
  std::map<std::string, std::string> states_;
  std::vector<std::string> notifications_;
  std::map<std::string, std::string> parked_;
  std::size_t decided_ = 0;
  std::size_t delivered_ = 0;

  std::optional<alerting::DecideCore> decide_;
  std::optional<core::DeliverCore> deliver_;
  std::size_t next_alert_ = 0;
  std::size_t next_notification_ = 0;
  std::deque<Effect> todo_;
  std::vector<Heard> heard_;
};

// What holds wherever it ends.
void Check(const Story& story) {
  std::map<std::string, std::string> ids;
  std::set<std::string> begun;
  std::set<std::string> ended;
  for (const Heard& heard : story.heard()) {
    const std::string who = heard.receiver + " " + heard.what;
    const std::string which = who + v1::NotificationKind_Name(heard.kind) + heard.incident;
    const auto first = ids.try_emplace(which, heard.id).first;
    EXPECT_EQ(first->second, heard.id) << which << " under two ids";
    if (heard.kind == v1::NOTIFICATION_KIND_CLEARED) {
      EXPECT_TRUE(begun.contains(who)) << who << ": its end before its beginning";
      ended.insert(who);
    } else {
      begun.insert(who);
    }
  }
  EXPECT_EQ(begun, ended) << "who hears of a beginning hears of the end";
  EXPECT_EQ(story.parked(), 0u);
  EXPECT_EQ(story.open(), 0);
  EXPECT_EQ(story.committed(), story.inputs());
}

TEST(NotifierStepsTest, AKillAtEachStepLosesNothingAndTellsNothingElse) {
  Story whole(-1, false);
  whole.Play();
  Check(whole);
  const std::set<std::string> expected = whole.Told();
  ASSERT_THAT(expected,
              UnorderedElementsAre("desk RAISED a jam/1",
                                   "desk ACKNOWLEDGED a jam/1",
                                   "desk CLEARED a jam/1",
                                   "desk RAISED b jam/2",
                                   "pager ESCALATED b jam/2",
                                   "desk CLEARED b jam/2",
                                   "pager CLEARED b jam/2",
                                   "desk RAISED c error/1",
                                   "desk CLEARED c error/1",
                                   "desk RAISED site",
                                   "desk ACKNOWLEDGED site",
                                   "desk CLEARED site"));
  ASSERT_GT(whole.steps(), 150);
  for (int step = 0; step < whole.steps(); ++step) {
    SCOPED_TRACE(base::StrCat("killed at step ", step));
    Story story(step, false);
    story.Play();
    ASSERT_TRUE(story.crashed());
    Check(story);
    EXPECT_EQ(story.Told(), expected);
    EXPECT_LE(story.heard().size(), whole.heard().size() + 3) << "twice only what was in flight";
    if (testing::Test::HasFailure()) break;
  }
}

TEST(NotifierStepsTest, RulesThatChangeBetweenAKillAndTheReplayLeaveNobodyWithHalfAStory) {
  Story whole(-1, false);
  whole.Play();
  const std::set<std::string> expected = whole.Told();
  for (int step = 0; step < whole.steps(); ++step) {
    SCOPED_TRACE(base::StrCat("killed at step ", step));
    Story story(step, true);
    story.Play();
    Check(story);
    for (const std::string& told : story.Told()) {
      EXPECT_TRUE(expected.contains(told) || told.starts_with("erp ")) << told;
    }
    for (const std::string& told : expected) EXPECT_TRUE(story.Told().contains(told)) << told;
    if (testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace platen::notifier
