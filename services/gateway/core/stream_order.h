// Go-back-N, the server's side of one ingest stream: which batch may be taken now, and what is said
// to the others (proto/platen/ingest/v1/ingest.proto).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace platen::gateway::core {

// Pure and thread-compatible. Every batch is answered exactly once, in the order in which batches
// came, so that a client may go back at the first Rewind without taking later answers for new ones.
class StreamOrder {
 public:
  // Names one taken batch, also where the same number is sent twice.
  using Ticket = std::uint64_t;

  enum class Verdict {
    kTake,       // Hand it to the store under `ticket`.
    kWait,       // Behind a failed one whose turn to be answered has not come: nothing to do.
    kRewind,     // Answer Rewind{next_number} at once.
    kHole,       // The client broke the protocol: a number is missing. End the stream.
    kOverWindow  // The client broke the protocol: too many are unanswered. End the stream.
  };

  struct Decision {
    Verdict verdict = Verdict::kTake;
    Ticket ticket = 0;
    std::uint64_t next_number = 0;
  };

  // What is said of one batch: accepted, or Rewind{next_number}.
  struct Answer {
    std::uint64_t number = 0;
    bool accepted = false;
    std::uint64_t next_number = 0;
  };

  explicit StreamOrder(std::size_t window_batches) : window_(window_batches) {}

  // A number below the expected one is a client that goes back by itself: taken, as duplicates are
  // recognised by their ids.
  Decision OnBatch(std::uint64_t number);

  // The store took the batch, or could not. Returns what is to be answered now, in order: with a
  // failed batch all those behind it. Empty where the batch was answered before.
  std::vector<Answer> OnSettled(Ticket ticket, bool stored);

  std::size_t unanswered() const { return batches_.size(); }

 private:
  enum class State { kPending, kStored, kFailed };

  struct Unanswered {
    Ticket ticket;
    std::uint64_t number;
    State state;
  };

  const std::size_t window_;
  std::uint64_t expected_ = 1;
  bool rewinding_ = false;
  Ticket last_ticket_ = 0;
  std::deque<Unanswered> batches_;
};

}  // namespace platen::gateway::core
