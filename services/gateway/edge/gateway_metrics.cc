#include "services/gateway/edge/gateway_metrics.h"

#include "services/gateway/core/admission.h"

namespace platen::gateway::edge {
namespace {

namespace ingest = platen::ingest::v1;

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
