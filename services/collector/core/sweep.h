// Whom to ask next, when very many addresses are asked and most of them have nobody.
//
// Each is asked once; those that were silent are asked again, when all have had their turn, up to
// the number of tries. The order is spread evenly over all addresses, so that no subnet, and no
// router before one, sees more than its share of the rate. What it costs is a bit an address,
// however many there are.
//
// Pure: time is an argument.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libs/base/time.h"
#include "libs/flow/rate_limit.h"

namespace platen::collector::core {

struct SweepOptions {
  std::uint32_t per_second = 100;
  std::uint32_t tries = 2;
  // Questions without an answer yet, at the most.
  std::size_t open_max = 1024;
  // Where the order begins.
  std::uint64_t seed = 0;
};

class Sweep {
 public:
  struct Question {
    std::uint64_t place = 0;  // Of the address, below the number of them.
    std::uint32_t attempt = 0;
  };

  // REQUIRES: 1 <= addresses <= 2^31, tries and open_max at least 1.
  Sweep(std::uint64_t addresses, const SweepOptions& options);

  // Whom to ask now; nothing where the rate, or what is open, has no room, or all were asked.
  std::optional<Question> Next(base::MonotonicTime now);

  // What came of a question: each ends with one call.
  void OnEnd(std::uint64_t place, bool answered);

  // When Next() has something again, as far as that is a matter of time.
  std::optional<base::MonotonicTime> next_time() const;

  // All questions have ended, and no other is to come.
  bool done() const { return attempt_ == options_.tries && open_ == 0; }

  std::uint64_t asked() const { return asked_; }

  std::uint64_t answered() const { return answered_; }

 private:
  std::uint64_t PlaceOf(std::uint64_t turn) const {
    return (options_.seed % addresses_ + turn * step_) % addresses_;
  }

  // Goes on to the next turn of one who has not answered; to the next attempt behind the last one,
  // once nothing is open.
  void Advance();

  SweepOptions options_;
  std::uint64_t addresses_;
  std::uint64_t step_;
  flow::RateLimit rate_;
  std::vector<bool> has_answered_;
  std::uint64_t turn_ = 0;
  std::uint32_t attempt_ = 0;
  std::size_t open_ = 0;
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
};

}  // namespace platen::collector::core
