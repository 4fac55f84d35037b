#include "libs/alerting/telling.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "libs/alerting/group_terms.h"
#include "libs/alerting/outbox_entry.h"
#include "libs/alerting/rate.h"
#include "libs/alerting/reason.h"
#include "libs/base/planted_bug.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

using event::v1::AlertDecision;
using event::v1::Event;

// When what is held by something else that is open is looked at though nothing was heard of that.
constexpr base::Duration kLookAgain = std::chrono::hours(1);
// A time at which an alert began that lies further back than this is a device's mistake.
constexpr base::Duration kOldestBeginning = std::chrono::hours(24 * 30);

// One alert that is looked at.
struct Subject {
  const Scene& scene;
  const Event& event;
  AlertRecord& record;
  Outcome& outcome;

  std::string_view tenant() const { return event.tenant(); }

  std::string_view site() const { return event.site(); }

  // Names in record.told, once somebody has asked for them.
  absl::flat_hash_set<std::string_view> known = {};
};

AlertDecision& SetDecision(const Subject& on,
                           AlertDecision::Action action,
                           notifier::v1::OutboxEntry& entry) {
  AlertDecision& decision = *entry.mutable_decision();
  decision.set_alert_id(on.event.alert().alert_id());
  decision.set_action(action);
  return decision;
}

// Something only for the history.
void Note(Subject& on,
          AlertDecision::Action action,
          std::string_view author,
          notifier::v1::DecisionReason reason) {
  notifier::v1::OutboxEntry entry =
      MakeEntry(on.scene.now, on.event, notifier::v1::NOTIFICATION_KIND_RAISED, on.record);
  AlertDecision& decision = SetDecision(on, action, entry);
  decision.set_author(std::string(author));
  decision.set_reason(ReasonName(reason));
  on.outcome.entries.push_back(std::move(entry));
}

// Those who have not been told yet; from now on they have, in messages of this group. Valid until
// the next call.
std::span<const Told> Newcomers(Subject& on,
                                std::vector<rules::Receiver> receivers,
                                const ToldGroup& group) {
  std::vector<Told>& told = on.record.told;
  const std::size_t known_before = told.size();
  if (told.capacity() < told.size() + receivers.size()) {
    // Names stay where they are while they are looked up.
    told.reserve(std::max(told.size() + receivers.size(), 2 * told.size()));
    on.known.clear();
  }
  if (on.known.empty()) {
    for (const Told& each : told) on.known.insert(each.name);
  }
  for (rules::Receiver& receiver : receivers) {
    if (on.known.contains(receiver.name)) continue;
    told.push_back({std::move(receiver.name), std::move(receiver.emails), group});
    on.known.insert(told.back().name);
  }
  return std::span(told).subspan(known_before);
}

// Where those go who are told of the beginning now, by whatever rule.
notifier::v1::OutboxEntry& BeginningEntry(Subject& on, const std::string& rule) {
  std::vector<notifier::v1::OutboxEntry>& entries = on.outcome.entries;
  const auto begun = std::find_if(entries.begin(), entries.end(), [](const auto& entry) {
    return !entry.has_decision() &&
           entry.notification().kind() == notifier::v1::NOTIFICATION_KIND_RAISED;
  });
  if (begun != entries.end()) return *begun;
  entries.push_back(
      MakeEntry(on.scene.now, on.event, notifier::v1::NOTIFICATION_KIND_RAISED, on.record));
  entries.back().mutable_notification()->set_rule(rule);
  return entries.back();
}

// What happened goes before why something else did not.
void Happened(Subject& on, notifier::v1::DecisionReason reason) {
  const auto is_deed = [](notifier::v1::DecisionReason each) {
    return each == notifier::v1::DECISION_REASON_RAISED ||
           each == notifier::v1::DECISION_REASON_ESCALATED ||
           each == notifier::v1::DECISION_REASON_REMINDED;
  };
  on.outcome.changed = true;
  if (on.outcome.reason == notifier::v1::DECISION_REASON_UNSPECIFIED ||
      (is_deed(reason) && !is_deed(on.outcome.reason))) {
    on.outcome.reason = reason;
  }
}

void Hold(Subject& on,
          Plan& plan,
          notifier::v1::DecisionReason reason,
          base::WallTime until,
          std::string_view by) {
  if (plan.held != reason) {
    Note(on,
         reason == notifier::v1::DECISION_REASON_SILENCED ? AlertDecision::ACTION_SILENCED
                                                          : AlertDecision::ACTION_SUPPRESSED,
         by,
         reason);
  }
  plan.held = reason;
  // Later than now, or it would be looked at for ever.
  plan.due_millis = std::max(base::ToMillis(until), base::ToMillis(on.scene.now) + 1);
  Happened(on, reason);
}

