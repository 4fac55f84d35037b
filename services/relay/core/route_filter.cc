#include "services/relay/core/route_filter.h"

#include <algorithm>
#include <utility>

namespace platen::relay::core {
namespace {

// What routes look at (libs/event/headers.h has the names). Of a header that is there twice, the
// last one counts.
struct Said {
  std::string_view route;
  std::string_view tenant;
  std::string_view site;
  std::string_view vendor;
  std::string_view region;
};

Said Read(std::span<const broker::HeaderView> headers) {
  Said said;
  for (const broker::HeaderView& header : headers) {
    if (header.name == "route") said.route = header.value;
    if (header.name == "tenant") said.tenant = header.value;
    if (header.name == "site") said.site = header.value;
    if (header.name == "vendor") said.vendor = header.value;
    if (header.name == "region") said.region = header.value;
  }
  return said;
}

bool Fits(const RouteMatch& match, const Said& said) {
  const auto agrees = [](std::string_view wanted, std::string_view has) {
    return wanted.empty() || wanted == has;
  };
  return agrees(match.tenant, said.tenant) && agrees(match.site, said.site) &&
         agrees(match.vendor, said.vendor) && agrees(match.region, said.region);
}

}  // namespace

RouteFilter::RouteFilter(std::string own, std::vector<RouteRule> all)
    : own_(std::move(own)), all_(std::move(all)) {}

RouteFilter::Verdict RouteFilter::Judge(std::span<const broker::HeaderView> headers) const {
  if (!needs_headers()) return Verdict::kTake;
  const Said said = Read(headers);
  const auto known = std::ranges::find(all_, said.route, &RouteRule::name);
  const auto named = said.route == kDefaultRoute ? all_.end() : known;
  const auto chosen =
      named != all_.end() ? named : std::ranges::find_if(all_, [&said](const RouteRule& rule) {
        return std::ranges::any_of(rule.matches,
                                   [&said](const auto& match) { return Fits(match, said); });
      });
  const std::string_view route = chosen == all_.end() ? kDefaultRoute : chosen->name;
  if (route != own_) return Verdict::kSkip;
  const bool is_unknown = known == all_.end() && !said.route.empty();
  return is_unknown ? Verdict::kTakeUnknown : Verdict::kTake;
}

}  // namespace platen::relay::core
