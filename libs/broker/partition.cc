// MurmurHash2 (Austin Appleby, public domain) with the seed and byte order that Kafka's Java
// clients use, so that every client agrees which partition a device lives in.
#include <string_view>

#include "absl/base/internal/raw_logging.h"
#include "libs/broker/broker.h"

namespace platen::broker {
namespace {

constexpr std::uint32_t kSeed = 0x9747b28c;
constexpr std::uint32_t kMultiplier = 0x5bd1e995;
constexpr int kShift = 24;

std::uint32_t ByteAt(std::string_view data, std::size_t index) {
  return static_cast<std::uint8_t>(data[index]);
}

std::uint32_t Murmur2(std::string_view data) {
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(data.size());
  std::size_t at = 0;
  for (; at + 4 <= data.size(); at += 4) {
    std::uint32_t word = ByteAt(data, at) | ByteAt(data, at + 1) << 8 | ByteAt(data, at + 2) << 16 |
                         ByteAt(data, at + 3) << 24;
    word *= kMultiplier;
    word ^= word >> kShift;
    word *= kMultiplier;
    hash *= kMultiplier;
    hash ^= word;
  }
  const std::size_t rest = data.size() - at;
  if (rest > 0) {
    for (std::size_t i = 0; i < rest; ++i) hash ^= ByteAt(data, at + i) << (8 * i);
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return hash;
}

}  // namespace

std::int32_t PartitionFor(std::string_view key, std::int32_t partitions) {
  ABSL_RAW_CHECK(partitions > 0, "PartitionFor: a topic has at least one partition");
  constexpr std::uint32_t kPositive = 0x7fffffff;
  return static_cast<std::int32_t>((Murmur2(key) & kPositive) %
                                   static_cast<std::uint32_t>(partitions));
}

}  // namespace platen::broker
