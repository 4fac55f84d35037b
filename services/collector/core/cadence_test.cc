#include "services/collector/core/cadence.h"

#include <vector>

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

constexpr base::WallTime kNow = base::WallFromMillis(1'767'225'600'000);

TEST(CadenceTest, TakesTheTargetsOwnValuesOverTheDefaults) {
  event::v1::Schedule schedule;
  schedule.mutable_status_interval()->set_seconds(5);

  const Cadence cadence = MakeCadence(schedule, Cadence{});

  EXPECT_EQ(cadence.status, std::chrono::seconds(5));
  EXPECT_EQ(cadence.meters, std::chrono::hours(1));
}

TEST(CadenceTest, NeverPollsMoreOftenThanOnceASecond) {
  event::v1::Schedule schedule;
  schedule.mutable_status_interval()->set_nanos(1);
  EXPECT_EQ(MakeCadence(schedule, Cadence{}).status, std::chrono::seconds(1));
}

TEST(SlotTest, IsTheSameForEveryCollector) {
  const base::DeviceId device = base::NewDeviceId();
  const Slot slot = SlotAt(device, ReadingKind::kMeters, std::chrono::hours(1), kNow);
  const Slot same = SlotAt(device, ReadingKind::kMeters, std::chrono::hours(1), slot.start);
  const Slot next = SlotAt(
      device, ReadingKind::kMeters, std::chrono::hours(1), slot.start + std::chrono::hours(1));

  EXPECT_LE(slot.start, kNow);
  EXPECT_GT(slot.start + std::chrono::hours(1), kNow);
  EXPECT_EQ(same.number, slot.number);
  EXPECT_EQ(next.number, slot.number + 1);
}

TEST(SlotTest, SpreadsAFleetOverTheInterval) {
  std::vector<int> tenths(10);
  for (int i = 0; i < 10000; ++i) {
    const Slot slot =
        SlotAt(base::NewDeviceId(), ReadingKind::kStatus, std::chrono::seconds(60), kNow);
    ++tenths[static_cast<std::size_t>((kNow - slot.start) / std::chrono::seconds(6))];
  }
  for (const int each : tenths) EXPECT_NEAR(each, 1000, 200);
}

}  // namespace
}  // namespace platen::collector::core
