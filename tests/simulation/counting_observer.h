// Hears what a relay's pipeline tells its observer, and counts what the simulations ask about.
#pragma once

#include <string>

#include "services/relay/lane_pipeline.h"

namespace platen::simulation {

class CountingObserver final : public relay::PipelineObserver {
 public:
  void OnState(const relay::core::RelayTotals&, const State&) override {}

  void OnBatchSent(std::size_t, std::size_t) override {}

  void OnStreamUp(const std::string&) override {}

  void OnStreamDown(const relay::edge::GatewayTrouble&, bool) override {}

  void OnCommit(const absl::Status& outcome) override { failed_commits += outcome.ok() ? 0 : 1; }

  void OnDirective(std::uint64_t, const absl::Status&) override {}

  void OnGap(const broker::OutOfRange&) override { ++gaps; }

  void OnTrouble(const absl::Status&) override {}

  int failed_commits = 0;
  int gaps = 0;
};

}  // namespace platen::simulation
