#include "services/relay/core/adaptive_window.h"

#include <algorithm>

namespace platen::relay::core {

void AdaptiveWindow::OnStreamUp(std::size_t limit) {
  limit_ = std::max<std::size_t>(1, limit);
  size_ = std::min(first_, limit_);
  slow_start_until_ = limit_;
  answers_ = 0;
  shortest_ = base::Duration::max();
}

void AdaptiveWindow::OnLimit(std::size_t limit) {
  limit_ = std::max<std::size_t>(1, limit);
  size_ = std::min(size_, limit_);
}

void AdaptiveWindow::OnAccepted(base::Duration round_trip) {
  shortest_ = std::min(shortest_, round_trip);
  ++answers_;
  const bool queues = round_trip > std::max(kNoQueue, kQueue * shortest_);
  if (queues) {
    slow_start_until_ = std::min(slow_start_until_, size_);
    if (answers_ >= size_) Shrink(size_ - 1);
  } else if (size_ < slow_start_until_ || answers_ >= size_) {
    size_ = std::min(size_ + 1, limit_);
    answers_ = 0;
  }
}

void AdaptiveWindow::OnRewound() {
  Shrink(size_ / 2);
  slow_start_until_ = size_;
}

void AdaptiveWindow::Shrink(std::size_t size) {
  size_ = std::max<std::size_t>(1, size);
  answers_ = 0;
}

}  // namespace platen::relay::core
