// What a lane and route of the relay shows: metrics, and the log lines an operator needs.
#pragma once

#include <array>
#include <string>

#include "libs/service/metrics.h"
#include "services/relay/gateway_log.h"
#include "services/relay/lane_pipeline.h"

namespace platen::relay {

// Thread-confined to its pipeline. `metrics` and `gateway` must outlive it.
class RelayMetrics final : public PipelineObserver {
 public:
  RelayMetrics(service::Metrics& metrics, std::string lane, std::string route, GatewayLog& gateway);

  void OnState(const core::RelayTotals& totals, const State& state) override;
  void OnBatchSent(std::size_t events, std::size_t bytes) override;
  void OnStreamUp(const std::string& server) override;
  void OnStreamDown(const edge::GatewayTrouble& trouble, bool lasted) override;
  void OnCommit(const absl::Status& outcome) override;
  void OnDirective(std::uint64_t number, const absl::Status& outcome) override;
  void OnGap(const broker::OutOfRange& gap) override;
  void OnTrouble(const absl::Status& trouble) override;

 private:
  service::Labels With(const std::string& label, const std::string& value) const;

  GatewayLog& gateway_;
  const std::string lane_;
  const std::string route_;
  core::RelayTotals told_;

  service::Counter& accepted_;
  service::Counter& rewound_;
  service::Counter& delivered_;
  service::Counter& duplicates_;
  service::Counter& dead_lettered_;
  service::Counter& dropped_;
  service::Counter& handed_back_;
  service::Counter& skipped_;
  service::Counter& unknown_route_;
  std::array<service::Counter*, core::kDeadLetterReasons> refused_{};
  service::Histogram& batch_events_;
  service::Histogram& batch_bytes_;
  service::Gauge& in_flight_;
  service::Gauge& buffered_bytes_;
  service::Gauge& lag_;
  service::Gauge& window_;
  service::Gauge& stream_up_;
  std::array<service::Counter*, edge::kGatewayFaults> reconnects_{};  // By reason.
  service::Counter& commit_failures_;
  service::Counter& directives_stored_;
  service::Counter& directives_refused_;
  service::Counter& gap_records_;
};

}  // namespace platen::relay
