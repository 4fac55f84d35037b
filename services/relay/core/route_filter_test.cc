#include "services/relay/core/route_filter.h"

#include <vector>

#include <gtest/gtest.h>

namespace platen::relay::core {
namespace {

using Verdict = RouteFilter::Verdict;
using Headers = std::vector<broker::HeaderView>;

TEST(RouteFilterTest, EachRouteTakesItsOwnAndDefaultTakesWhatIsNobodys) {
  const RouteFilter east("east", {{"default"}, {"east"}});
  const RouteFilter rest("default", {{"default"}, {"east"}});

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

TEST(RouteFilterTest, WhatHeadersSayChoosesWhereNoRouteIsNamed) {
  const std::vector<RouteRule> all = {
      {.name = "default"},
      {.name = "north", .matches = {{.site = "toronto", .vendor = "kyocera"}, {.tenant = "maple"}}},
      {.name = "offices", .matches = {{.site = "toronto"}, {.site = "boston"}}},
      {.name = "europe", .matches = {{.region = "eu-west"}, {.region = "eu-north"}}},
  };
  const auto route_of = [&all](const Headers& headers) {
    std::string takers;
    for (const RouteRule& rule : all) {
      if (RouteFilter(rule.name, all).Judge(headers) != Verdict::kSkip) takers += rule.name + " ";
    }
    return takers;
  };

  EXPECT_EQ(route_of({{"site", "toronto"}, {"vendor", "kyocera"}}), "north ");
  EXPECT_EQ(route_of({{"site", "toronto"}, {"vendor", "canon"}}), "offices ");
  EXPECT_EQ(route_of({{"tenant", "maple"}, {"site", "boston"}}), "north ");
  EXPECT_EQ(route_of({{"tenant", "acme"}, {"site", "rome"}}), "default ");
  EXPECT_EQ(route_of({{"site", "rome"}, {"region", "eu-west"}}), "europe ");
  EXPECT_EQ(route_of({{"site", "rome"}, {"region", "us-east"}}), "default ");
  EXPECT_EQ(route_of({{"site", "boston"}, {"route", "north"}}), "north ") << "a name goes first";
  EXPECT_EQ(route_of({{"site", "boston"}, {"route", "default"}}), "offices ");
  EXPECT_EQ(route_of({{"site", "boston"}, {"route", "norht"}}), "offices ");
  EXPECT_EQ(RouteFilter("offices", all).Judge(Headers{{"site", "boston"}, {"route", "norht"}}),
            Verdict::kTakeUnknown)
      << "misspelt";
}

TEST(RouteFilterTest, TheOnlyRouteTakesEverythingUnseen) {
  const RouteFilter only("default", {{"default"}});

  EXPECT_FALSE(only.needs_headers());
  EXPECT_EQ(only.Judge({}), Verdict::kTake);
  EXPECT_TRUE(RouteFilter("default", {{"default"}, {"east"}}).needs_headers());
}

}  // namespace
}  // namespace platen::relay::core
