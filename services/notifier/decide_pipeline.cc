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
                               const PipelineOptions& options,
                               const core::DecideOptions& decide,
                               const std::vector<rules::v1::Record>& rules)
    : PartitionPipeline(context,
                        options,
                        {.stage = "decide",
                         .input_topic = options.topics.Lane(event::v1::LANE_ALERTS),
                         .state_topic = options.topics.notifier_state()}),
      core_(decide) {
  if (const absl::Status status = core_.SetDefaults(rules); !status.ok()) {
    service::LogError("the configuration's rules are not taken",
                      {{"reason", base::ToStd(status.message())}});
  }
}

DecidePipeline::~DecidePipeline() = default;

absl::Status DecidePipeline::Step(std::chrono::milliseconds max_wait) {
  PLATEN_RETURN_IF_ERROR(EnsureOpen());
  PLATEN_RETURN_IF_ERROR(ReadRules(max_wait));
  // Nobody is told before all rules are known.
  if (!rules_->is_restored()) return absl::OkStatus();
  // What is on its way is waited for there, what is to come here: an alarm is in neither queue
  // long.
  const bool busy = queue().in_flight() > 0;
  queue().Poll(std::min(max_wait, std::chrono::milliseconds(2)));
  const absl::Status status = reader().Step(busy ? std::chrono::milliseconds(0) : WaitOf(max_wait));
  OnTimers();
  queue().Poll(std::chrono::milliseconds(0));
  reader().SetThrottled(core_.open_inputs() > kOpenInputsMax || queue().waiting() > kOpenInputsMax);
  context().metrics.outbox.Set(static_cast<double>(core_.outbox_entries()));
  context().metrics.decide_lag.Set(static_cast<double>(reader().lag()));
  context().metrics.decide_partitions.Set(static_cast<double>(reader().owned()));
  return status.ok() ? queue().obstacle() : status;
}

absl::Status DecidePipeline::ReadRules(std::chrono::milliseconds max_wait) {
  if (rules_ == nullptr) {
    PLATEN_ASSIGN_OR_RETURN(
        rules_, edge::RulesReader::Open(context().broker, plan().rules, plan().rule_partitions));
  }
  return rules_->Step(
      rules_->is_restored() ? std::chrono::milliseconds(0) : max_wait,
      [this](std::string_view key, std::optional<std::string_view> value) { OnRule(key, value); });
}

void DecidePipeline::OnRule(std::string_view key, std::optional<std::string_view> value) {
  core::DecideEffects effects;
  const absl::Status status = core_.OnRule(context().clock.WallNow(), key, value, effects);
  context().metrics.OnRule(status.ok());
  if (!status.ok()) {
    service::LogError("a rule is not taken; what was under its name before stands",
                      {{"reason", base::ToStd(status.message())}});
  }
  Apply(effects);
}

// An alert that is due is not kept waiting for the next event.
std::chrono::milliseconds DecidePipeline::WaitOf(std::chrono::milliseconds max_wait) const {
  const auto wake = core_.next_wake();
  if (!wake.has_value()) return max_wait;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*wake - context().clock.WallNow());
  return std::clamp(left, std::chrono::milliseconds(0), max_wait);
}

void DecidePipeline::OnTimers() {
  const base::MonotonicTime now = context().clock.Now();
  const auto wake = core_.next_wake();
  const bool is_due = wake.has_value() && *wake <= context().clock.WallNow();
  if (is_due || !last_forget_.has_value() || now - *last_forget_ >= kForgetInterval) {
    last_forget_ = now;
    Apply(core_.OnTimer(context().clock.WallNow()));
  }
  voice().OnTimer(now,
                  context().clock.WallNow(),
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
  NoteSkipped(partition, core_.OnRestored(partition, key, value));
}

void DecidePipeline::OnRestoreEnd(std::int32_t partition) {
  SaySkipped(partition);
  Apply(core_.OnRestoreEnd(context().clock.WallNow(), partition));
}

void DecidePipeline::OnRecord(std::int32_t partition, std::int64_t offset, std::string_view value) {
  Apply(core_.OnRecord(context().clock.WallNow(),
                       {.partition = partition, .offset = offset, .value = value}));
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
        .topic = plan().notifier_state, .partition = effect.partition, .key = effect.key};
    if (effect.state.has_value()) record.value = effect.state->SerializeAsString();
    Publish(std::move(record), effect.token);
  }
  for (const core::NotificationEffect& effect : effects.notifications) {
    Publish({.topic = plan().notifications,
             .partition = broker::PartitionFor(effect.keyed.key, plan().notification_partitions),
             .key = effect.keyed.key,
             .value = effect.keyed.notification.SerializeAsString()},
            effect.token);
  }
  for (const core::DecisionEffect& effect : effects.decisions) {
    voice().Say(effect.event, Acknowledgement(effect.token));
  }
  for (const core::DeadLetterEffect& effect : effects.dead_letters) {
    Publish(edge::MakeDeadLetter(effect, plan().alerts, context().clock.WallNow(), plan()),
            effect.token);
  }
  for (const core::CommitEffect& commit : effects.commits) {
    reader().Commit(commit.partition, commit.next);
  }
  for (const v1::DecisionReason reason : effects.reasons) {
    context().metrics.OnDecision(reason);
    if (reason != v1::DECISION_REASON_NOT_AN_ALERT) ++decided_;
    if (reason == v1::DECISION_REASON_RAISED || reason == v1::DECISION_REASON_CLEARED) ++told_;
  }
}

void DecidePipeline::OnAcknowledged(core::Token token) {
  Apply(core_.OnAcknowledged(token));
}

}  // namespace platen::notifier
