#include "services/collector/core/sweep.h"

#include <algorithm>
#include <numeric>

namespace platen::collector::core {
namespace {

// Turns at a distance of the golden section fall as evenly as turns can, after any number of them.
std::uint64_t StepFor(std::uint64_t addresses) {
  auto step = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(static_cast<double>(addresses) * 0.6180339887498949));
  while (std::gcd(step, addresses) != 1) ++step;
  return step;
}

// What may be sent at once after a rest: as much as is due in ten milliseconds.
std::uint32_t BurstFor(std::uint32_t per_second) {
  return std::max<std::uint32_t>(1, per_second / 100);
}

}  // namespace

Sweep::Sweep(std::uint64_t addresses, const SweepOptions& options)
    : options_(options),
      addresses_(addresses),
      step_(StepFor(addresses)),
      rate_({.per_second = options.per_second, .burst = BurstFor(options.per_second)}),
      has_answered_(addresses, false) {}

std::optional<Sweep::Question> Sweep::Next(base::MonotonicTime now) {
  Advance();
  if (attempt_ == options_.tries || turn_ == addresses_) return std::nullopt;
  if (open_ >= options_.open_max || rate_.Available(now) == 0) return std::nullopt;
  rate_.Take(now, 1);
  ++open_;
  ++asked_;
  return Question{.place = PlaceOf(turn_++), .attempt = attempt_};
}

void Sweep::OnEnd(std::uint64_t place, bool answered) {
  --open_;
  if (answered) {
    has_answered_[place] = true;
    ++answered_;
  }
  Advance();
}

void Sweep::Advance() {
  while (attempt_ < options_.tries) {
    while (turn_ < addresses_ && has_answered_[PlaceOf(turn_)]) ++turn_;
    if (turn_ < addresses_ || open_ > 0) return;
    turn_ = 0;
    ++attempt_;
  }
}

std::optional<base::MonotonicTime> Sweep::next_time() const {
  const bool has_turn = attempt_ < options_.tries && turn_ < addresses_;
  if (!has_turn || open_ >= options_.open_max) return std::nullopt;
  return rate_.next_time();
}

}  // namespace platen::collector::core
