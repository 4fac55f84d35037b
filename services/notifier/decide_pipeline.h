// platen.alerts.v1 → decide and group → platen.notifier-state.v1, platen.notifications.v1.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "services/notifier/core/decide_core.h"
#include "services/notifier/edge/rules_reader.h"
#include "services/notifier/partition_pipeline.h"

namespace platen::notifier {

class DecidePipeline final : public PartitionPipeline {
 public:
  DecidePipeline(const PipelineContext& context,
                 const PipelineOptions& options,
                 const core::DecideOptions& decide,
                 const std::vector<rules::v1::Record>& rules);
  ~DecidePipeline() override;

  absl::Status Step(std::chrono::milliseconds max_wait) override;

  // The configuration's rules from now on. Errors: DecideCore::SetDefaults().
  absl::Status SetRules(const std::vector<rules::v1::Record>& rules) {
    return core_.SetDefaults(rules);
  }

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
  absl::Status ReadRules(std::chrono::milliseconds max_wait);
  void OnRule(std::string_view key, std::optional<std::string_view> value);
  std::chrono::milliseconds WaitOf(std::chrono::milliseconds max_wait) const;
  void OnTimers();

  core::DecideCore core_;
  std::uint64_t decided_ = 0;
  std::uint64_t told_ = 0;
  std::unique_ptr<edge::RulesReader> rules_;
  std::optional<base::MonotonicTime> last_forget_;
};

}  // namespace platen::notifier
