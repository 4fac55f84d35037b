// What the log says of one gateway: one line when it stops taking events, when the reason changes,
// and when it takes them again, however often and on however many lanes it is tried.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "services/relay/edge/gateway_fault.h"

namespace platen::relay {

// Thread-safe: shared by the lanes of a route.
class GatewayLog {
 public:
  // Writes a line; `reason` is empty where the gateway takes events.
  using Say = std::function<void(std::string_view message, std::string_view reason)>;

  explicit GatewayLog(Say say) : say_(std::move(say)) {}

  void OnUp(const std::string& lane);
  // `lasted`: the stream was up for a while. That one is ended is then no news; that it can't be
  // opened again would be.
  void OnDown(const std::string& lane, const edge::GatewayTrouble& trouble, bool lasted);

 private:
  const Say say_;
  std::mutex mutex_;
  // Why each lane does not forward; empty where it does.
  std::map<std::string, std::string> reasons_;
};

}  // namespace platen::relay