base::WallTime BeginningOf(const Subject& on) {
  const base::WallTime now = on.scene.now;
  if (!on.event.alert().has_raise_time()) {
    return on.record.raises.empty()
               ? now
               : std::min(now, base::WallFromMillis(on.record.raises.back().millis));
  }
  const base::WallTime begun = event::FromProto(on.event.alert().raise_time());
  return begun < now - kOldestBeginning ? now : std::min(begun, now);
}

// Whatever keeps all quiet that is due; then the plan waits.
bool IsKeptQuiet(Subject& on, Plan& plan) {
  const Scene& scene = on.scene;
  if (const auto quiet = scene.book.QuietFor(on.event, scene.now); quiet.has_value()) {
    Hold(on, plan, notifier::v1::DECISION_REASON_SILENCED, quiet->until, quiet->silence);
    return true;
  }
  if (base::IsPlanted(base::PlantedBug::kForgetsInhibition)) return false;
  if (!scene.book.MayBeInhibited(on.event)) return false;
  for (const AlertRecord* other : scene.others) {
    Event source;
    if (!other->open || !source.ParseFromString(other->event)) continue;
    if (const std::string* by = scene.book.Inhibits(source, on.event)) {
      Hold(on, plan, notifier::v1::DECISION_REASON_INHIBITED, scene.now + kLookAgain, *by);
      return true;
    }
  }
  return false;
}

// When the rule lets people be told; the plan waits where that is later. False: not by this alone.
bool IsTime(Subject& on, const rules::Taken& taken, Plan& plan) {
  const rules::v1::Rule& rule = *taken.rule;
  const base::WallTime now = on.scene.now;
  if (rule.has_damping()) {
    const base::WallTime quiet = QuietUntil(rule.damping(), now, on.record, on.scene.alike);
    if (quiet > now) {
      Hold(on, plan, notifier::v1::DECISION_REASON_FLAPPING, quiet, plan.rule);
      return false;
    }
  }
  const bool too_often =
      rule.has_rate() && IsTooOften(rule.rate(), now, on.record, on.scene.others);
  const base::WallTime after = BeginningOf(on) + event::FromProto(rule.after());
  if (rule.has_after() && !too_often && after > now) {
    Hold(on, plan, notifier::v1::DECISION_REASON_WAITING, after, plan.rule);
    return false;
  }
  if (taken.open_at > now) {
    Hold(on, plan, notifier::v1::DECISION_REASON_OUTSIDE_HOURS, taken.open_at, plan.rule);
    return false;
  }
  return true;
}

// Whether a rule asks for more than there was, and nothing else would let it tell.
bool IsBelowRate(const Subject& on, const rules::v1::Rule& rule) {
  return rule.has_rate() && !rule.has_after() &&
         !IsTooOften(rule.rate(), on.scene.now, on.record, on.scene.others);
}

// What follows on a plan that was carried out; false where nothing does.
bool GoOn(const Subject& on, const rules::v1::Escalation* escalation, Plan& plan) {
  if (escalation == nullptr) return false;
  plan.held = notifier::v1::DECISION_REASON_UNSPECIFIED;
  const auto steps = static_cast<std::uint32_t>(escalation->steps_size());
  if (plan.step < steps) {
    const auto& next = escalation->steps(static_cast<int>(plan.step++));
    plan.due_millis = plan.told_millis + base::ToMillis(event::FromProto(next.after()));
    return true;
  }
  if (!escalation->has_repeat()) return false;
  plan.step = steps + 1;
  plan.due_millis = base::ToMillis(on.scene.now + event::FromProto(escalation->repeat()));
  return true;
}

const rules::v1::Escalation* EscalationOf(const Subject& on, const rules::v1::Rule& rule) {
  if (rule.escalation().empty()) return nullptr;
  return on.scene.book.FindEscalation(rule.escalation(), on.tenant(), on.site());
}

