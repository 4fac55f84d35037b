// Logs get whatever is left of a share of the bandwidth: every lane tells what it sends, and logs
// wait while all of them together have sent more than the share. Nobody else waits.
#pragma once

#include <cstdint>
#include <mutex>

#include "libs/base/time.h"
#include "libs/flow/rate_limit.h"

namespace platen::relay {

// Thread-safe: shared by all pipelines of a relay.
class LogsShare {
 public:
  // REQUIRES: bytes_per_second > 0.
  explicit LogsShare(std::uint64_t bytes_per_second);

  // From when on logs may send a batch; not after `now`: at once.
  base::MonotonicTime OpenAt(base::MonotonicTime now) const;

  // Bytes on the wire, of any lane.
  void Spend(base::MonotonicTime now, std::size_t bytes);

 private:
  mutable std::mutex mutex_;
  const std::uint32_t owed_max_;
  flow::RateLimit limit_;  // In units of kUnit bytes.
};

}  // namespace platen::relay
