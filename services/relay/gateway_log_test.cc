#include "services/relay/gateway_log.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace platen::relay {
namespace {

using edge::GatewayFault;
using testing::ElementsAre;
using testing::IsEmpty;

class GatewayLogTest : public testing::Test {
 protected:
  void Down(const std::string& lane,
            GatewayFault fault,
            std::string_view why,
            bool lasted = false) {
    log_.OnDown(lane, {fault, base::Unavailable(why)}, lasted);
  }

  std::vector<std::string> Lines() { return std::exchange(lines_, {}); }

  std::vector<std::string> lines_;
  GatewayLog log_{[this](std::string_view /*message*/, std::string_view reason) {
    lines_.emplace_back(reason.empty() ? "up" : reason);
  }};
};

TEST_F(GatewayLogTest, AReasonIsToldOnceForAllTriesAndLanes) {
  for (int i = 0; i < 3; ++i) {
    Down("alerts", GatewayFault::kRefused, "expired");
    Down("logs", GatewayFault::kRefused, "expired");
  }
  EXPECT_THAT(Lines(), ElementsAre("expired"));

  Down("alerts", GatewayFault::kUnreachable, "away");
  Down("logs", GatewayFault::kUnreachable, "away");

  EXPECT_THAT(Lines(), ElementsAre("away"));
}

TEST_F(GatewayLogTest, ThatItIsBackIsToldOnceAllLanesAreUp) {
  Down("alerts", GatewayFault::kUnreachable, "away");
  Down("logs", GatewayFault::kUnreachable, "away");
  Lines();

  log_.OnUp("alerts");
  EXPECT_THAT(Lines(), IsEmpty());
  log_.OnUp("logs");
  EXPECT_THAT(Lines(), ElementsAre("up"));

  Down("logs", GatewayFault::kUnreachable, "away");
  EXPECT_THAT(Lines(), ElementsAre("away")) << "it has come back meanwhile";
}

TEST_F(GatewayLogTest, TheFirstStreamOfAllIsNews) {
  log_.OnUp("alerts");
  log_.OnUp("logs");

  EXPECT_THAT(Lines(), ElementsAre("up"));
}

TEST_F(GatewayLogTest, AStreamThatEndsByAgeIsNoNewsUnlessItDoesNotComeBack) {
  log_.OnUp("alerts");
  Lines();

  Down("alerts", GatewayFault::kEnded, "its age", /*lasted=*/true);
  log_.OnUp("alerts");
  EXPECT_THAT(Lines(), IsEmpty());

  Down("alerts", GatewayFault::kEnded, "its age", /*lasted=*/true);
  Down("alerts", GatewayFault::kUnreachable, "away");
  EXPECT_THAT(Lines(), ElementsAre("away"));
}

}  // namespace
}  // namespace platen::relay