void Remind(Subject& on) {
  Happened(on, notifier::v1::DECISION_REASON_REMINDED);
  if (on.record.told.empty()) return;
  notifier::v1::OutboxEntry entry =
      MakeEntry(on.scene.now, on.event, notifier::v1::NOTIFICATION_KIND_REMINDED, on.record);
  SetDecision(on, AlertDecision::ACTION_REMINDED, entry)
      .set_reason(ReasonName(notifier::v1::DECISION_REASON_REMINDED));
  AddReceivers(on.record.told, "", entry);
  on.outcome.entries.push_back(std::move(entry));
}

// The rule's own receivers. False: the plan is done with.
bool TellFirst(Subject& on, const rules::Taken& taken, Plan& plan) {
  const rules::v1::Rule& rule = *taken.rule;
  if (IsBelowRate(on, rule)) {
    Note(on, AlertDecision::ACTION_SUPPRESSED, plan.rule, notifier::v1::DECISION_REASON_BELOW_RATE);
    Happened(on, notifier::v1::DECISION_REASON_BELOW_RATE);
    return false;
  }
  if (!IsTime(on, taken, plan) || IsKeptQuiet(on, plan)) return true;
  const auto receivers =
      Newcomers(on,
                on.scene.book.Resolve(rule.receivers(), on.tenant(), on.site(), on.scene.now),
                ToldGroupOf(GroupTermsOf(rule, plan.rule, on.event, on.scene.roll)));
  if (!receivers.empty()) {
    AddReceivers(receivers, plan.rule, BeginningEntry(on, plan.rule));
    Happened(on, notifier::v1::DECISION_REASON_RAISED);
  } else {
    Happened(on, notifier::v1::DECISION_REASON_NO_RECEIVER);
  }
  plan.told_millis = base::ToMillis(on.scene.now);
  return GoOn(on, EscalationOf(on, rule), plan);
}

// A step of the rule's escalation. False: the plan is done with.
bool TellFurther(Subject& on, const rules::Taken& taken, Plan& plan) {
  const rules::v1::Escalation* const escalation = EscalationOf(on, *taken.rule);
  if (escalation == nullptr) return false;
  if (IsKeptQuiet(on, plan)) return true;
  const auto steps = static_cast<std::uint32_t>(escalation->steps_size());
  if (plan.step > steps) {
    Remind(on);
    return GoOn(on, escalation, plan);
  }
  const auto& step = escalation->steps(static_cast<int>(plan.step - 1));
  const auto receivers = Newcomers(
      on, on.scene.book.Resolve(step.receivers(), on.tenant(), on.site(), on.scene.now), {});
  notifier::v1::OutboxEntry entry =
      MakeEntry(on.scene.now, on.event, notifier::v1::NOTIFICATION_KIND_ESCALATED, on.record);
  entry.mutable_notification()->set_rule(plan.rule);
  AlertDecision& decision = SetDecision(on, AlertDecision::ACTION_ESCALATED, entry);
  decision.set_author(taken.rule->escalation());
  decision.set_reason(ReasonName(notifier::v1::DECISION_REASON_ESCALATED));
  AddReceivers(receivers, plan.rule, entry);
  on.outcome.entries.push_back(std::move(entry));
  Happened(on, notifier::v1::DECISION_REASON_ESCALATED);
  return GoOn(on, escalation, plan);
}

// False: the plan is done with.
bool CarryOut(Subject& on, const std::vector<rules::Taken>& rules, Plan& plan) {
  if (on.record.care != nullptr) {
    Hold(on,
         plan,
         notifier::v1::DECISION_REASON_ACKNOWLEDGED,
         base::WallFromMillis(on.record.care->expire_millis),
         on.record.care->author);
    return true;
  }
  const auto taken = std::find_if(rules.begin(), rules.end(), [&](const rules::Taken& each) {
    return *each.name == plan.rule;
  });
  if (taken == rules.end()) {
    Note(on, AlertDecision::ACTION_SUPPRESSED, plan.rule, notifier::v1::DECISION_REASON_RULE_GONE);
    Happened(on, notifier::v1::DECISION_REASON_RULE_GONE);
    return false;
  }
  return plan.step == 0 ? TellFirst(on, *taken, plan) : TellFurther(on, *taken, plan);
}

// That somebody takes care of it. REQUIRES: somebody does.
notifier::v1::OutboxEntry MakeCareEntry(const Subject& on, std::span<const Told> receivers) {
  notifier::v1::OutboxEntry entry =
      MakeEntry(on.scene.now, on.event, notifier::v1::NOTIFICATION_KIND_ACKNOWLEDGED, on.record);
  entry.mutable_notification()->set_author(on.record.care->author);
  entry.mutable_notification()->set_note(on.record.care->note);
  AddReceivers(receivers, "", entry);
  return entry;
}

