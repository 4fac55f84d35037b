#include "services/collector/core/slowest.h"

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"

namespace platen::collector::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

class SlowestTest : public testing::Test {
 protected:
  SlowestTest() {
    for (base::DeviceId& device : devices_) device = base::NewDeviceId();
  }

  void Add(std::size_t device, int millis) {
    slowest_.Add(clock_.Now(),
                 {.device = devices_[device], .took = milliseconds(millis), .requests = 1});
  }

  // "device:millis", the slowest first.
  std::vector<std::pair<std::size_t, int>> Shown() {
    std::vector<std::pair<std::size_t, int>> shown;
    for (const SlowReading& reading : slowest_.Of(clock_.Now())) {
      const auto device = std::ranges::find(devices_, reading.device) - devices_.begin();
      shown.emplace_back(device, std::chrono::duration_cast<milliseconds>(reading.took).count());
    }
    return shown;
  }

  base::SimClock clock_;
  Slowest slowest_;
  std::array<base::DeviceId, 50> devices_;
};

using Pairs = std::vector<std::pair<std::size_t, int>>;

TEST_F(SlowestTest, EachDeviceIsThereOnceWithItsSlowestReading) {
  for (const auto& [device, millis] :
       Pairs{{1, 20}, {2, 500}, {1, 700}, {3, 30}, {1, 10}, {2, 400}}) {
    Add(device, millis);
  }

  EXPECT_EQ(Shown(), (Pairs{{1, 700}, {2, 500}, {3, 30}}));
}

TEST_F(SlowestTest, TwentyAtTheMost) {
  for (int i = 0; i < 50; ++i) Add(static_cast<std::size_t>(i * 7 % 50), i * 7 % 50);

  const Pairs shown = Shown();
  ASSERT_EQ(shown.size(), Slowest::kMost);
  for (std::size_t i = 0; i < shown.size(); ++i)
    EXPECT_EQ(shown[i], std::pair(49 - i, static_cast<int>(49 - i)));
}

TEST_F(SlowestTest, WhoHasBecomeFastIsForgotten) {
  Add(1, 900);
  clock_.Advance(minutes(10));
  Add(1, 5);
  Add(2, 100);
  EXPECT_EQ(Shown(), (Pairs{{1, 900}, {2, 100}})) << "it was slow a short while ago";

  clock_.Advance(minutes(10));
  Add(1, 5);
  EXPECT_EQ(Shown(), (Pairs{{2, 100}, {1, 5}}));
  clock_.Advance(minutes(30));
  EXPECT_EQ(Shown(), Pairs()) << "nothing was read since";
}

}  // namespace
}  // namespace platen::collector::core
