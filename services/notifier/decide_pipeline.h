// platen.alerts.v1 → decide and group → platen.notifier-state.v1, platen.notifications.v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "services/notifier/core/decide_core.h"
#include "services/notifier/core/routing.h"
#include "services/notifier/partition_pipeline.h"

namespace platen::notifier {

class DecidePipeline final : public PartitionPipeline {
 public:
  DecidePipeline(const PipelineContext& context,
                 const PipelineOptions& options,
                 const core::DecideOptions& decide,
                 core::Routing routing);
  ~DecidePipeline() override;

  absl::Status Step(std::chrono::milliseconds max_wait) override;

  // Who is told of what from now on.
  void SetRouting(core::Routing routing) { core_.SetRouting(std::move(routing)); }

 private:
  void OnAssigned(std::int32_t partition) override;
  void OnRestored(std::int32_t partition,
                  std::string_view key,
                  std::optional<std::string_view> value) override;
  void OnRestoreEnd(std::int32_t partition) override;
  void OnRecord(std::int32_t partition, std::int64_t offset, std::string_view value) override;
  void OnDrain(std::int32_t partition) override;
  bool IsIdle(std::int32_t partition) override;
  void OnGone(std::int32_t partition) override;
  void OnAcknowledged(core::Token token) override;

  void Apply(const core::DecideEffects& effects);
  void OnTimers();

  core::DecideCore core_;
  std::uint64_t decided_ = 0;
  std::uint64_t told_ = 0;
  std::optional<base::MonotonicTime> last_forget_;
};

}  // namespace platen::notifier
