#include "services/relay/gateway_log.h"

#include <algorithm>

namespace platen::relay {

void GatewayLog::OnUp(const std::string& lane) {
  const std::lock_guard lock(mutex_);
  const auto [known, first] = reasons_.try_emplace(lane);
  const bool was_up = !first && known->second.empty();
  known->second.clear();
  const auto up = std::ranges::count_if(reasons_, [](auto& each) { return each.second.empty(); });
  const bool others_down = static_cast<std::size_t>(up) < reasons_.size();
  // The last of those that were down, or the very first.
  if (!was_up && !others_down && (!first || reasons_.size() == 1)) {
    say_("gateway takes events", "");
  }
}

void GatewayLog::OnDown(const std::string& lane, const edge::GatewayTrouble& trouble, bool lasted) {
  if (lasted && trouble.fault == edge::GatewayFault::kEnded) return;
  const std::lock_guard lock(mutex_);
  const std::string reason(trouble.status.message());
  const bool told =
      std::ranges::any_of(reasons_, [&reason](auto& each) { return each.second == reason; });
  reasons_[lane] = reason;
  if (!told) say_("gateway takes no events; it is tried again and again", reason);
}

}  // namespace platen::relay
