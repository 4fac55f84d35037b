#include "tools/platenctl/owners.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libs/event/timestamps.h"

namespace platen::platenctl {
namespace {

constexpr base::Duration kHeardMax = std::chrono::seconds(90);
// No topic has more; what a collector says may be anything.
constexpr std::int32_t kPartitionsMax = 100'000;

}  // namespace

std::vector<Owner> OwnersOf(const platen::fleet::v1::PipelineStatus& status, base::WallTime now) {
  std::map<std::pair<std::string, std::int32_t>, Owner> owners;
  for (const auto& hop : status.hops()) {
    for (const auto& figure : hop.figures()) {
      if (figure.name() != "device_partitions") continue;
      for (std::int32_t number = 0; number < std::min<double>(figure.value(), kPartitionsMax);
           ++number) {
        owners[{hop.installation(), number}].partition.set_number(number);
      }
    }
    if (now - event::FromProto(hop.last_heard_time()) > kHeardMax) continue;
    for (const auto& partition : hop.partitions()) {
      Owner& owner = owners[{hop.installation(), partition.number()}];
      if (owner.hop != nullptr && owner.partition.term() >= partition.term()) continue;
      owner.partition = partition;
      owner.hop = &hop;
    }
  }
  std::vector<Owner> in_order;
  for (auto& [place, owner] : owners) {
    owner.installation = place.first;
    in_order.push_back(std::move(owner));
  }
  return in_order;
}

}  // namespace platen::platenctl
