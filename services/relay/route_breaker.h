// Keeps the lanes of a route from hammering a gateway that is dead: after some failures in a row no
// stream is opened but one that tries, with backoff and jitter, and the first that comes up opens
// the way for all. Each route has its own, so that one gateway's death is nobody else's.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>

#include "libs/base/random.h"
#include "libs/base/time.h"
#include "libs/flow/backoff.h"

namespace platen::relay {

struct RouteBreakerOptions {
  // Streams that could not begin, in a row and over all lanes, while none is up.
  std::uint32_t failures_to_open = 3;
  // Between two tries of an open breaker.
  flow::BackoffOptions backoff = {.first = std::chrono::seconds(1),
                                  .max = std::chrono::seconds(10)};
  std::uint64_t seed = 0;
};

// Thread-safe: shared by the pipelines of a route. Each is known by its own address.
class RouteBreaker {
 public:
  // As metrics show it.
  enum class State { kClosed = 0, kOpen = 1, kProbing = 2 };
  using Stream = const void*;

  explicit RouteBreaker(const RouteBreakerOptions& options)
      : options_(options), random_(options.seed) {}

  // When to ask again; not after `now`: the stream may be opened, and what becomes of it is told by
  // one of the next three.
  base::MonotonicTime Ask(Stream who, base::MonotonicTime now);

  void OnUp(Stream who);
  // It could not begin, or has ended.
  void OnDown(Stream who, base::MonotonicTime now);
  // It will open none any more.
  void Leave(Stream who, base::MonotonicTime now);

  State state() const;
  // How often it opened.
  std::uint64_t opened() const;

 private:
  void Open(base::MonotonicTime probe_at);

  const RouteBreakerOptions options_;
  mutable std::mutex mutex_;
  base::Random random_;
  State state_ = State::kClosed;
  std::set<Stream> up_;
  std::uint32_t failures_ = 0;  // In a row.
  std::uint64_t opened_ = 0;
  Stream prober_ = nullptr;
  base::MonotonicTime probe_at_;
};

}  // namespace platen::relay
