#include "services/gateway/edge/gateway_metrics.h"

#include "services/gateway/core/admission.h"

namespace platen::gateway::edge {
namespace {

namespace ingest = platen::ingest::v1;
using Change = rules::v1::RecordChange;

std::array<std::pair<ingest::RefusalReason, std::string_view>, 7> Reasons() {
  std::array<std::pair<ingest::RefusalReason, std::string_view>, 7> reasons;
  for (int i = 0; i < 7; ++i) {
    const auto reason = static_cast<ingest::RefusalReason>(i);
    reasons[static_cast<std::size_t>(i)] = {reason, core::RefusalName(reason)};
  }
  return reasons;
}

}  // namespace

GatewayMetrics::GatewayMetrics(service::Metrics& metrics)
    : events_stored(metrics.AddCounter("platen_gateway_events_stored_total", "Events stored.")),
      sent_again(metrics.AddCounter("platen_gateway_duplicates_total",
                                    "Events that were there already, by id.",
                                    {{"cause", "sent-again"}})),
      told_again(metrics.AddCounter("platen_gateway_duplicates_total",
                                    "Events that were there already, by id.",
                                    {{"cause", "told-again"}})),
      conflicts(metrics.AddCounter("platen_gateway_conflicts_total",
                                   "Duplicates by id that say something else.")),
      batches(metrics.AddCounter("platen_gateway_batches_total", "Batches stored.")),
      rewinds(metrics.AddCounter("platen_gateway_rewinds_total",
                                 "Batches handed back after a transient failure.")),
      batch_seconds(metrics.AddHistogram("platen_gateway_batch_seconds",
                                         "From a batch's arrival to its commit.",
                                         service::LatencyBuckets())),
      ingest_streams(metrics.AddGauge("platen_gateway_ingest_streams", "Open ingest streams.")),
      watch_streams(metrics.AddGauge("platen_gateway_watch_streams", "Open streams of alerts.")),
      watch_streams_too_slow(metrics.AddCounter("platen_gateway_watch_streams_too_slow_total",
                                                "Streams of alerts ended as their reader lagged.")),
      directives_pending(metrics.AddGauge("platen_gateway_directives_pending",
                                          "Directives that no installation has acknowledged.")),
      store_bytes(metrics.AddGauge("platen_gateway_store_bytes", "Size of the store.")),
      directives_sent(
          metrics.AddCounter("platen_gateway_directives_sent_total", "Directives sent down.")),
      directives_refused(metrics.AddCounter("platen_gateway_directives_refused_total",
                                            "Directives that an installation refused for good.")),
      records(metrics.AddGauge("platen_gateway_records",
                               "Rules, silences and the like that people have set.")),
      record_orders_refused(metrics.AddCounter("platen_gateway_record_orders_refused_total",
                                               "Orders about rules and alerts that were refused.")),
      records_dropped(metrics.AddCounter("platen_gateway_records_dropped_total",
                                         "Acknowledgements and silences that were over.")),
      acknowledgements(metrics.AddCounter("platen_gateway_acknowledgements_total",
                                          "Alerts that somebody has said to take care of.")),
      used_links(metrics.AddGauge("platen_gateway_used_links",
                                  "Links of messages that were used and have not expired.")),
      links(metrics,
            "platen_gateway_links_total",
            "Requests with links of messages, by what came of them.",
            "outcome",
            {{{core::LinkOutcome::kShown, "shown"},
              {core::LinkOutcome::kAcknowledged, "acknowledged"},
              {core::LinkOutcome::kUsed, "used"},
              {core::LinkOutcome::kOver, "over"},
              {core::LinkOutcome::kUnknown, "unknown"},
              {core::LinkOutcome::kExpired, "expired"},
              {core::LinkOutcome::kForged, "forged"},
              {core::LinkOutcome::kBadForm, "bad-form"},
              {core::LinkOutcome::kWrongMethod, "wrong-method"},
              {core::LinkOutcome::kNoPage, "no-page"},
              {core::LinkOutcome::kTooMany, "too-many"},
              {core::LinkOutcome::kUnavailable, "unavailable"}}}),
      link_refusals(metrics,
                    "platen_gateway_link_refusals_total",
                    "Requests and connections that the page of links refused unread.",
                    "reason",
                    {{{service::HttpRefusal::kMalformed, "malformed"},
                      {service::HttpRefusal::kHeaderTooLarge, "header-too-large"},
                      {service::HttpRefusal::kBodyTooLarge, "body-too-large"},
                      {service::HttpRefusal::kTooSlow, "too-slow"},
                      {service::HttpRefusal::kDropped, "dropped"},
                      {service::HttpRefusal::kNoAnswer, "no-answer"}}}),
      record_changes(metrics,
                     "platen_gateway_record_changes_total",
                     "What became of records that people set.",
                     "kind",
                     {{{Change::KIND_UNSPECIFIED, "unspecified"},
                       {Change::KIND_CREATED, "created"},
                       {Change::KIND_CHANGED, "changed"},
                       {Change::KIND_UNCHANGED, "unchanged"},
                       {Change::KIND_DELETED, "deleted"}}}),
      refusals(metrics,
               "platen_gateway_refusals_total",
               "Events refused for good, by reason.",
               "reason",
               Reasons()),
      streams_ended(metrics,
                    "platen_gateway_ingest_streams_ended_total",
                    "Ingest streams that ended, by reason.",
                    "reason",
                    {{{StreamEnd::kClient, "client"},
                      {StreamEnd::kProtocol, "protocol"},
                      {StreamEnd::kDenied, "denied"},
                      {StreamEnd::kAge, "age"},
                      {StreamEnd::kSlow, "slow"},
                      {StreamEnd::kRevoked, "revoked"},
                      {StreamEnd::kStopping, "stopping"}}}) {}

}  // namespace platen::gateway::edge
