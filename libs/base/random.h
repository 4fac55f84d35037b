// Randomness as an argument: seeded in tests and simulations, from the operating system in main.
#pragma once

#include <cstdint>
#include <span>

namespace platen::base {

// xoshiro256** (Blackman and Vigna), seeded by SplitMix64: fast, reproducible, not for secrets.
// Thread-confined. Satisfies UniformRandomBitGenerator.
class Random {
 public:
  using result_type = std::uint64_t;

  explicit Random(std::uint64_t seed);

  std::uint64_t Next();

  // Uniform in [0, bound). REQUIRES: bound > 0.
  std::uint64_t Below(std::uint64_t bound);

  // Uniform in [0, 1).
  double Unit();

  // True with the given probability.
  bool Chance(double probability) { return Unit() < probability; }

  static constexpr result_type min() { return 0; }

  static constexpr result_type max() { return ~result_type{0}; }

  result_type operator()() { return Next(); }

 private:
  std::uint64_t state_[4];
};

// Fills `out` from the operating system's generator. For ids, keys and seeds. Thread-safe. Aborts
// the process if the system has no randomness to give.
void SecureRandomBytes(std::span<std::uint8_t> out);
std::uint64_t SecureRandom64();

}  // namespace platen::base
