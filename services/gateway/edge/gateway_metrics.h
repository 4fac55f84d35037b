// The gateway's metrics: names, help texts, and the references that the hot paths keep.
#pragma once

#include "platen/ingest/v1/ingest.pb.h"
#include "platen/rules/v1/rules_service.pb.h"

#include "libs/service/http_server.h"
#include "libs/service/metrics.h"
#include "services/gateway/core/link_page.h"

namespace platen::gateway::edge {

// Why a stream ended, from the gateway's side.
enum class StreamEnd { kClient, kProtocol, kDenied, kAge, kSlow, kRevoked, kStopping };

// Thread-safe. `metrics` must outlive this.
class GatewayMetrics {
 public:
  explicit GatewayMetrics(service::Metrics& metrics);

  service::Counter& events_stored;
  service::Counter& sent_again;
  service::Counter& told_again;
  service::Counter& conflicts;
  service::Counter& batches;
  service::Counter& rewinds;
  service::Histogram& batch_seconds;
  service::Gauge& ingest_streams;
  service::Gauge& watch_streams;
  service::Counter& watch_streams_too_slow;
  service::Gauge& directives_pending;
  service::Gauge& store_bytes;
  service::Counter& directives_sent;
  service::Counter& directives_refused;
  service::Gauge& records;
  service::Counter& record_orders_refused;
  service::Counter& records_dropped;
  service::Counter& acknowledgements;
  service::Gauge& used_links;
  service::CountersByEnum<core::LinkOutcome, core::kLinkOutcomes> links;
  service::CountersByEnum<service::HttpRefusal, 6> link_refusals;
  service::CountersByEnum<platen::rules::v1::RecordChange::Kind, 5> record_changes;
  service::CountersByEnum<platen::ingest::v1::RefusalReason, 7> refusals;
  service::CountersByEnum<StreamEnd, 7> streams_ended;
};

}  // namespace platen::gateway::edge
