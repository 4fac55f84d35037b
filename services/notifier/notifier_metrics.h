// What the notifier counts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "libs/base/time.h"
#include "libs/service/metrics.h"

namespace platen::notifier {

// The kind of channel of a receiver that the configuration does not name.
inline constexpr std::string_view kNoChannel = "none";

// Thread-safe.
class NotifierMetrics {
 public:
  // `channels`: the kinds that receivers may have; kNoChannel is always counted. `metrics` must
  // outlive this.
  NotifierMetrics(service::Metrics& metrics, std::vector<std::string> channels);

  void OnDecision(v1::DecisionReason reason);
  // A delivery has ended. `latency`: from the alert's observation until it was handed over.
  void OnDeliveryEnd(const std::string& channel,
                     event::v1::NotificationReport::Outcome outcome,
                     base::Duration latency);
  // A try has failed and will be repeated.
  void OnRetry(const std::string& channel);
  // A record of the stage's ("decide", "deliver") state could not be read.
  void OnSkippedState(const std::string& stage);

  // A record of platen.rules.v1 was read.
  void OnRule(bool taken);

  service::Gauge& outbox;
  service::Gauge& rules_missing;
  service::Gauge& parked;
  service::Gauge& queued;
  service::Gauge& sending;
  service::Gauge& mails_waiting;
  service::Gauge& mails_under_way;
  service::Gauge& held_by_rate;
  service::Gauge& remembered;
  service::Gauge& held_for_sites;
  service::Gauge& silent_sites;
  service::Gauge& collectors_unheard;
  service::Gauge& decide_lag;
  service::Gauge& deliver_lag;
  service::Gauge& decide_partitions;
  service::Gauge& deliver_partitions;
  service::Counter& gathered;
  service::Counter& repeats_spared;
  service::Counter& refused_records;
  service::Counter& gaps;

 private:
  struct Channel {
    std::map<event::v1::NotificationReport::Outcome, service::Counter*> ended;
    service::Counter* retries = nullptr;
    service::Histogram* latency = nullptr;
  };

  std::map<v1::DecisionReason, service::Counter*> decisions_;
  std::map<std::string, service::Counter*> skipped_states_;
  service::Counter& rules_taken_;
  service::Counter& rules_refused_;
  std::map<std::string, Channel> channels_;
};

}  // namespace platen::notifier
