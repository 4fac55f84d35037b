// platen.alerts.v1 → decide and group → platen.notifier-state.v1, platen.notifications.v1.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/notifier/core/decide_core.h"
#include "services/notifier/core/routing.h"
#include "services/notifier/edge/partition_reader.h"
#include "services/notifier/edge/publish_queue.h"
#include "services/notifier/edge/topic_plan.h"
#include "services/notifier/edge/voice.h"
#include "services/notifier/pipeline.h"

namespace platen::notifier {

class DecidePipeline final : public Pipeline, private edge::PartitionHandler {
 public:
  // `routing` must outlive this.
  DecidePipeline(const PipelineContext& context,
                 PipelineOptions options,
                 const core::DecideOptions& decide,
                 const core::Routing& routing);
  ~DecidePipeline() override;

  absl::Status Step(std::chrono::milliseconds max_wait) override;
  void BeginDrain() override;
  bool is_drained() const override;
  void Close(std::chrono::milliseconds max_wait) override;
  std::size_t owned() const override;

 private:
  absl::Status Open();
  void OnAssigned(std::int32_t partition) override;
  void OnRestored(std::int32_t partition,
                  std::string_view key,
                  std::optional<std::string_view> value) override;
  void OnRestoreEnd(std::int32_t partition) override;
  void OnRecord(std::int32_t partition, std::int64_t offset, std::string_view value) override;
  void OnGap(std::int32_t partition, std::int64_t wanted, std::int64_t earliest) override;
  void OnDrain(std::int32_t partition) override;
  bool IsIdle(std::int32_t partition) override;
  void OnGone(std::int32_t partition) override;

  void Apply(const core::DecideEffects& effects);
  void Publish(edge::OwnedRecord record, core::Token token);
  void OnTimers();

  const PipelineContext context_;
  const PipelineOptions options_;
  core::DecideCore core_;
  edge::TopicPlan plan_;
  std::unique_ptr<edge::PublishQueue> queue_;
  std::unique_ptr<edge::Voice> voice_;
  std::unique_ptr<edge::PartitionReader> reader_;
  std::uint64_t decided_ = 0;
  std::uint64_t told_ = 0;
  std::optional<base::MonotonicTime> last_forget_;
};

}  // namespace platen::notifier
