// How many batches a stream may have on the way: as many as the gateway and the path between carry
// without queueing, found out from the answers.
//
// A stream begins small and gains one for each answer (slow start) up to where trouble was
// met before; from there on one for each window of answers. A gateway that refuses for a while
// halves it. Round trips far above the shortest one seen mean that batches wait somewhere on the
// way, so that more of them would only make alerts behind them later: it shrinks, one for each
// window of answers. The gateway's own limit is never exceeded, and never less than one.
#pragma once

#include <cstddef>

#include "libs/base/time.h"

namespace platen::relay::core {

// Pure, thread-confined.
class AdaptiveWindow {
 public:
  // Round trips below this are never a queue: a store's commits vary by as much.
  static constexpr base::Duration kNoQueue = std::chrono::milliseconds(100);
  // So many times the shortest round trip are one.
  static constexpr int kQueue = 4;

  // `first`: how many a stream begins with.
  explicit AdaptiveWindow(std::size_t first) : first_(first) {}

  // A stream has begun; the gateway takes `limit` at most.
  void OnStreamUp(std::size_t limit);
  // The gateway has another limit from now on.
  void OnLimit(std::size_t limit);
  // A batch is accepted, `round_trip` after it was sent.
  void OnAccepted(base::Duration round_trip);
  // The gateway has refused for a while what is on the way. Once for each going back.
  void OnRewound();

  std::size_t size() const { return size_; }

 private:
  void Shrink(std::size_t size);

  const std::size_t first_;
  std::size_t limit_ = 1;
  std::size_t size_ = 1;
  std::size_t slow_start_until_ = 1;
  // Answers since the size changed by one.
  std::size_t answers_ = 0;
  base::Duration shortest_ = base::Duration::max();
};

}  // namespace platen::relay::core
