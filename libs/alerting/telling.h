// When people are told of an alert that is open, and who: rules, hours, rates, damping, silences,
// inhibition, escalation, acknowledgement.
//
// A beginning makes a plan for each rule that takes the alert. A plan is looked at when it is due:
// then people are told, or it says why not yet and when to look again. So all that time does to an
// alert is in its record, survives a crash with it, and happens once: what is told goes through the
// record's outbox like everything else.
//
//   step 0        the rule's own receivers
//   step 1 … n    those of its escalation's steps, counted from when step 0 was told
//   step n + 1    everybody again, every so often, where the escalation repeats
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "libs/alerting/alert_record.h"
#include "libs/alerting/site_roll.h"
#include "libs/base/time.h"
#include "libs/rules/rule_book.h"

namespace platen::alerting {

// What is around an alert when it is looked at.
struct Scene {
  base::WallTime now;
  const rules::RuleBook& book;
  // The device's other alerts, open or not.
  std::vector<const AlertRecord*> others;
  // Those of them that are the same condition, at another time.
  std::vector<const AlertRecord*> alike;
  // Null where nobody knows.
  const SiteRoll* roll = nullptr;
};

// What came of looking.
struct Outcome {
  // To be said, in this order.
  std::vector<notifier::v1::OutboxEntry> entries;
  // What happened, or why nothing did yet.
  notifier::v1::DecisionReason reason = notifier::v1::DECISION_REASON_UNSPECIFIED;
  // Whether the record is another than before.
  bool changed = false;
};

// Makes plans for a beginning. The record has event, category, title and raises already.
void MakePlans(const Scene& scene, const event::v1::Event& event, AlertRecord& record);

// Carries out what is due. REQUIRES: the record is open.
Outcome Look(const Scene& scene, const std::string& alert_id, AlertRecord& record);

// Somebody else was told of its beginning, by others than these rules (outage_alert.h): whoever
// takes care of it is told to him, too. Nothing where that is known. REQUIRES: the record is open.
Outcome OnTold(const Scene& scene, Told told, AlertRecord& record);

// Somebody takes care of it from now on; nothing where that is known already, over, or about
// another instance. REQUIRES: the record is open.
Outcome TakeCare(const Scene& scene, const rules::v1::Record& acknowledgement, AlertRecord& record);

// The acknowledgement was taken back: people are told again if they were before.
Outcome EndCare(const Scene& scene, AlertRecord& record);

}  // namespace platen::alerting
