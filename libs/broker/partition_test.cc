#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/broker/broker.h"

namespace platen::broker {
namespace {

constexpr std::int32_t kWhole = std::numeric_limits<std::int32_t>::max();

// What Kafka's Java client computes for these keys (Utils.murmur2), made positive.
TEST(PartitionForTest, AgreesWithJavaClients) {
  const std::vector<std::pair<std::string, std::int32_t>> cases = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };

  for (const auto& [key, murmur2] : cases) {
    const std::int32_t positive = murmur2 & kWhole;
    EXPECT_EQ(PartitionFor(key, kWhole), positive % kWhole) << key;
    EXPECT_EQ(PartitionFor(key, 64), positive % 64) << key;
  }
}

TEST(PartitionForTest, BytesAbove127AreUnsigned) {
  EXPECT_EQ(PartitionFor(std::string("\xff\xfe\xfd\xfc\xfb\xfa\xf9", 7), 64),
            PartitionFor(std::string("\xff\xfe\xfd\xfc\xfb\xfa\xf9", 7), 64));
  EXPECT_NE(PartitionFor(std::string("\xff", 1), kWhole),
            PartitionFor(std::string("\x7f", 1), kWhole));
}

TEST(PartitionForTest, SpreadsRandomIdsEvenly) {
  std::vector<int> counts(64);
  std::uint64_t state = 1;
  for (int i = 0; i < 64'000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const std::string id(reinterpret_cast<const char*>(&state), sizeof state);
    ++counts[static_cast<std::size_t>(PartitionFor(id, 64))];
  }

  for (const int count : counts) {
    EXPECT_GT(count, 800);
    EXPECT_LT(count, 1200);
  }
}

}  // namespace
}  // namespace platen::broker
