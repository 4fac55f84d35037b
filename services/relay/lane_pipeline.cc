#include "services/relay/lane_pipeline.h"

#include <algorithm>
#include <utility>

#include "libs/base/planted_bug.h"
#include "libs/base/status.h"
#include "services/relay/edge/records.h"

namespace platen::relay {
namespace {

using std::chrono::milliseconds;
using Sender = edge::RecordOutbox::Sender;

// While answers are awaited the thread looks for them this often; otherwise, for directives,
// seldom.
constexpr milliseconds kWaitBusy{5};
constexpr milliseconds kWaitIdle{50};
// Of dead letters, gaps and directives: they go out at once.
constexpr broker::PublisherOptions kAtOnce = {.linger = milliseconds(0)};
constexpr base::Duration kTellInterval = milliseconds(200);
constexpr base::Duration kCloseReserve = std::chrono::seconds(2);

edge::GatewayTrouble NoWelcome() {
  return {edge::GatewayFault::kUnreachable,
          base::Unavailable("it does not answer, though it can be reached")};
}

edge::GatewayTrouble StaleDirectives() {
  return {edge::GatewayFault::kEnded,
          base::Unavailable("its directives can't be written to Kafka: they are asked for anew")};
}

edge::GatewayTrouble BrokenProtocol() {
  return {edge::GatewayFault::kProtocol,
          base::Unavailable("it answers batches that were not sent")};
}

}  // namespace

LanePipeline::LanePipeline(LanePipelineOptions options,
                           core::RouteFilter filter,
                           broker::Broker& broker,
                           std::unique_ptr<edge::Uplink> uplink,
                           edge::Voice& voice,
                           const base::Clock& clock,
                           PipelineObserver& observer)
    : options_(std::move(options)),
      broker_(broker),
      voice_(voice),
      clock_(clock),
      observer_(observer),
      random_(options_.seed),
      core_(options_.core, std::move(filter)),
      outbox_(broker, kAtOnce),
      directives_(std::make_unique<edge::RecordOutbox>(broker, kAtOnce)),
      uplink_(std::move(uplink)),
      status_(base::Unavailable("gateway: not connected yet")) {}

LanePipeline::~LanePipeline() {
  if (thread_.joinable()) Stop(clock_.Now());
  if (options_.breaker != nullptr) options_.breaker->Leave(this, clock_.Now());
}

absl::Status LanePipeline::Open() {
  PLATEN_ASSIGN_OR_RETURN(subscriber_,
                          broker_.NewSubscriber({.topics = {options_.topic},
                                                 .group = options_.group,
                                                 .prefetch_bytes = options_.prefetch_bytes,
                                                 .with_headers = core_.needs_headers()}));
  connect_at_ = clock_.Now();
  if (options_.heartbeat_interval > base::Duration(0)) beat_at_ = connect_at_;
  return absl::OkStatus();
}

absl::Status LanePipeline::Start() {
  PLATEN_RETURN_IF_ERROR(Open());
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void LanePipeline::BeginStop(base::MonotonicTime deadline) {
  if (stopping_) return;
  stop_deadline_ = deadline;
  stopping_ = true;
}

void LanePipeline::Stop(base::MonotonicTime deadline) {
  BeginStop(deadline);
  if (thread_.joinable()) thread_.join();
}

void LanePipeline::Run() {
  while (!stopping_) Step(kWaitIdle);
  DrainUntil(stop_deadline_);
}

void LanePipeline::DrainUntil(base::MonotonicTime deadline) {
  Apply(core_.Drain(clock_.Now()));
  const base::MonotonicTime give_up = deadline - kCloseReserve;
  while (core_.in_flight() > 0 && clock_.Now() < give_up) Step(kWaitBusy);
  // Leaving takes milliseconds, but for who has only just joined a group that waits for the dead.
  const base::Duration left = std::max<base::Duration>(deadline - clock_.Now(), milliseconds(200));
  subscriber_->Close(std::chrono::duration_cast<milliseconds>(left));
  uplink_->Close({});
  if (options_.breaker != nullptr) options_.breaker->Leave(this, clock_.Now());
  TellState();
}

absl::Status LanePipeline::status() const {
  const std::lock_guard lock(status_mutex_);
  return status_;
}

void LanePipeline::Step(milliseconds max_wait) {
  HearUplink(milliseconds(0));
  HearOutbox();
  if (!stopping_) BeatIfDue();
  ConnectIfDue();
  const base::MonotonicTime now = clock_.Now();
  if (options_.waits_for_share) core_.HoldUntil(options_.share->OpenAt(now));
  if (wake_at_ && now >= *wake_at_) Apply(core_.OnTimer(now));
  const milliseconds wait = WaitFor(max_wait);
  if (core_.may_poll()) {
    HearSubscriber(wait);
  } else {
    HearUplink(wait);
  }
  if (now >= tell_at_) TellState();
}

milliseconds LanePipeline::WaitFor(milliseconds max_wait) const {
  const bool writing = !outbox_.idle() || !directives_->idle();
  const bool busy = (stream_up_ && core_.in_flight() > 0) || opened_at_ || writing;
  base::Duration wait = std::min(max_wait, busy ? kWaitBusy : kWaitIdle);
  const base::MonotonicTime now = clock_.Now();
  if (wake_at_) wait = std::min(wait, *wake_at_ - now);
  if (connect_at_) wait = std::min(wait, *connect_at_ - now);
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(wait));
}

void LanePipeline::ConnectIfDue() {
  const base::MonotonicTime now = clock_.Now();
  if (connect_at_ && now >= *connect_at_ && options_.breaker != nullptr) {
    connect_at_ = options_.breaker->Ask(this, now);
  }
  if (connect_at_ && now >= *connect_at_) {
    connect_at_.reset();
    opened_at_ = now;
    uplink_->Open();
  } else if (opened_at_ && now >= *opened_at_ + options_.welcome_timeout) {
    opened_at_.reset();
    uplink_->Close(NoWelcome());
  }
}

void LanePipeline::HearUplink(milliseconds max_wait) {
  while (auto event = uplink_->Poll(max_wait)) {
    std::visit([this](auto&& it) { Hear(std::forward<decltype(it)>(it)); }, *std::move(event));
    max_wait = milliseconds(0);
  }
}

void LanePipeline::Hear(edge::StreamUp up) {
  opened_at_.reset();
  stream_up_ = true;
  up_since_ = clock_.Now();
  if (options_.breaker != nullptr) options_.breaker->OnUp(this);
  {
    const std::lock_guard lock(status_mutex_);
    status_ = absl::OkStatus();
  }
  observer_.OnStreamUp(up.server);
  Apply(core_.OnStreamUp(clock_.Now(), up.window_batches, up.payload_bytes_max));
}

void LanePipeline::Hear(edge::StreamDown down) {
  const base::MonotonicTime now = clock_.Now();
  const bool lasted = stream_up_ && now >= up_since_ + options_.backoff.max;
  opened_at_.reset();
  stream_up_ = false;
  {
    const std::lock_guard lock(status_mutex_);
    status_ = base::Annotate(down.trouble.status, "gateway");
  }
  observer_.OnStreamDown(down.trouble, lasted);
  if (options_.breaker != nullptr) options_.breaker->OnDown(this, now);
  if (!directives_->idle()) {
    directives_ = std::make_unique<edge::RecordOutbox>(broker_, kAtOnce);
  }
  failures_ = lasted ? 1 : failures_ + 1;
  connect_at_ = now + flow::BackoffDelay(options_.backoff, failures_, random_);
  Apply(core_.OnStreamDown(now));
}

void LanePipeline::Hear(const core::BatchAnswer& answer) {
  if (!answer.rewind_to) failures_ = 0;
  Apply(core_.OnAnswer(clock_.Now(), answer));
}

void LanePipeline::Hear(const ingest::v1::Directive& directive) {
  auto record = edge::ToRecord(directive, options_.topic_prefix);
  if (base::IsPlanted(base::PlantedBug::kAcksDirectiveEarly)) {
    uplink_->AnswerDirective(directive.number(), "");
  }
  if (record.ok()) {
    if (directives_->idle()) directives_since_ = clock_.Now();
    directives_->Add(Sender::kDirective, directive.number(), *std::move(record));
    return;
  }
  observer_.OnDirective(directive.number(), record.status());
  uplink_->AnswerDirective(directive.number(), std::string(record.status().message()));
}

void LanePipeline::HearOutbox() {
  for (const edge::RecordOutbox::Outcome& outcome : outbox_.Poll(clock_.Now())) {
    if (outcome.sender == Sender::kDeadLetter) {
      Apply(core_.OnDeadLetter(clock_.Now(), outcome.name, outcome.status.ok()));
      continue;
    }
    if (outcome.status.ok()) voice_.OnAcknowledged(options_.route, outcome.name);
    if (outcome.sender == Sender::kHeartbeat) {
      beat_at_ = clock_.Now() + options_.heartbeat_interval;
    } else if (const auto gap = gaps_.extract(outcome.name)) {
      // Even where Kafka refuses the event for good: the log has the gap, too.
      ReadOnBehind(gap.mapped());
    }
  }
  HearDirectives();
  const absl::Status& obstacle =
      directives_->obstacle().ok() ? outbox_.obstacle() : directives_->obstacle();
  if (!absl::IsResourceExhausted(obstacle)) SetTrouble(write_trouble_, obstacle);
}

void LanePipeline::BeatIfDue() {
  if (!beat_at_ || clock_.Now() < *beat_at_) return;
  auto word = voice_.SayHeartbeat(options_.route, clock_.WallNow());
  if (!word.ok()) return;
  beat_at_.reset();
  outbox_.Add(Sender::kHeartbeat, word->number, std::move(word->record));
}

void LanePipeline::HearDirectives() {
  const base::MonotonicTime now = clock_.Now();
  for (const edge::RecordOutbox::Outcome& outcome : directives_->Poll(now)) {
    directives_since_ = now;
    observer_.OnDirective(outcome.name, outcome.status);
    uplink_->AnswerDirective(outcome.name, std::string(outcome.status.message()));
  }
  if (stream_up_ && !directives_->idle() && now >= directives_since_ + options_.directive_timeout) {
    directives_since_ = now;
    uplink_->Close(StaleDirectives());
  }
}

void LanePipeline::HearSubscriber(milliseconds max_wait) {
  auto step = subscriber_->Poll(max_wait);
  if (!step.ok()) {
    SetTrouble(read_trouble_, step.status());
    return;
  }
  std::visit([this](const auto& it) { Hear(it); }, *step);
}

void LanePipeline::Hear(const broker::RecordBatch& records) {
  if (records.records.empty()) return;
  SetTrouble(read_trouble_, absl::OkStatus());
  Apply(core_.OnRecords(clock_.Now(), records));
}

void LanePipeline::Hear(const broker::Assigned& assigned) {
  SetTrouble(read_trouble_, absl::OkStatus());
  Apply(core_.OnAssigned(clock_.Now(), assigned.partitions));
}

void LanePipeline::Hear(const broker::Revoked& revoked) {
  ForgetGaps(revoked.partitions);
  Apply(core_.OnRevoked(clock_.Now(), revoked.partitions));
}

void LanePipeline::Hear(const broker::Lost& lost) {
  ForgetGaps(lost.partitions);
  Apply(core_.OnLost(clock_.Now(), lost.partitions));
}

void LanePipeline::Hear(const broker::CommitResult& result) {
  observer_.OnCommit(result.status);
}

// The partition stands still until Kafka has the event that says what is missing: nobody is to see
// what lies behind a gap before the gap.
void LanePipeline::Hear(const broker::OutOfRange& gap) {
  observer_.OnGap(gap);
  auto word = voice_.SayGap(gap, options_.route, clock_.WallNow());
  if (!word.ok() || base::IsPlanted(base::PlantedBug::kPassesGapSilently)) return ReadOnBehind(gap);
  gaps_[word->number] = gap;
  outbox_.Add(Sender::kGap, word->number, std::move(word->record));
}

void LanePipeline::ReadOnBehind(const broker::OutOfRange& gap) {
  const base::MonotonicTime now = clock_.Now();
  if (gap.earliest > gap.wanted) {
    Apply(core_.OnGap(now, {gap.partition, gap.earliest}));
  } else {
    // The log was cut at its other end: offsets begin anew, and so does the partition's life.
    Apply(core_.OnAssigned(now, std::span(&gap.partition, 1)));
  }
  subscriber_->StartAt({gap.partition, gap.earliest});
}

// A gap of a partition that is not here any more is its next owner's to tell.
void LanePipeline::ForgetGaps(const std::vector<broker::Partition>& partitions) {
  std::erase_if(gaps_, [&partitions](const auto& entry) {
    return std::ranges::find(partitions, entry.second.partition) != partitions.end();
  });
}

void LanePipeline::Hear(const broker::EndReached& /*end*/) {}

void LanePipeline::Apply(core::Effects effects) {
  for (const core::SendWindow::Next& next : effects.send) {
    observer_.OnBatchSent(next.batch->size(), next.batch->payload().size());
    const std::size_t bytes = uplink_->Send(next);
    if (options_.share != nullptr) options_.share->Spend(clock_.Now(), bytes);
    // Before the next answer lets another one go.
    if (options_.waits_for_share) core_.HoldUntil(options_.share->OpenAt(clock_.Now()));
  }
  for (const core::DeadLetter& letter : effects.dead_letters) {
    outbox_.Add(Sender::kDeadLetter,
                letter.id,
                edge::ToRecord(letter, options_.route, options_.topic_prefix, clock_.WallNow()));
  }
  for (const broker::PartitionOffset& next : effects.commit) subscriber_->Commit(next);
  if (!effects.pause.empty()) subscriber_->Pause(effects.pause);
  if (!effects.resume.empty()) subscriber_->Resume(effects.resume);
  if (!effects.release.empty()) subscriber_->Release(effects.release);
  if (effects.reset_stream) uplink_->Close(BrokenProtocol());
  wake_at_ = effects.wake_at;
}

void LanePipeline::TellState() {
  tell_at_ = clock_.Now() + kTellInterval;
  observer_.OnState(core_.totals(),
                    {.in_flight = core_.in_flight(),
                     .buffered_bytes = core_.buffered_bytes(),
                     .lag = subscriber_->lag(),
                     .window = core_.window(),
                     .stream_up = stream_up_});
}

void LanePipeline::SetTrouble(absl::Status& known, const absl::Status& trouble) {
  if (trouble == known) return;
  known = trouble;
  observer_.OnTrouble(trouble);
}

}  // namespace platen::relay
