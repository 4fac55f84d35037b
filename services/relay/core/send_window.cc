#include "services/relay/core/send_window.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "libs/base/planted_bug.h"

namespace platen::relay::core {

void SendWindow::Open(std::size_t limit) {
  Close();
  is_open_ = true;
  window_.OnStreamUp(limit);
}

void SendWindow::Close() {
  if (base::IsPlanted(base::PlantedBug::kForgetsWindow)) {
    batches_.erase(batches_.begin(), batches_.begin() + static_cast<std::ptrdiff_t>(next_));
  }
  is_open_ = false;
  frames_.clear();
  next_ = 0;
  first_number_ = 1;
}

void SendWindow::Push(std::unique_ptr<Batch> batch) {
  batches_.push_back(std::move(batch));
}

std::optional<SendWindow::Next> SendWindow::TakeNext(base::MonotonicTime now) {
  if (!open() || !has_unsent()) return std::nullopt;
  const std::uint64_t number = first_number_ + next_;
  frames_.push_back({number, round_, now});
  return Next{number, batches_[next_++].get()};
}

std::optional<SendWindow::Frame> SendWindow::TakeFrame(std::uint64_t number) {
  if (frames_.empty() || frames_.front().number != number) return std::nullopt;
  const Frame frame = frames_.front();
  frames_.pop_front();
  return frame;
}

SendWindow::Answer SendWindow::OnAccepted(base::MonotonicTime now, std::uint64_t number) {
  const std::optional<Frame> frame = TakeFrame(number);
  if (!frame || frame->round != round_ || number != first_number_ || next_ == 0) {
    return Answer::kBroken;
  }
  window_.OnAccepted(now - frame->sent_at);
  return Answer::kAccepted;
}

std::unique_ptr<Batch> SendWindow::Pop() {
  std::unique_ptr<Batch> batch = std::move(batches_.front());
  batches_.pop_front();
  --next_;
  ++first_number_;
  return batch;
}

SendWindow::Answer SendWindow::OnRewind(std::uint64_t number, std::uint64_t next_number) {
  const std::optional<Frame> frame = TakeFrame(number);
  if (!frame) return Answer::kBroken;
  if (frame->round != round_) return Answer::kStale;
  if (next_number < first_number_ || next_number > number) return Answer::kBroken;
  ++round_;
  window_.OnRewound();
  next_ = next_number - first_number_;
  if (base::IsPlanted(base::PlantedBug::kReordersRetry) && next_ + 1 < batches_.size()) {
    std::swap(batches_[next_], batches_[next_ + 1]);
  }
  return Answer::kRewound;
}

void SendWindow::EditUnsent(const std::function<void(Batch&)>& edit) {
  for (std::size_t i = next_; i < batches_.size(); ++i) edit(*batches_[i]);
  const auto unsent = batches_.begin() + static_cast<std::ptrdiff_t>(next_);
  batches_.erase(
      std::remove_if(unsent, batches_.end(), [](const auto& batch) { return batch->empty(); }),
      batches_.end());
}

std::deque<std::unique_ptr<Batch>> SendWindow::TakeUnsent() {
  const auto unsent = batches_.begin() + static_cast<std::ptrdiff_t>(next_);
  std::deque<std::unique_ptr<Batch>> taken(std::make_move_iterator(unsent),
                                           std::make_move_iterator(batches_.end()));
  batches_.erase(unsent, batches_.end());
  return taken;
}

}  // namespace platen::relay::core
