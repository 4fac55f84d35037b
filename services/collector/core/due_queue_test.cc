#include "services/collector/core/due_queue.h"

#include <map>

#include <gtest/gtest.h>

#include "libs/base/random.h"

namespace platen::collector::core {
namespace {

base::MonotonicTime At(std::int64_t seconds) {
  return base::MonotonicTime(std::chrono::seconds(seconds));
}

TEST(DueQueueTest, GivesDevicesInTheOrderOfTheirTimes) {
  DueQueue queue;
  queue.Set(1, At(30));
  queue.Set(2, At(10));
  queue.Set(3, At(20));

  EXPECT_EQ(queue.next(), At(10));
  EXPECT_EQ(queue.Pop(At(25)), DeviceSlot{2});
  EXPECT_EQ(queue.Pop(At(25)), DeviceSlot{3});
  EXPECT_EQ(queue.Pop(At(25)), std::nullopt);
}

TEST(DueQueueTest, MovesADeviceThatIsInIt) {
  DueQueue queue;
  queue.Set(1, At(30));
  queue.Set(2, At(20));
  queue.Set(1, At(10));

  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.Pop(At(100)), DeviceSlot{1});
}

TEST(DueQueueTest, AgreesWithASimpleModel) {
  DueQueue queue;
  std::map<DeviceSlot, base::MonotonicTime> model;
  base::Random random(11);
  for (int step = 0; step < 20000; ++step) {
    const auto device = static_cast<DeviceSlot>(random.Below(200));
    if (random.Chance(0.6)) {
      const auto due = At(static_cast<std::int64_t>(random.Below(1000)));
      queue.Set(device, due);
      model[device] = due;
    } else if (random.Chance(0.5)) {
      queue.Remove(device);
      model.erase(device);
    } else if (const auto popped = queue.Pop(At(500))) {
      for (const auto& [other, due] : model) EXPECT_LE(model.at(*popped), due);
      model.erase(*popped);
    }
    ASSERT_EQ(queue.size(), model.size());
  }
}

}  // namespace
}  // namespace platen::collector::core
