#include "services/gateway/core/link_rates.h"

#include <algorithm>

namespace platen::gateway::core {

bool LinkRates::Take(base::MonotonicTime now, const std::string& digest) {
  if (all_.Available(now) == 0) return false;
  if (links_.size() > forget_above_) Forget(now);
  flow::RateLimit& link = links_.try_emplace(digest, options_.each).first->second;
  if (link.Available(now) == 0) return false;
  link.Take(now, 1);
  all_.Take(now, 1);
  return true;
}

// At twice what is left, so that each costs a look or two.
void LinkRates::Forget(base::MonotonicTime now) {
  absl::erase_if(links_, [&](const auto& entry) {
    return entry.second.Available(now) == options_.each.burst;
  });
  forget_above_ = std::max<std::size_t>(100, 2 * links_.size());
}

}  // namespace platen::gateway::core
