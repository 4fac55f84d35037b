// platen.alerts.v1 → decide and group → platen.notifier-state.v1, platen.notifications.v1.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/alerting/decide_core.h"
#include "services/notifier/edge/rules_reader.h"
#include "services/notifier/partition_pipeline.h"

namespace platen::notifier {

class DecidePipeline final : public PartitionPipeline {
 public:
  DecidePipeline(const PipelineContext& context,
                 const PipelineOptions& options,
                 const alerting::DecideOptions& decide);
  ~DecidePipeline() override;

  absl::Status Step(std::chrono::milliseconds max_wait) override;

  // The configuration's rules and the names of its receivers from now on; there are none before.
  // Errors: DecideCore::SetDefaults().
  absl::Status SetRules(const std::vector<rules::v1::Record>& rules,
                        std::set<std::string> receivers);

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
  void OnAcknowledged(alerting::Token token) override;

  void Apply(alerting::DecideEffects effects);
  absl::Status ReadRules(std::chrono::milliseconds max_wait);
  void OnRule(std::string_view key, std::optional<std::string_view> value);
  void ReadTargets();
  void OnTarget(std::string_view key, std::optional<std::string_view> value);
  std::chrono::milliseconds WaitOf(std::chrono::milliseconds max_wait) const;
  void OnTimers();
  void SayWhatIsMissing();

  alerting::DecideCore core_;
  std::uint64_t decided_ = 0;
  std::uint64_t told_ = 0;
  std::unique_ptr<edge::RulesReader> rules_;
  // Null until it could be opened.
  std::unique_ptr<edge::RulesReader> targets_;
  bool is_roll_lost_ = false;
  std::optional<base::MonotonicTime> last_forget_;
  std::set<std::string> receivers_;
  // Rules or receivers have changed since what is missing was said.
  bool rules_changed_ = true;
  base::MonotonicTime last_look_at_rules_;
  std::set<std::string> missing_;
};

}  // namespace platen::notifier
