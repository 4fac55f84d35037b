#include "services/notifier/decide_pipeline.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/service/log.h"
#include "services/notifier/core/shared_record.h"
#include "services/notifier/edge/dead_letters.h"

namespace platen::notifier {
namespace {

// Inputs that may be on their way through this stage; beyond, nothing more is read.
constexpr std::size_t kOpenInputsMax = 4000;
constexpr base::Duration kForgetInterval = std::chrono::minutes(1);
// Many rules may change at once; all of them are looked at then.
constexpr base::Duration kMissingInterval = std::chrono::seconds(1);

}  // namespace

DecidePipeline::DecidePipeline(const PipelineContext& context,
                               const PipelineOptions& options,
                               const alerting::DecideOptions& decide)
    : PartitionPipeline(context,
                        options,
                        {.stage = "decide",
                         .input_topic = options.topics.Lane(event::v1::LANE_ALERTS),
                         .state_topic = options.topics.notifier_state()}),
      core_(decide) {}

DecidePipeline::~DecidePipeline() = default;

absl::Status DecidePipeline::SetRules(const std::vector<rules::v1::Record>& rules,
                                      std::set<std::string> receivers) {
  PLATEN_RETURN_IF_ERROR(core_.SetDefaults(rules));
  receivers_ = std::move(receivers);
  rules_changed_ = true;
  return absl::OkStatus();
}

absl::Status DecidePipeline::Step(std::chrono::milliseconds max_wait) {
  PLATEN_RETURN_IF_ERROR(EnsureOpen());
  PLATEN_RETURN_IF_ERROR(ReadRules(max_wait));
  // Nobody is told before all rules are known.
  if (!rules_->is_restored()) return absl::OkStatus();
  ReadTargets();
  // What is on its way is waited for there, what is to come here: an alarm is in neither queue
  // long.
  const bool busy = queue().in_flight() > 0;
  queue().Poll(std::min(max_wait, std::chrono::milliseconds(2)));
  const absl::Status status = reader().Step(busy ? std::chrono::milliseconds(0) : WaitOf(max_wait));
  OnTimers();
  queue().Poll(std::chrono::milliseconds(0));
  reader().SetThrottled(core_.open_inputs() > kOpenInputsMax || queue().waiting() > kOpenInputsMax);
  context().metrics.outbox.Set(static_cast<double>(core_.outbox_entries()));
  context().metrics.collectors_unheard.Set(
      std::chrono::duration<double>(core_.collectors_unheard()).count());
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

// Nobody waits for it: without it silent devices are told of alone.
void DecidePipeline::ReadTargets() {
  if (plan().target_partitions == 0) return;
  absl::Status status = absl::OkStatus();
  if (targets_ == nullptr) {
    auto opened =
        edge::RulesReader::Open(context().broker, plan().targets, plan().target_partitions);
    if (opened.ok()) targets_ = *std::move(opened);
    status = opened.status();
  }
  if (status.ok()) {
    status = targets_->Step(std::chrono::milliseconds(0),
                            [this](std::string_view key, std::optional<std::string_view> value) {
                              OnTarget(key, value);
                            });
  }
  if (targets_ != nullptr && targets_->is_restored()) core_.roll().OnComplete();
  if (!status.ok() && !is_roll_lost_) {
    service::LogWarning("who is polled where can't be read; silent devices are told of alone",
                        {{"reason", base::ToStd(status.message())}});
  }
  is_roll_lost_ = !status.ok();
}

void DecidePipeline::OnTarget(std::string_view key, std::optional<std::string_view> value) {
  const auto device = base::DeviceId::FromBytes(key);
  if (!device.ok()) return;
  event::v1::Target target;
  const bool is_polled = value.has_value() &&
                         target.ParseFromArray(value->data(), static_cast<int>(value->size())) &&
                         !target.paused();
  if (is_polled) {
    core_.roll().Put(*device, target.tenant(), target.site(), target.address(), target.route());
  } else {
    core_.roll().Remove(*device);
  }
}

void DecidePipeline::OnRule(std::string_view key, std::optional<std::string_view> value) {
  alerting::DecideEffects effects;
  const absl::Status status = core_.OnRule(context().clock.WallNow(), key, value, effects);
  context().metrics.OnRule(status.ok());
  rules_changed_ = true;
  if (!status.ok()) {
    service::LogError("a rule is not taken; what was under its name before stands",
                      {{"reason", base::ToStd(status.message())}});
  }
  Apply(std::move(effects));
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
  if (rules_changed_ && now - last_look_at_rules_ >= kMissingInterval) {
    rules_changed_ = false;
    last_look_at_rules_ = now;
    SayWhatIsMissing();
  }
  voice().OnTimer(now,
                  context().clock.WallNow(),
                  {{"decisions_total", static_cast<double>(decided_)},
                   {"incidents_told_total", static_cast<double>(told_)},
                   {"outbox", static_cast<double>(core_.outbox_entries())}});
}

// A name that is misspelt is no fault of its record: what it means may come later, or be known to
// another notifier.
void DecidePipeline::SayWhatIsMissing() {
  const std::vector<std::string> unset = core_.rules().Missing();
  std::set<std::string> missing(unset.begin(), unset.end());
  for (const auto& [receiver, record] : core_.rules().NamedReceivers()) {
    if (!receivers_.contains(receiver)) {
      missing.insert(base::StrCat(record, ": receiver '", receiver, "'"));
    }
  }
  for (const std::string& each : missing) {
    if (missing_.contains(each)) continue;
    service::LogWarning("a rule names what nobody has set; nobody is told by it until it is there",
                        {{"missing", each}});
  }
  context().metrics.rules_missing.Set(static_cast<double>(missing.size()));
  missing_ = std::move(missing);
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

void DecidePipeline::Apply(alerting::DecideEffects effects) {
  for (const alerting::StateEffect& effect : effects.states) {
    edge::OwnedRecord record{
        .topic = plan().notifier_state, .partition = effect.partition, .key = effect.key};
    if (effect.value.has_value()) record.value = *effect.value;
    Publish(std::move(record), effect.token);
  }
  const auto partition_of = [&](std::string_view key) {
    return broker::PartitionFor(key, plan().notification_partitions);
  };
  for (core::SharedRecord& record : core::Pack(std::move(effects.notifications), partition_of)) {
    Publish({.topic = plan().notifications,
             .partition = record.partition,
             .key = std::move(record.key),
             .value = record.notification.SerializeAsString()},
            std::move(record.tokens));
  }
  for (const alerting::DecisionEffect& effect : effects.decisions) {
    voice().Say(effect.event, Acknowledgement(effect.token));
  }
  for (const alerting::DeadLetterEffect& effect : effects.dead_letters) {
    Publish(edge::MakeDeadLetter(effect, plan().alerts, context().clock.WallNow(), plan()),
            effect.token);
  }
  for (const alerting::CommitEffect& commit : effects.commits) {
    reader().Commit(commit.partition, commit.next);
  }
  for (const v1::DecisionReason reason : effects.reasons) {
    context().metrics.OnDecision(reason);
    if (reason != v1::DECISION_REASON_NOT_AN_ALERT) ++decided_;
    if (reason == v1::DECISION_REASON_RAISED || reason == v1::DECISION_REASON_CLEARED) ++told_;
  }
}

void DecidePipeline::OnAcknowledged(alerting::Token token) {
  Apply(core_.OnAcknowledged(token));
}

}  // namespace platen::notifier
