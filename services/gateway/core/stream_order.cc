#include "services/gateway/core/stream_order.h"

#include <algorithm>

namespace platen::gateway::core {

StreamOrder::Decision StreamOrder::OnBatch(std::uint64_t number) {
  if (number == 0 || (number > expected_ && !rewinding_)) {
    return {.verdict = Verdict::kHole, .next_number = expected_};
  }
  if (batches_.size() >= window_) {
    return {.verdict = Verdict::kOverWindow, .next_number = expected_};
  }
  if (number > expected_) {
    if (batches_.empty()) return {.verdict = Verdict::kRewind, .next_number = expected_};
    batches_.push_back({0, number, State::kFailed});
    return {.verdict = Verdict::kWait, .next_number = expected_};
  }
  rewinding_ = false;
  expected_ = number + 1;
  batches_.push_back({++last_ticket_, number, State::kPending});
  return {.verdict = Verdict::kTake, .ticket = last_ticket_, .next_number = expected_};
}

std::vector<StreamOrder::Answer> StreamOrder::OnSettled(Ticket ticket, bool stored) {
  std::vector<Answer> answers;
  const auto settled = std::ranges::find(batches_, ticket, &Unanswered::ticket);
  if (settled == batches_.end()) return answers;
  settled->state = stored ? State::kStored : State::kFailed;
  if (!stored && settled->number < expected_) {
    expected_ = settled->number;
    rewinding_ = true;
  }
  while (!batches_.empty() && batches_.front().state == State::kStored) {
    answers.push_back({.number = batches_.front().number, .accepted = true});
    batches_.pop_front();
  }
  if (batches_.empty() || batches_.front().state != State::kFailed) return answers;
  expected_ = batches_.front().number;
  rewinding_ = true;
  for (const Unanswered& batch : batches_) {
    answers.push_back({.number = batch.number, .next_number = expected_});
  }
  batches_.clear();
  return answers;
}

}  // namespace platen::gateway::core
