// What happened in a run, in words, for whoever replays a seed.
#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>

#include "libs/base/sim_clock.h"
#include "libs/base/status.h"

namespace platen::simulation {

// How much of it is wanted.
enum class Tracing {
  kOff,     // Nothing is even put together.
  kDigest,  // Only whether two runs are the same.
  kPrint,   // A line for each thing that happens.
};

class Trace {
 public:
  Trace(const base::SimClock& clock, Tracing tracing)
      : clock_(clock), tracing_(tracing), began_(clock.Now()) {}

  template <class... Parts>
  void Say(const Parts&... parts) const {
    if (tracing_ == Tracing::kOff) return;
    const std::string line = base::StrCat(parts...);
    const base::Duration at = clock_.Now() - began_;
    digest_ = std::hash<std::string>()(base::StrCat(digest_, at.count(), line));
    if (tracing_ == Tracing::kPrint) std::printf("%9.3f  %s\n", base::ToSeconds(at), line.c_str());
  }

  // Two runs that said the same have the same.
  std::size_t digest() const { return digest_; }

 private:
  const base::SimClock& clock_;
  const Tracing tracing_;
  const base::MonotonicTime began_;
  mutable std::size_t digest_ = 0;
};

}  // namespace platen::simulation
