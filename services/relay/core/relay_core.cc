#include "services/relay/core/relay_core.h"

#include <algorithm>
#include <utility>

#include "libs/base/planted_bug.h"
#include "libs/base/status.h"

namespace platen::relay::core {
namespace {

using Phase = PartitionWork::Phase;

// As many as a full buffer holds of the usual size.
constexpr std::size_t kSpareBatches = 4;

void Earliest(std::optional<base::MonotonicTime>& earliest, base::MonotonicTime other) {
  earliest = earliest ? std::min(*earliest, other) : other;
}

}  // namespace

RelayCore::RelayCore(const RelayOptions& options, RouteFilter filter)
    : options_(options),
      filter_(std::move(filter)),
      batcher_(options.batch),
      payload_bytes_max_(options.batch.bytes_max) {}

Effects RelayCore::OnRecords(base::MonotonicTime now, const broker::RecordBatch& records) {
  Effects effects;
  const auto found = works_.find(records.partition);
  if (found != works_.end() && found->second->phase == Phase::kOwned) {
    const PartitionWorkPtr work = found->second;
    for (const broker::RecordView& record : records.records) Take(now, work, record, effects);
  }
  Proceed(now, effects);
  return effects;
}

void RelayCore::Take(base::MonotonicTime now,
                     const PartitionWorkPtr& work,
                     const broker::RecordView& record,
                     Effects& effects) {
  work->tracker.Begin(record.offset);
  if (base::IsPlanted(base::PlantedBug::kCommitsBeforeAck)) work->tracker.End(record.offset);
  const RouteFilter::Verdict verdict = filter_.Judge(record.headers);
  if (verdict == RouteFilter::Verdict::kSkip) {
    work->tracker.End(record.offset);
    ++totals_.skipped;
    return;
  }
  if (verdict == RouteFilter::Verdict::kTakeUnknown) ++totals_.unknown_route;
  ++totals_.received;
  ++in_flight_;
  ++work->open;
  const std::string_view event = record.value.value_or("");
  const std::size_t bytes = PayloadBytes(event.size());
  if (event.empty()) {
    return Bury(*work,
                {.offset = record.offset, .key = record.key},
                DeadLetterReason::kEmpty,
                "the record has no value",
                effects);
  }
  if (event.size() > options_.event_bytes_max || bytes > payload_bytes_max_) {
    return Bury(*work,
                {.offset = record.offset, .key = record.key, .event = event},
                DeadLetterReason::kTooLarge,
                TooLargeDetail(event),
                effects);
  }
  if (!batcher_.Fits(bytes) || batcher_.bytes() + bytes > payload_bytes_max_) Seal();
  const std::size_t before = filling_->bytes();
  filling_->Add(work, record.offset, record.key, event);
  batcher_.Add(now, bytes);
  buffered_bytes_ += filling_->bytes() - before;
}

void RelayCore::Seal() {
  if (!filling_->empty()) window_.Push(std::exchange(filling_, NewBatch()));
  batcher_.Clear();
}

std::unique_ptr<Batch> RelayCore::NewBatch() {
  if (spare_.empty()) return std::make_unique<Batch>();
  std::unique_ptr<Batch> batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

void RelayCore::Reseal(Effects& effects) {
  if (filling_->payload().size() > payload_bytes_max_) Seal();
  for (std::unique_ptr<Batch>& batch : window_.TakeUnsent()) {
    if (batch->payload().size() <= payload_bytes_max_) {
      window_.Push(std::move(batch));
      continue;
    }
    buffered_bytes_ -= batch->bytes();
    const auto bury = [this, &effects](const Batch::Item& item) {
      Bury(*item.work, item, DeadLetterReason::kTooLarge, TooLargeDetail(item.event), effects);
    };
    for (std::unique_ptr<Batch>& part : Split(*batch, payload_bytes_max_, bury)) {
      buffered_bytes_ += part->bytes();
      window_.Push(std::move(part));
    }
  }
}

std::string RelayCore::TooLargeDetail(std::string_view event) const {
  if (event.size() > options_.event_bytes_max) {
    return base::StrCat(event.size(), " bytes; an event has at most ", options_.event_bytes_max);
  }
  return base::StrCat(
      event.size(), " bytes; the gateway takes payloads of at most ", payload_bytes_max_);
}

Effects RelayCore::OnStreamUp(base::MonotonicTime now,
                              std::size_t window,
                              std::size_t payload_bytes_max) {
  Effects effects;
  window_.Open(window);
  HandBackUnsent();
  send_not_before_ = now;
  if (payload_bytes_max > 0) {
    payload_bytes_max_ = std::min(options_.batch.bytes_max, payload_bytes_max);
  }
  Reseal(effects);
  Proceed(now, effects);
  return effects;
}

Effects RelayCore::OnStreamDown(base::MonotonicTime now) {
  Effects effects;
  window_.Close();
  ++totals_.stream_losses;
  HandBackUnsent();
  Proceed(now, effects);
  return effects;
}

Effects RelayCore::OnAnswer(base::MonotonicTime now, const BatchAnswer& answer) {
  Effects effects;
  if (answer.window > 0) window_.set_limit(answer.window);
  const SendWindow::Answer meaning = answer.rewind_to
                                         ? window_.OnRewind(answer.number, *answer.rewind_to)
                                         : window_.OnAccepted(now, answer.number);
  switch (meaning) {
    case SendWindow::Answer::kAccepted:
      Accept(window_.Pop(), answer, effects);
      break;
    case SendWindow::Answer::kRewound:
      ++totals_.batches_rewound;
      send_not_before_ = now + answer.retry_delay;
      HandBackUnsent();
      break;
    case SendWindow::Answer::kStale:
      break;
    case SendWindow::Answer::kBroken:
      effects.reset_stream = true;
      return effects;
  }
  Proceed(now, effects);
  return effects;
}

void RelayCore::Accept(std::unique_ptr<Batch> batch, const BatchAnswer& answer, Effects& effects) {
  ++totals_.batches_accepted;
  totals_.duplicates += answer.duplicates;
  buffered_bytes_ -= batch->bytes();
  std::map<std::size_t, const BatchAnswer::Refusal*> refused;
  for (const BatchAnswer::Refusal& refusal : answer.refusals) refused[refusal.index] = &refusal;
  for (std::size_t i = 0; i < batch->size(); ++i) {
    const Batch::Item item = batch->At(i);
    const auto refusal = refused.empty() ? refused.end() : refused.find(i);
    if (refusal == refused.end()) {
      End(*item.work, item.offset, totals_.delivered);
    } else {
      Bury(*item.work, item, refusal->second->reason, refusal->second->detail, effects);
    }
  }
  if (in_flight_ == 0) {
    spare_.clear();  // Nothing is behind: what made up for it may go.
  } else if (spare_.size() < kSpareBatches) {
    batch->Clear();
    spare_.push_back(std::move(batch));
  }
}

void RelayCore::Bury(PartitionWork& work,
                     Batch::Item item,
                     DeadLetterReason reason,
                     std::string_view detail,
                     Effects& effects) {
  if (work.phase == Phase::kGone) return;
  ++totals_.refused[static_cast<std::size_t>(reason) % kDeadLetterReasons];
  DeadLetter& letter = effects.dead_letters.emplace_back();
  letter.id = ++last_dead_letter_;
  letter.origin = work.partition;
  letter.offset = item.offset;
  letter.key = item.key;
  letter.value = item.event;
  letter.reason = reason;
  letter.detail = detail;
  const std::size_t bytes = letter.key.size() + letter.value.size();
  if (base::IsPlanted(base::PlantedBug::kForgetsDeadLetter)) work.tracker.End(item.offset);
  dead_letters_[letter.id] = {work.shared_from_this(), item.offset, bytes};
  buffered_bytes_ += bytes;
}

Effects RelayCore::OnDeadLetter(base::MonotonicTime now, std::uint64_t id, bool stored) {
  Effects effects;
  const auto found = dead_letters_.find(id);
  if (found != dead_letters_.end()) {
    const OpenDeadLetter& letter = found->second;
    End(*letter.work, letter.offset, stored ? totals_.dead_lettered : totals_.dropped);
    buffered_bytes_ -= letter.bytes;
    dead_letters_.erase(found);
  }
  Proceed(now, effects);
  return effects;
}

void RelayCore::End(PartitionWork& work, std::int64_t offset, std::uint64_t& count) {
  if (work.phase == Phase::kGone) return;
  work.tracker.End(offset);
  --work.open;
  --in_flight_;
  ++count;
}

Effects RelayCore::OnTimer(base::MonotonicTime now) {
  Effects effects;
  Proceed(now, effects);
  return effects;
}

void RelayCore::Proceed(base::MonotonicTime now, Effects& effects) {
  Send(now, effects);
  CommitAndRelease(now, effects);
  PauseOrResume(now, effects);
  SetWakeUp(effects);
}

void RelayCore::Send(base::MonotonicTime now, Effects& effects) {
  while (now >= send_not_before_ && window_.open()) {
    if (!window_.has_unsent() && batcher_.Due(now)) Seal();
    const std::optional<SendWindow::Next> next = window_.TakeNext(now);
    if (!next) break;
    effects.send.push_back(*next);
    if (options_.paced) break;
  }
}

void RelayCore::PauseOrResume(base::MonotonicTime now, Effects& effects) {
  if (!buffer_full()) {
    full_since_.reset();
  } else if (!full_since_) {
    full_since_ = now;
  }
  const bool pause = full_since_ && now >= *full_since_ + options_.pause_after;
  const bool resume = buffered_bytes_ <= buffer_max() / 2;
  if (paused_ ? !resume : !pause) return;
  paused_ = !paused_;
  for (const auto& [partition, work] : works_) {
    if (work->phase != Phase::kOwned) continue;
    (paused_ ? effects.pause : effects.resume).push_back(partition);
  }
}

void RelayCore::SetWakeUp(Effects& effects) const {
  if (window_.open() && !base::IsPlanted(base::PlantedBug::kLosesWakeUp)) {
    if (window_.has_unsent()) Earliest(effects.wake_at, send_not_before_);
    if (batcher_.due_at()) {
      Earliest(effects.wake_at, std::max(*batcher_.due_at(), send_not_before_));
    }
  }
  if (full_since_ && !paused_) Earliest(effects.wake_at, *full_since_ + options_.pause_after);
  for (const auto& [partition, work] : works_) {
    if (work->phase == Phase::kDraining) Earliest(effects.wake_at, work->release_by);
  }
}

}  // namespace platen::relay::core
