// What a stage does at its ends in Kafka, whatever it decides in between: opens them, tells of what
// retention ate, hands back and leaves. DecidePipeline and DeliverPipeline add their core.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/alerting/effects.h"
#include "services/notifier/edge/partition_reader.h"
#include "services/notifier/edge/publish_queue.h"
#include "services/notifier/edge/topic_plan.h"
#include "services/notifier/edge/voice.h"
#include "services/notifier/pipeline.h"

namespace platen::notifier {

// The ends of one stage.
struct StageEnds {
  // Of the group's name: "decide" makes "platen-notifier-decide".
  std::string stage;
  std::string input_topic;
  // Keeps what the stage knows; has as many partitions as the input.
  std::string state_topic;
  // How long a record may wait for others to travel with.
  std::chrono::milliseconds linger{0};
};

// Thread-confined, as every Pipeline.
class PartitionPipeline : public Pipeline, protected edge::PartitionHandler {
 public:
  ~PartitionPipeline() override;

  void BeginDrain() final;
  bool is_drained() const final;
  void Close(std::chrono::milliseconds max_wait) final;
  std::size_t owned() const final;

 protected:
  PartitionPipeline(const PipelineContext& context, PipelineOptions options, StageEnds ends);

  // Makes queue, voice and reader unless they are there. Errors pass or stay until an operator
  // acts; the next turn tries again. The accessors below have an OK as precondition.
  absl::Status EnsureOpen();

  const PipelineContext& context() const { return context_; }

  const edge::TopicPlan& plan() const { return plan_; }

  edge::PublishQueue& queue() { return *queue_; }

  const edge::PublishQueue& queue() const { return *queue_; }

  edge::Voice& voice() { return *voice_; }

  edge::PartitionReader& reader() { return *reader_; }

  // Publishes the record. OnAcknowledged(token) follows once Kafka has it, or has refused it for
  // good; for each of `tokens`, in order.
  void Publish(edge::OwnedRecord record, alerting::Token token);
  void Publish(edge::OwnedRecord record, std::vector<alerting::Token> tokens);

  // The same for what the voice says.
  edge::PublishQueue::Done Acknowledgement(alerting::Token token);
  edge::PublishQueue::Done Acknowledgement(std::vector<alerting::Token> tokens);

  virtual void OnAcknowledged(alerting::Token token) = 0;

  // Counts a record of the state topic that could not be read; nothing where `status` is OK.
  void NoteSkipped(std::int32_t partition, const absl::Status& status);

  // The partition was restored: one line says how many of its records were skipped, if any.
  void SaySkipped(std::int32_t partition);

  void OnGap(std::int32_t partition, std::int64_t wanted, std::int64_t earliest) final;

 private:
  void NoteRefused(const absl::Status& status);

  const PipelineContext context_;
  const PipelineOptions options_;
  const StageEnds ends_;

  // Of a partition that is being restored.
  struct Skipped {
    std::uint64_t records = 0;
    std::string first_reason;
  };

  edge::TopicPlan plan_;
  std::map<std::int32_t, Skipped> skipped_;
  std::unique_ptr<edge::PublishQueue> queue_;
  std::unique_ptr<edge::Voice> voice_;
  std::unique_ptr<edge::PartitionReader> reader_;
};

}  // namespace platen::notifier
