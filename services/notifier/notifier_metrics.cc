#include "services/notifier/notifier_metrics.h"

#include "libs/alerting/reason.h"

namespace platen::notifier {

using event::v1::NotificationReport;

NotifierMetrics::NotifierMetrics(service::Metrics& metrics, std::vector<std::string> channels)
    : outbox(metrics.AddGauge("platen_notifier_outbox_entries",
                              "Decisions that are not yet with Kafka as notifications.")),
      rules_missing(metrics.AddGauge(
          "platen_notifier_rules_missing",
          "What rules name and nobody has set: receivers, contacts, calendars and the like.")),
      parked(metrics.AddGauge("platen_notifier_parked_deliveries",
                              "Deliveries kept for receivers that are away.")),
      queued(metrics.AddGauge("platen_notifier_queued_deliveries",
                              "Deliveries that have not ended, parked ones included.")),
      sending(metrics.AddGauge("platen_notifier_tries_under_way", "Tries under way.")),
      mails_waiting(metrics.AddGauge("platen_notifier_mails_waiting",
                                     "Mails that wait for others to the same server.")),
      mails_under_way(
          metrics.AddGauge("platen_notifier_mails_under_way",
                           "Mails that a server is being spoken to about; at most 64.")),
      held_by_rate(
          metrics.AddGauge("platen_notifier_held_by_rate",
                           "Messages that wait because their receivers' rates are used up.")),
      remembered(metrics.AddGauge("platen_notifier_remembered_deliveries",
                                  "Messages that would be known again; at most 50,000.")),
      held_for_sites(metrics.AddGauge("platen_notifier_held_for_sites",
                                      "Messages about silent devices that wait for others of "
                                      "their site, or are kept quiet by it.")),
      silent_sites(metrics.AddGauge("platen_notifier_silent_sites",
                                    "Sites of which a receiver is told that they don't answer.")),
      collectors_unheard(metrics.AddGauge(
          "platen_notifier_collectors_unheard_seconds",
          "How long heartbeats came and none was a collector's; 0 without their partition.")),
      decide_lag(metrics.AddGauge("platen_notifier_lag_records",
                                  "Records of the own partitions that have not ended.",
                                  {{"stage", "decide"}})),
      deliver_lag(metrics.AddGauge("platen_notifier_lag_records",
                                   "Records of the own partitions that have not ended.",
                                   {{"stage", "deliver"}})),
      decide_partitions(metrics.AddGauge("platen_notifier_partitions_owned",
                                         "Partitions this instance owns.",
                                         {{"stage", "decide"}})),
      deliver_partitions(metrics.AddGauge("platen_notifier_partitions_owned",
                                          "Partitions this instance owns.",
                                          {{"stage", "deliver"}})),
      gathered(metrics.AddCounter("platen_notifier_gathered_total",
                                  "Messages that went out in digests, for their receivers had "
                                  "come back and much waited for them.")),
      repeats_spared(metrics.AddCounter("platen_notifier_repeats_spared_total",
                                        "Messages that were read again after their receivers had "
                                        "them, and were not sent again.")),
      refused_records(metrics.AddCounter("platen_notifier_refused_records_total",
                                         "Records that Kafka refused for good.")),
      gaps(metrics.AddCounter("platen_notifier_input_gaps_total",
                              "Ranges of input that retention ate before they were read.")),
      rules_taken_(metrics.AddCounter("platen_notifier_rule_records_total",
                                      "Records of platen.rules.v1 that were read.",
                                      {{"result", "taken"}})),
      rules_refused_(metrics.AddCounter("platen_notifier_rule_records_total",
                                        "Records of platen.rules.v1 that were read.",
                                        {{"result", "refused"}})) {
  for (int number = v1::DecisionReason_MIN; number <= v1::DecisionReason_MAX; ++number) {
    const auto reason = static_cast<v1::DecisionReason>(number);
    if (reason == v1::DECISION_REASON_UNSPECIFIED || !v1::DecisionReason_IsValid(number)) continue;
    decisions_[reason] = &metrics.AddCounter("platen_notifier_decisions_total",
                                             "Events by what was decided about them.",
                                             {{"reason", alerting::ReasonName(reason)}});
  }
  for (const std::string stage : {"decide", "deliver"}) {
    skipped_states_[stage] = &metrics.AddCounter(
        "platen_notifier_skipped_state_records_total",
        "Records of a state topic that could not be read in a restore, and were left out.",
        {{"stage", stage}});
  }
  channels.emplace_back(kNoChannel);
  for (const std::string& kind : channels) {
    Channel& channel = channels_[kind];
    for (const auto& [outcome, result] : std::map<NotificationReport::Outcome, std::string>{
             {NotificationReport::OUTCOME_DELIVERED, "delivered"},
             {NotificationReport::OUTCOME_REFUSED, "refused"},
             {NotificationReport::OUTCOME_EXPIRED, "expired"}}) {
      channel.ended[outcome] = &metrics.AddCounter("platen_notifications_total",
                                                   "Deliveries that have ended.",
                                                   {{"channel", kind}, {"result", result}});
    }
    channel.retries = &metrics.AddCounter("platen_notification_retries_total",
                                          "Tries that failed and are repeated.",
                                          {{"channel", kind}});
    channel.latency =
        &metrics.AddHistogram("platen_notification_latency_seconds",
                              "From the observation of an alert until the receiver has it.",
                              service::LatencyBuckets(),
                              {{"channel", kind}});
  }
}

void NotifierMetrics::OnDecision(v1::DecisionReason reason) {
  if (const auto found = decisions_.find(reason); found != decisions_.end()) {
    found->second->Increment();
  }
}

void NotifierMetrics::OnDeliveryEnd(const std::string& channel,
                                    NotificationReport::Outcome outcome,
                                    base::Duration latency) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  found->second.ended.at(outcome)->Increment();
  if (outcome == NotificationReport::OUTCOME_DELIVERED) {
    found->second.latency->Observe(base::ToSeconds(latency));
  }
}

void NotifierMetrics::OnSkippedState(const std::string& stage) {
  if (const auto found = skipped_states_.find(stage); found != skipped_states_.end()) {
    found->second->Increment();
  }
}

void NotifierMetrics::OnRule(bool taken) {
  (taken ? rules_taken_ : rules_refused_).Increment();
}

void NotifierMetrics::OnRetry(const std::string& channel) {
  if (const auto found = channels_.find(channel); found != channels_.end()) {
    found->second.retries->Increment();
  }
}

}  // namespace platen::notifier
