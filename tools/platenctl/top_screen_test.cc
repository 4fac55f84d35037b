#include "tools/platenctl/top_screen.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/platenctl/table.h"

namespace platen::platenctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TopState Busy() {
  TopState state{.gateway = "gw:7443", .now = base::WallFromMillis(1'000'000'000)};
  (*state.status.mutable_devices_by_state())["STATE_OK"] = 298;
  (*state.status.mutable_devices_by_state())["STATE_ALERT"] = 2;
  state.status.set_open_alerts(2);
  state.status.set_events_stored(1234567);
  auto* hop = state.status.add_hops();
  hop->set_role("collector");
  hop->set_instance("collector-1");
  hop->set_events_per_second(12.5);
  for (int i = 0; i < 2; ++i) {
    auto& record = state.open_alerts.emplace_back();
    record.mutable_alert()->set_description(
        "Paper jam\x1b[2J in a very long place that goes on and on");
    record.mutable_alert()->mutable_device()->set_model("Mono 3000");
    record.mutable_raise_time()->set_seconds(999'990);
  }
  return state;
}

TEST(TopScreenTest, ItShowsDevicesHopsAndAlerts) {
  const std::string text = RenderTop(Busy(), {.width = 120});

  EXPECT_THAT(text, HasSubstr("1,234,567 events stored"));
  EXPECT_THAT(text, HasSubstr("Devices 300"));
  EXPECT_THAT(text, HasSubstr("collector-1"));
  EXPECT_THAT(text, HasSubstr("12.5"));
  EXPECT_THAT(text, HasSubstr("Mono 3000"));
  EXPECT_THAT(text, HasSubstr("10 s"));
}

TEST(TopScreenTest, WithoutColourNothingIsSentToTheTerminalButText) {
  EXPECT_THAT(RenderTop(Busy(), {.width = 120}), Not(HasSubstr("\x1b")));
}

TEST(TopScreenTest, ItFitsItsScreen) {
  std::istringstream lines(RenderTop(Busy(), {.width = 50, .height = 9}));
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    ++count;
    EXPECT_LE(DisplayWidth(line), 50U) << line;
  }
  EXPECT_LT(count, 9);
}

TEST(TopScreenTest, AnEmptyFleetIsFine) {
  EXPECT_THAT(RenderTop({}, {}), HasSubstr("none"));
}

}  // namespace
}  // namespace platen::platenctl
