#include "services/notifier/partition_pipeline.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/service/log.h"

namespace platen::notifier {

PartitionPipeline::PartitionPipeline(const PipelineContext& context,
                                     PipelineOptions options,
                                     StageEnds ends)
    : context_(context), options_(std::move(options)), ends_(std::move(ends)) {}

PartitionPipeline::~PartitionPipeline() = default;

absl::Status PartitionPipeline::EnsureOpen() {
  if (reader_ != nullptr) return absl::OkStatus();
  if (queue_ == nullptr) {
    PLATEN_ASSIGN_OR_RETURN(auto publisher,
                            context_.broker.NewPublisher({.linger = ends_.linger, .gather = true}));
    queue_ = std::make_unique<edge::PublishQueue>(std::move(publisher));
  }
  PLATEN_ASSIGN_OR_RETURN(plan_, edge::LearnTopics(options_.topics, queue_->publisher()));
  voice_ = std::make_unique<edge::Voice>(edge::VoiceOptions{.instance = options_.instance,
                                                            .epoch = options_.epoch,
                                                            .version = options_.version,
                                                            .start_time = context_.clock.WallNow(),
                                                            .topic = plan_.alerts,
                                                            .partitions = plan_.alert_partitions},
                                         *queue_);
  reader_ = std::make_unique<edge::PartitionReader>(
      context_.broker,
      edge::PartitionReaderOptions{
          .input_topic = ends_.input_topic,
          .group = base::StrCat(options_.group_prefix, "-notifier-", ends_.stage),
          .state_topic = ends_.state_topic},
      static_cast<edge::PartitionHandler&>(*this));
  return absl::OkStatus();
}

void PartitionPipeline::Publish(edge::OwnedRecord record, alerting::Token token) {
  queue_->Add(std::move(record), Acknowledgement(token));
}

void PartitionPipeline::Publish(edge::OwnedRecord record, std::vector<alerting::Token> tokens) {
  queue_->Add(std::move(record), Acknowledgement(std::move(tokens)));
}

edge::PublishQueue::Done PartitionPipeline::Acknowledgement(alerting::Token token) {
  return [this, token](const absl::Status& status) {
    NoteRefused(status);
    OnAcknowledged(token);
  };
}

edge::PublishQueue::Done PartitionPipeline::Acknowledgement(std::vector<alerting::Token> tokens) {
  return [this, tokens = std::move(tokens)](const absl::Status& status) {
    NoteRefused(status);
    for (const alerting::Token token : tokens) OnAcknowledged(token);
  };
}

// Waiting would not help. What follows from it is said all the same: a message too many, or one
// that a crash may lose, is better than none.
void PartitionPipeline::NoteRefused(const absl::Status& status) {
  if (status.ok()) return;
  context_.metrics.refused_records.Increment();
  service::LogError("kafka refuses a record", {{"reason", base::ToStd(status.message())}});
}

void PartitionPipeline::NoteSkipped(std::int32_t partition, const absl::Status& status) {
  if (status.ok()) return;
  context_.metrics.OnSkippedState(ends_.stage);
  Skipped& skipped = skipped_[partition];
  if (skipped.records++ == 0) skipped.first_reason = base::ToStd(status.message());
}

void PartitionPipeline::SaySkipped(std::int32_t partition) {
  const auto skipped = skipped_.extract(partition);
  if (skipped.empty()) return;
  service::LogError("state records are skipped: whoever writes to this topic is no notifier",
                    {{"topic", ends_.state_topic},
                     {"partition", partition},
                     {"records", skipped.mapped().records},
                     {"first_reason", skipped.mapped().first_reason}});
}

void PartitionPipeline::OnGap(std::int32_t partition, std::int64_t wanted, std::int64_t earliest) {
  context_.metrics.gaps.Increment();
  service::LogError("retention ate records before they were read",
                    {{"topic", ends_.input_topic},
                     {"partition", partition},
                     {"first", wanted},
                     {"next", earliest}});
  voice_->SayGap(
      context_.clock.WallNow(), base::StrCat(ends_.input_topic, "/", partition), wanted, earliest);
}

void PartitionPipeline::BeginDrain() {
  if (reader_ != nullptr) reader_->BeginDrain();
}

bool PartitionPipeline::is_drained() const {
  return reader_ == nullptr || (reader_->is_drained() && queue_->in_flight() == 0);
}

void PartitionPipeline::Close(std::chrono::milliseconds max_wait) {
  if (reader_ != nullptr) reader_->Close(max_wait);
}

std::size_t PartitionPipeline::owned() const {
  return reader_ == nullptr ? 0 : reader_->owned();
}

}  // namespace platen::notifier
