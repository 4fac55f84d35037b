#include "libs/base/random.h"

#include <bit>

#include <openssl/rand.h>

#include "absl/base/internal/raw_logging.h"

namespace platen::base {

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9E3779B97F4A7C15u;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    word = mixed ^ (mixed >> 31);
  }
}

std::uint64_t Random::Next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::Below(std::uint64_t bound) {
  ABSL_RAW_CHECK(bound > 0, "Random::Below: the bound must be positive");
  // Rejection keeps it uniform; for small bounds a second draw is next to never needed.
  const std::uint64_t limit = max() - max() % bound;
  std::uint64_t drawn = Next();
  while (drawn >= limit) drawn = Next();
  return drawn % bound;
}

double Random::Unit() {
  return static_cast<double>(Next() >> 11) * 0x1.0p-53;
}

void SecureRandomBytes(std::span<std::uint8_t> out) {
  ABSL_RAW_CHECK(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1,
                 "the operating system's random generator failed");
}

std::uint64_t SecureRandom64() {
  std::uint64_t value = 0;
  SecureRandomBytes({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
  return value;
}

}  // namespace platen::base
