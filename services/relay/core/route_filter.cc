#include "services/relay/core/route_filter.h"

#include <utility>

namespace platen::relay::core {
namespace {

constexpr std::string_view kRouteHeader = "route";  // libs/event/headers.h, kHeaderRoute.

}  // namespace

RouteFilter::RouteFilter(std::string own, std::set<std::string, std::less<>> all)
    : own_(std::move(own)), all_(std::move(all)) {}

RouteFilter::Verdict RouteFilter::Judge(std::span<const broker::HeaderView> headers) const {
  std::string_view route = kDefaultRoute;
  for (const broker::HeaderView& header : headers) {  // The last one counts.
    if (header.name == kRouteHeader) route = header.value;
  }
  if (route.empty()) route = kDefaultRoute;
  if (route == own_) return Verdict::kTake;
  if (own_ != kDefaultRoute || all_.contains(route)) return Verdict::kSkip;
  return Verdict::kTakeUnknown;
}

}  // namespace platen::relay::core
