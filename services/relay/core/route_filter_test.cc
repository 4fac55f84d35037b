#include "services/relay/core/route_filter.h"

#include <vector>

#include <gtest/gtest.h>

namespace platen::relay::core {
namespace {

using Verdict = RouteFilter::Verdict;
using Headers = std::vector<broker::HeaderView>;

TEST(RouteFilterTest, EachRouteTakesItsOwnAndDefaultTakesWhatIsNobodys) {
  const RouteFilter east("east", {"default", "east"});
  const RouteFilter rest("default", {"default", "east"});

  const struct {
    Headers headers;
    Verdict east;
    Verdict rest;
  } cases[] = {
      {{{"route", "east"}}, Verdict::kTake, Verdict::kSkip},
      {{{"route", "default"}}, Verdict::kSkip, Verdict::kTake},
      {{}, Verdict::kSkip, Verdict::kTake},
      {{{"route", ""}}, Verdict::kSkip, Verdict::kTake},
      {{{"route", "west"}}, Verdict::kSkip, Verdict::kTakeUnknown},
      {{{"route", "default"}, {"route", "east"}}, Verdict::kTake, Verdict::kSkip},
      {{{"Route", "east"}}, Verdict::kSkip, Verdict::kTake},
  };

  for (const auto& c : cases) {
    EXPECT_EQ(east.Judge(c.headers), c.east);
    EXPECT_EQ(rest.Judge(c.headers), c.rest);
  }
}

}  // namespace
}  // namespace platen::relay::core
