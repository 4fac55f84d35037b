#include "services/notifier/decide_pipeline.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/service/log.h"
#include "services/notifier/edge/dead_letters.h"

namespace platen::notifier {
namespace {

// Inputs that may be on their way through this stage; beyond, nothing more is read.
constexpr std::size_t kOpenInputsMax = 4000;
constexpr base::Duration kForgetInterval = std::chrono::minutes(1);

}  // namespace

DecidePipeline::DecidePipeline(const PipelineContext& context,
                               PipelineOptions options,
                               const core::DecideOptions& decide,
                               const core::Routing& routing)
    : context_(context), options_(std::move(options)), core_(decide, routing) {}

DecidePipeline::~DecidePipeline() = default;

absl::Status DecidePipeline::Open() {
  if (queue_ == nullptr) {
    PLATEN_ASSIGN_OR_RETURN(auto publisher,
                            context_.broker.NewPublisher({.linger = std::chrono::milliseconds(0)}));
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
      edge::PartitionReaderOptions{.input_topic = plan_.alerts,
                                   .group = options_.group_prefix + "-notifier-decide",
                                   .state_topic = plan_.notifier_state},
      static_cast<edge::PartitionHandler&>(*this));
  return absl::OkStatus();
}

absl::Status DecidePipeline::Step(std::chrono::milliseconds max_wait) {
  if (reader_ == nullptr) PLATEN_RETURN_IF_ERROR(Open());
  // What is on its way is waited for there, what is to come here: an alarm is in neither queue
  // long.
  const bool busy = queue_->in_flight() > 0;
  queue_->Poll(std::min(max_wait, std::chrono::milliseconds(2)));
  const absl::Status status = reader_->Step(busy ? std::chrono::milliseconds(0) : max_wait);
  OnTimers();
  queue_->Poll(std::chrono::milliseconds(0));
  reader_->SetThrottled(core_.open_inputs() > kOpenInputsMax || queue_->waiting() > kOpenInputsMax);
  context_.metrics.outbox.Set(static_cast<double>(core_.outbox_entries()));
  context_.metrics.decide_lag.Set(static_cast<double>(reader_->lag()));
  context_.metrics.decide_partitions.Set(static_cast<double>(reader_->owned()));
  return status.ok() ? queue_->obstacle() : status;
}

void DecidePipeline::OnTimers() {
  const base::MonotonicTime now = context_.clock.Now();
  if (!last_forget_.has_value() || now - *last_forget_ >= kForgetInterval) {
    last_forget_ = now;
    Apply(core_.OnTimer(context_.clock.WallNow()));
  }
  voice_->OnTimer(now,
                  context_.clock.WallNow(),
                  {{"decisions_total", static_cast<double>(decided_)},
                   {"incidents_told_total", static_cast<double>(told_)},
                   {"outbox", static_cast<double>(core_.outbox_entries())}});
}

void DecidePipeline::OnAssigned(std::int32_t partition) {
  core_.Assign(partition);
}

void DecidePipeline::OnRestored(std::int32_t partition,
                                std::string_view key,
                                std::optional<std::string_view> value) {
  if (const absl::Status status = core_.OnRestored(partition, key, value); !status.ok()) {
    service::LogError("a state record is skipped",
                      {{"topic", plan_.notifier_state},
                       {"partition", partition},
                       {"reason", base::ToStd(status.message())}});
  }
}

void DecidePipeline::OnRestoreEnd(std::int32_t partition) {
  Apply(core_.OnRestoreEnd(partition));
}

void DecidePipeline::OnRecord(std::int32_t partition, std::int64_t offset, std::string_view value) {
  Apply(core_.OnRecord(context_.clock.WallNow(),
                       {.partition = partition, .offset = offset, .value = value}));
}

void DecidePipeline::OnGap(std::int32_t partition, std::int64_t wanted, std::int64_t earliest) {
  context_.metrics.gaps.Increment();
  service::LogError(
      "retention ate alerts before they were read",
      {{"topic", plan_.alerts}, {"partition", partition}, {"first", wanted}, {"next", earliest}});
  voice_->SayGap(
      context_.clock.WallNow(), base::StrCat(plan_.alerts, "/", partition), wanted, earliest);
}

void DecidePipeline::OnDrain(std::int32_t) {}

bool DecidePipeline::IsIdle(std::int32_t partition) {
  return core_.is_idle(partition);
}

void DecidePipeline::OnGone(std::int32_t partition) {
  core_.Revoke(partition);
}

void DecidePipeline::Apply(const core::DecideEffects& effects) {
  for (const core::StateEffect& effect : effects.states) {
    edge::OwnedRecord record{
        .topic = plan_.notifier_state, .partition = effect.partition, .key = effect.key};
    if (effect.state.has_value()) record.value = effect.state->SerializeAsString();
    Publish(std::move(record), effect.token);
  }
  for (const core::NotificationEffect& effect : effects.notifications) {
    Publish({.topic = plan_.notifications,
             .partition = broker::PartitionFor(effect.keyed.key, plan_.notification_partitions),
             .key = effect.keyed.key,
             .value = effect.keyed.notification.SerializeAsString()},
            effect.token);
  }
  for (const core::DeadLetterEffect& effect : effects.dead_letters) {
    Publish(edge::MakeDeadLetter(effect, plan_.alerts, context_.clock.WallNow(), plan_),
            effect.token);
  }
  for (const core::CommitEffect& commit : effects.commits) {
    reader_->Commit(commit.partition, commit.next);
  }
  for (const v1::DecisionReason reason : effects.reasons) {
    context_.metrics.OnDecision(reason);
    if (reason != v1::DECISION_REASON_NOT_AN_ALERT) ++decided_;
    if (reason == v1::DECISION_REASON_RAISED || reason == v1::DECISION_REASON_CLEARED) ++told_;
  }
}

void DecidePipeline::Publish(edge::OwnedRecord record, core::Token token) {
  queue_->Add(std::move(record), [this, token](const absl::Status& status) {
    if (!status.ok()) {
      // Waiting would not help. What follows from it is said all the same: a message too many, or
      // one that a crash may lose, is better than none.
      context_.metrics.refused_records.Increment();
      service::LogError("kafka refuses a record", {{"reason", base::ToStd(status.message())}});
    }
    Apply(core_.OnAcknowledged(token));
  });
}

void DecidePipeline::BeginDrain() {
  if (reader_ != nullptr) reader_->BeginDrain();
}

bool DecidePipeline::is_drained() const {
  return reader_ == nullptr || (reader_->is_drained() && queue_->in_flight() == 0);
}

void DecidePipeline::Close(std::chrono::milliseconds max_wait) {
  if (reader_ != nullptr) reader_->Close(max_wait);
}

std::size_t DecidePipeline::owned() const {
  return reader_ == nullptr ? 0 : reader_->owned();
}

}  // namespace platen::notifier
