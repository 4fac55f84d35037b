// What the spool shows to Prometheus.
#pragma once

#include <array>

#include "libs/service/metrics.h"
#include "services/collector/edge/spool.h"

namespace platen::collector {

// Update() belongs to the loop's thread.
class SpoolMetrics {
 public:
  explicit SpoolMetrics(service::Metrics& metrics);

  void Update(const edge::SpoolFigures& figures);

 private:
  service::Gauge& away_;
  service::Gauge& bytes_;
  service::Gauge& states_;
  service::Gauge& oldest_;
  service::Counter& outages_;
  service::Counter& written_;
  service::Counter& failed_;
  service::Counter& set_aside_;
  std::array<service::Gauge*, core::kLaneCount> events_{};
  std::array<std::array<service::Counter*, edge::kSpoolLosses>, core::kLaneCount> lost_{};
  edge::SpoolFigures seen_;
};

}  // namespace platen::collector
