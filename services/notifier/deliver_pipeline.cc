#include "services/notifier/deliver_pipeline.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/log.h"
#include "services/notifier/edge/dead_letters.h"

namespace platen::notifier {
namespace {

using event::v1::NotificationReport;

// Records that wait for Kafka; beyond, nothing more is read.
constexpr std::size_t kWaitingMax = 4000;

constexpr base::Duration kFiguresInterval = std::chrono::milliseconds(50);

// Those of `terms`, or the defaults, for each channel.
Terms TermsOf(const Channels& channels, const Terms& terms) {
  Terms known;
  for (const auto& [receiver, channel] : channels) {
    if (const auto found = terms.find(receiver); found != terms.end()) {
      known[receiver] = found->second;
    }
    known[receiver].channel = channel->kind();
  }
  return known;
}

}  // namespace

// Outcomes of tries, handed over from whichever thread they come on.
class DeliverPipeline::Results {
 public:
  using Outcome = std::pair<alerting::Token, core::SendResult>;

  void Add(alerting::Token token, core::SendResult result) {
    const std::lock_guard lock(mutex_);
    outcomes_.emplace_back(token, std::move(result));
  }

  std::vector<Outcome> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(outcomes_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Outcome> outcomes_;
};

DeliverPipeline::DeliverPipeline(const PipelineContext& context,
                                 const PipelineOptions& options,
                                 const core::DeliverOptions& deliver,
                                 Channels channels,
                                 const Terms& terms,
                                 base::Random& random)
    : PartitionPipeline(context,
                        options,
                        {.stage = "deliver",
                         .input_topic = options.topics.notifications(),
                         .state_topic = options.topics.deliveries(),
                         .linger = std::chrono::milliseconds(5)}),
      channels_(std::move(channels)),
      core_(deliver, TermsOf(channels_, terms), random),
      results_(std::make_shared<Results>()) {
  IndexChannels();
}

DeliverPipeline::~DeliverPipeline() = default;

absl::Status DeliverPipeline::Step(std::chrono::milliseconds max_wait) {
  PLATEN_RETURN_IF_ERROR(EnsureOpen());
  TakeResults();
  Apply(core_.OnTimer(Now()));
  queue().Poll(std::chrono::milliseconds(0));
  const absl::Status status = reader().Step(WaitOf(max_wait));
  queue().Poll(std::chrono::milliseconds(0));
  reader().SetThrottled(queue().waiting() > kWaitingMax || core_.is_crowded());
  ShowFigures();
  return status.ok() ? queue().obstacle() : status;
}

void DeliverPipeline::SetChannels(Channels channels,
                                  const Terms& terms,
                                  const std::set<std::string>& changed) {
  channels_ = std::move(channels);
  IndexChannels();
  Apply(core_.SetReceivers(Now(), TermsOf(channels_, terms), changed));
}

void DeliverPipeline::IndexChannels() {
  channel_of_.clear();
  for (const auto& [receiver, channel] : channels_) channel_of_[receiver] = channel.get();
}

// Outcomes and acknowledgements come without waking this thread: while some are due, it looks
// often.
std::chrono::milliseconds DeliverPipeline::WaitOf(std::chrono::milliseconds max_wait) const {
  if (core_.sending() > 0 || queue().in_flight() > 0) {
    return std::min(max_wait, std::chrono::milliseconds(1));
  }
  if (const auto wake = core_.next_wake(); wake.has_value()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*wake - context().clock.Now());
    return std::clamp(left, std::chrono::milliseconds(0), max_wait);
  }
  return max_wait;
}

void DeliverPipeline::TakeResults() {
  const std::vector<Results::Outcome> results = results_->Take();
  if (!results.empty()) Apply(core_.OnResults(Now(), results));
}

// They are counted over all receivers: not at each of many turns in a millisecond.
void DeliverPipeline::ShowFigures() {
  const base::MonotonicTime now = context().clock.Now();
  if (now < next_figures_) return;
  next_figures_ = now + kFiguresInterval;
  context().metrics.parked.Set(static_cast<double>(core_.parked()));
  context().metrics.queued.Set(static_cast<double>(core_.queued()));
  context().metrics.held_by_rate.Set(static_cast<double>(core_.held_by_rate(now)));
  context().metrics.held_for_sites.Set(static_cast<double>(core_.held_for_sites()));
  context().metrics.silent_sites.Set(static_cast<double>(core_.silent_sites()));
  context().metrics.remembered.Set(static_cast<double>(core_.remembered()));
  context().metrics.sending.Set(static_cast<double>(core_.sending()));
  context().metrics.deliver_lag.Set(static_cast<double>(reader().lag()));
  context().metrics.deliver_partitions.Set(static_cast<double>(reader().owned()));
  voice().OnTimer(now,
                  context().clock.WallNow(),
                  {{"notifications_delivered_total", static_cast<double>(delivered_)},
                   {"notifications_failed_total", static_cast<double>(failed_)},
                   {"notifications_queued", static_cast<double>(core_.queued())},
                   {"notifications_parked", static_cast<double>(core_.parked())}});
}

void DeliverPipeline::OnAssigned(std::int32_t partition) {
  core_.Assign(partition);
}

void DeliverPipeline::OnRestored(std::int32_t partition,
                                 std::string_view key,
                                 std::optional<std::string_view> value) {
  NoteSkipped(partition, core_.OnRestored(partition, key, value));
}

void DeliverPipeline::OnRestoreEnd(std::int32_t partition) {
  SaySkipped(partition);
  Apply(core_.OnRestoreEnd(Now(), partition));
}

void DeliverPipeline::OnRecord(std::int32_t partition,
                               std::int64_t offset,
                               std::string_view value) {
  Apply(core_.OnRecord(Now(), {.partition = partition, .offset = offset, .value = value}));
}

void DeliverPipeline::OnDrain(std::int32_t partition) {
  core_.Drain(partition);
}

bool DeliverPipeline::IsIdle(std::int32_t partition) {
  return core_.is_idle(partition);
}

void DeliverPipeline::OnGone(std::int32_t partition) {
  core_.Revoke(partition);
}

void DeliverPipeline::Apply(core::DeliverEffects effects) {
  for (const core::SendEffect& effect : effects.sends) Send(effect);
  for (const core::ParkEffect& effect : effects.parks) {
    edge::OwnedRecord record{
        .topic = plan().deliveries, .partition = effect.partition, .key = effect.key};
    if (effect.parked.has_value()) record.value = effect.parked->SerializeAsString();
    Publish(std::move(record), effect.token);
  }
  for (core::ReportEffect& effect : effects.reports) {
    voice().Say(std::move(effect.event), Acknowledgement(std::move(effect.tokens)));
  }
  for (const alerting::DeadLetterEffect& effect : effects.dead_letters) {
    Publish(edge::MakeDeadLetter(effect, plan().notifications, context().clock.WallNow(), plan()),
            effect.token);
  }
  for (const alerting::CommitEffect& commit : effects.commits) {
    reader().Commit(commit.partition, commit.next);
  }
  for (std::size_t i = 0; i < effects.inhibited; ++i) {
    context().metrics.OnDecision(v1::DECISION_REASON_SITE_SILENT);
  }
  context().metrics.gathered.Increment(static_cast<double>(effects.gathered));
  context().metrics.repeats_spared.Increment(static_cast<double>(effects.repeats_spared));
  for (const core::RetryEffect& retry : effects.retries) OnRetry(retry);
  for (const core::EndedEffect& ended : effects.ended) OnEnded(ended);
}

void DeliverPipeline::OnRetry(const core::RetryEffect& retry) {
  context().metrics.OnRetry(KindOf(retry.notification->receiver()));
  service::LogWarning("a receiver does not take a notification; it is tried again",
                      {{"receiver", retry.notification->receiver()},
                       {"id", base::HexEncode(retry.notification->id())},
                       {"attempts", retry.attempts},
                       {"reason", retry.detail}});
}

void DeliverPipeline::OnEnded(const core::EndedEffect& ended) {
  const v1::Notification& notification = *ended.notification;
  const bool delivered = ended.outcome == NotificationReport::OUTCOME_DELIVERED;
  ++(delivered ? delivered_ : failed_);
  context().metrics.OnDeliveryEnd(
      KindOf(notification.receiver()),
      ended.outcome,
      context().clock.WallNow() - event::FromProto(notification.event().observation_time()));
  const auto level = delivered ? service::LogLevel::kInfo : service::LogLevel::kWarning;
  if (!service::LogEnabled(level)) return;
  service::Log(level,
               "notification ended",
               {{"receiver", notification.receiver()},
                {"id", base::HexEncode(notification.id())},
                {"outcome", NotificationReport::Outcome_Name(ended.outcome)},
                {"attempts", ended.attempts}});
}

void DeliverPipeline::Send(const core::SendEffect& effect) {
  std::shared_ptr<const v1::Notification> notification = effect.notification;
  if (links_.has_value()) {
    notification = std::make_shared<const v1::Notification>(links_->AddTo(*notification));
  }
  ChannelOf(effect.notification->receiver())
      ->Send({.notification = std::move(notification),
              .attempt = effect.attempt,
              .now = context().clock.WallNow()},
             [results = results_, token = effect.token](core::SendResult result) {
               results->Add(token, std::move(result));
             });
}

void DeliverPipeline::OnAcknowledged(alerting::Token token) {
  Apply(core_.OnAcknowledged(token));
}

edge::Channel* DeliverPipeline::ChannelOf(const std::string& receiver) const {
  const auto found =
      channel_of_.find(core::IsContact(receiver) ? std::string(core::kContacts) : receiver);
  return found == channel_of_.end() ? nullptr : found->second;
}

std::string DeliverPipeline::KindOf(const std::string& receiver) const {
  const edge::Channel* const channel = ChannelOf(receiver);
  return std::string(channel == nullptr ? kNoChannel : channel->kind());
}

core::Moment DeliverPipeline::Now() const {
  return {.monotonic = context().clock.Now(), .wall = context().clock.WallNow()};
}

}  // namespace platen::notifier