void EndCare(Subject& on, AlertDecision::Action action) {
  notifier::v1::OutboxEntry entry =
      MakeEntry(on.scene.now, on.event, notifier::v1::NOTIFICATION_KIND_RAISED, on.record);
  SetDecision(on, action, entry).set_author(on.record.care->author);
  on.outcome.entries.push_back(std::move(entry));
  on.record.care.reset();
  for (Plan& plan : on.record.plans) {
    if (plan.held == notifier::v1::DECISION_REASON_ACKNOWLEDGED) {
      plan.due_millis = base::ToMillis(on.scene.now);
    }
  }
  Remind(on);
}

}  // namespace

void MakePlans(const Scene& scene, const Event& event, AlertRecord& record) {
  record.plans.clear();
  for (const rules::Taken& taken : scene.book.RulesFor(event, scene.now)) {
    record.plans.push_back({.rule = *taken.name, .due_millis = base::ToMillis(scene.now)});
  }
}

Outcome Look(const Scene& scene, const std::string& alert_id, AlertRecord& record) {
  Outcome outcome;
  Event event;
  if (!event.ParseFromString(record.event) || event.alert().alert_id() != alert_id) {
    // Somebody else has written this state. There is nothing to tell, now or later.
    record.plans.clear();
    record.care.reset();
    return outcome;
  }
  Subject on{scene, event, record, outcome};
  const std::int64_t now = base::ToMillis(scene.now);
  if (record.care != nullptr && record.care->expire_millis <= now) {
    EndCare(on, AlertDecision::ACTION_ACKNOWLEDGEMENT_EXPIRED);
  }
  const bool is_due = std::any_of(record.plans.begin(), record.plans.end(), [&](const Plan& plan) {
    return plan.due_millis <= now;
  });
  if (!is_due) return outcome;
  const std::vector<rules::Taken> rules = scene.book.RulesFor(event, scene.now);
  std::erase_if(record.plans,
                [&](Plan& plan) { return plan.due_millis <= now && !CarryOut(on, rules, plan); });
  return outcome;
}

Outcome TakeCare(const Scene& scene,
                 const rules::v1::Record& acknowledgement,
                 AlertRecord& record) {
  Outcome outcome;
  Event event;
  const rules::v1::Acknowledgement& said = acknowledgement.acknowledgement();
  const Care care{.author = acknowledgement.author(),
                  .note = said.note(),
                  .expire_millis = base::ToMillis(event::FromProto(said.expire_time())),
                  .set_millis = base::ToMillis(event::FromProto(acknowledgement.set_time()))};
  if (said.instance() != record.instance || care.expire_millis <= base::ToMillis(scene.now))
    return outcome;
  if (record.care != nullptr && record.care->set_millis == care.set_millis) return outcome;
  if (!event.ParseFromString(record.event)) return outcome;
  record.care = std::make_shared<const Care>(care);
  Subject on{scene, event, record, outcome};
  notifier::v1::OutboxEntry entry = MakeCareEntry(on, record.told);
  AlertDecision& decision = SetDecision(on, AlertDecision::ACTION_ACKNOWLEDGED, entry);
  decision.set_author(care.author);
  decision.set_note(care.note);
  *decision.mutable_expire_time() = said.expire_time();
  outcome.entries.push_back(std::move(entry));
  Happened(on, notifier::v1::DECISION_REASON_ACKNOWLEDGED);
  return outcome;
}

Outcome OnTold(const Scene& scene, Told told, AlertRecord& record) {
  Outcome outcome;
  const bool is_known = std::any_of(record.told.begin(), record.told.end(), [&](const Told& each) {
    return each.name == told.name;
  });
  if (is_known) return outcome;
  outcome.changed = true;
  Event event;
  if (record.care != nullptr && event.ParseFromString(record.event)) {
    Subject on{scene, event, record, outcome};
    outcome.entries.push_back(MakeCareEntry(on, {&told, 1}));
  }
  record.told.push_back(std::move(told));
  return outcome;
}

Outcome EndCare(const Scene& scene, AlertRecord& record) {
  Outcome outcome;
  Event event;
  if (record.care == nullptr || !event.ParseFromString(record.event)) return outcome;
  Subject on{scene, event, record, outcome};
  EndCare(on, AlertDecision::ACTION_ACKNOWLEDGEMENT_EXPIRED);
  return outcome;
}

}  // namespace platen::alerting
