// Go-back-N, the client's side: which batch goes next under which number, and what an answer means.
//
// The gateway answers every batch that it gets exactly once, in the order of their arrival, also
// those that it refuses because one before them failed. So answers are matched with what was sent,
// first to first, and what was sent before the last going back is recognised by its age.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "libs/base/time.h"
#include "services/relay/core/adaptive_window.h"
#include "services/relay/core/batch.h"

namespace platen::relay::core {

// Thread-confined.
class SendWindow {
 public:
  struct Next {
    std::uint64_t number = 0;
    const Batch* batch = nullptr;
  };

  enum class Answer {
    kAccepted,  // The oldest batch has ended: Pop() it.
    kRewound,   // The batches from the named one on are unsent again.
    kStale,     // Said of something that was sent again meanwhile.
    kBroken,    // The gateway broke the protocol: the stream is of no use.
  };

  // `first`: how many batches may be unanswered when a stream begins (adaptive_window.h).
  explicit SendWindow(std::size_t first) : window_(first) {}

  // A stream has begun: nothing is sent on it yet, numbers begin at 1. The gateway lets at most
  // `limit` batches be unanswered.
  void Open(std::size_t limit);
  // It has ended: nothing is sent any more.
  void Close();

  void Push(std::unique_ptr<Batch> batch);

  // Whether there is a stream.
  bool is_up() const { return is_open_; }

  // Whether the window lets another batch go.
  bool open() const { return is_open_ && frames_.size() < window_.size(); }

  // The next batch to send, if the window lets it go. It counts as sent from now on.
  std::optional<Next> TakeNext(base::MonotonicTime now);

  Answer OnAccepted(base::MonotonicTime now, std::uint64_t number);
  Answer OnRewind(std::uint64_t number, std::uint64_t next_number);

  // After kAccepted: the batch.
  std::unique_ptr<Batch> Pop();

  // The gateway has another limit from now on.
  void set_limit(std::size_t limit) { window_.OnLimit(limit); }

  // How many may be unanswered at present.
  std::size_t window() const { return window_.size(); }

  // Shows each batch that is not on the way; one that is empty afterwards is taken out.
  void EditUnsent(const std::function<void(Batch&)>& edit);

  bool has_unsent() const { return next_ < batches_.size(); }

  // Takes out what is not on the way, in order.
  std::deque<std::unique_ptr<Batch>> TakeUnsent();

  // Batches on the way, whose answers count.
  std::size_t sent() const { return next_; }

  std::size_t size() const { return batches_.size(); }

 private:
  struct Frame {
    std::uint64_t number;
    std::uint64_t round;
    base::MonotonicTime sent_at;
  };

  // The frame that an answer to `number` belongs to; none where the gateway broke the protocol.
  std::optional<Frame> TakeFrame(std::uint64_t number);

  std::deque<std::unique_ptr<Batch>> batches_;
  std::size_t next_ = 0;            // Index of the next batch to send.
  std::uint64_t first_number_ = 1;  // Number of batches_.front().
  std::deque<Frame> frames_;        // Sent and unanswered.
  std::uint64_t round_ = 0;         // Grows with each going back.
  AdaptiveWindow window_;
  bool is_open_ = false;
};

}  // namespace platen::relay::core
