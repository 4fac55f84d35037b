// Whether Kafka is deemed away, so that what is said goes to the spool first.
//
// The sign is silence: something was given to Kafka, and nothing at all was acknowledged since. A
// full queue of the producer is no sign of its own: while it is full, something waits. One
// partition without a leader is not an outage: others' acknowledgements arrive, and its devices
// wait.
//
// Pure, thread-confined.
#pragma once

#include <cstdint>
#include <optional>

#include "libs/base/time.h"

namespace platen::collector::core {

struct OutageOptions {
  // Silence after which Kafka is deemed away.
  base::Duration away_after = std::chrono::seconds(5);
  // How long it has to answer again before it is trusted: a broker that comes and goes must not
  // have everything taken back from it each time.
  base::Duration back_after = std::chrono::seconds(5);
};

class Outage {
 public:
  enum class Phase : std::uint8_t {
    kThere,
    kAway,
    kReturning,  // Answers, and is not trusted yet: the spool drains, and is filled all the same.
  };

  explicit Outage(const OutageOptions& options) : options_(options) {}

  // Kafka has acknowledged or told something.
  void OnSign(base::MonotonicTime now);

  // Moves with time. `waits`: something was given to Kafka and has no acknowledgement. True where
  // an outage begins now.
  bool OnTime(base::MonotonicTime now, bool waits);

  Phase phase() const { return phase_; }

  // Outages that have begun.
  std::uint64_t outages() const { return outages_; }

 private:
  OutageOptions options_;
  Phase phase_ = Phase::kThere;
  // Since when something waits and nothing was heard.
  std::optional<base::MonotonicTime> silent_since_;
  // Since when the phase is what it is.
  base::MonotonicTime since_;
  std::uint64_t outages_ = 0;
};

}  // namespace platen::collector::core
