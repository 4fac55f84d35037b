// Which records are this route's, by their header alone.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "libs/broker/broker.h"

namespace platen::relay::core {

inline constexpr std::string_view kDefaultRoute = "default";

// Pure. The route "default" also takes what names no route, or one that no configuration knows: an
// event with a misspelt route must not lie in Kafka until retention eats it.
class RouteFilter {
 public:
  // `all`: the names of every configured route, `own` among them.
  RouteFilter(std::string own, std::set<std::string, std::less<>> all);

  enum class Verdict {
    kTake,
    kTakeUnknown,  // Taken for want of anybody else.
    kSkip,
  };

  Verdict Judge(std::span<const broker::HeaderView> headers) const;

 private:
  const std::string own_;
  const std::set<std::string, std::less<>> all_;
};

}  // namespace platen::relay::core
