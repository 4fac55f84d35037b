// How often links are looked at and used: each by itself, so that whoever has one can't use up what
// there is for others, and all together.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "libs/flow/rate_limit.h"

namespace platen::gateway::core {

struct LinkRateOptions {
  flow::RateLimitOptions each{.per_second = 1, .burst = 10};
  flow::RateLimitOptions all{.per_second = 20, .burst = 100};
};

// Pure: time is an argument, and must not go back. Bounds: a link is remembered while it has used
// permits of its own that have not come back; as each was one of all, they are few.
class LinkRates {
 public:
  explicit LinkRates(const LinkRateOptions& options) : options_(options), all_(options.all) {}

  // A permit for the link of this digest, if there is one. What is refused costs nobody anything.
  bool Take(base::MonotonicTime now, const std::string& digest);

  std::size_t remembered() const { return links_.size(); }

 private:
  void Forget(base::MonotonicTime now);

  const LinkRateOptions options_;
  flow::RateLimit all_;
  absl::flat_hash_map<std::string, flow::RateLimit> links_;
  // Links beyond which those that are at rest are looked for.
  std::size_t forget_above_ = 100;
};

}  // namespace platen::gateway::core
