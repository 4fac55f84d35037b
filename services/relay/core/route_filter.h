// Which records are this route's, by their headers alone.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/broker/broker.h"

namespace platen::relay::core {

inline constexpr std::string_view kDefaultRoute = "default";

// What a record's headers say, each where it is not empty here.
struct RouteMatch {
  std::string tenant;
  std::string site;
  std::string vendor;
  std::string region = {};
};

struct RouteRule {
  std::string name;
  // The route takes a record that fits any of them.
  std::vector<RouteMatch> matches = {};
};

// Pure. A record belongs to the route that its header `route` names; where it names none but
// "default", to the first that has a match for it; otherwise to "default". That takes what names a
// route that no configuration knows, too: an event with a misspelt route must not lie in Kafka
// until retention eats it. All routes of an installation have to be made from the same list.
class RouteFilter {
 public:
  // `all`: every configured route, in order, `own` among them.
  RouteFilter(std::string own, std::vector<RouteRule> all);

  enum class Verdict {
    kTake,
    kTakeUnknown,  // Taken for want of anybody else.
    kSkip,
  };

  Verdict Judge(std::span<const broker::HeaderView> headers) const;

  // With one route there is nothing to tell apart: it takes whatever there is, without a look at
  // headers.
  bool needs_headers() const { return all_.size() > 1; }

 private:
  const std::string own_;
  const std::vector<RouteRule> all_;
};

}  // namespace platen::relay::core
