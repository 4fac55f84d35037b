// platen.notifications.v1 → deliver → receivers; platen.deliveries.v1, reports on platen.alerts.v1.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/random.h"
#include "services/notifier/core/deliver_core.h"
#include "services/notifier/edge/channels/channel.h"
#include "services/notifier/edge/partition_reader.h"
#include "services/notifier/edge/publish_queue.h"
#include "services/notifier/edge/topic_plan.h"
#include "services/notifier/edge/voice.h"
#include "services/notifier/pipeline.h"

namespace platen::notifier {

// By receiver.
using Channels = std::map<std::string, std::unique_ptr<edge::Channel>>;

class DeliverPipeline final : public Pipeline, private edge::PartitionHandler {
 public:
  // `channels` and `random` must outlive this; tries that outlive it have no consequence.
  DeliverPipeline(const PipelineContext& context,
                  PipelineOptions options,
                  const core::DeliverOptions& deliver,
                  const Channels& channels,
                  base::Random& random);
  ~DeliverPipeline() override;

  absl::Status Step(std::chrono::milliseconds max_wait) override;
  void BeginDrain() override;
  bool is_drained() const override;
  void Close(std::chrono::milliseconds max_wait) override;
  std::size_t owned() const override;

 private:
  class Results;

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

  void Apply(const core::DeliverEffects& effects);
  void Send(const core::SendEffect& effect);
  void OnRetry(const core::RetryEffect& retry);
  void OnEnded(const core::EndedEffect& ended);
  void Publish(edge::OwnedRecord record, core::Token token);
  void OnPublished(const absl::Status& status, core::Token token);
  void TakeResults();
  void ShowFigures();
  std::chrono::milliseconds WaitOf(std::chrono::milliseconds max_wait) const;
  std::string KindOf(const std::string& receiver) const;
  core::Moment Now() const;

  const PipelineContext context_;
  const PipelineOptions options_;
  const Channels& channels_;
  core::DeliverCore core_;
  edge::TopicPlan plan_;
  std::unique_ptr<edge::PublishQueue> queue_;
  std::unique_ptr<edge::Voice> voice_;
  std::unique_ptr<edge::PartitionReader> reader_;
  // Shared with tries under way.
  std::shared_ptr<Results> results_;
  std::uint64_t delivered_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace platen::notifier
