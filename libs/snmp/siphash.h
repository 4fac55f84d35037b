// SipHash-2-4 (Aumasson and Bernstein, 2012): a fast keyed hash whose output cannot be predicted
// without the key.
#pragma once

#include <bit>
#include <cstdint>
#include <initializer_list>

namespace platen::snmp {

// 128 bits of secret randomness.
struct SipKey {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;
};

// The hash of the sixteen bytes `a`, `b` (each in little-endian order).
constexpr std::uint64_t SipHash(const SipKey& key, std::uint64_t a, std::uint64_t b) {
  std::uint64_t v0 = key.k0 ^ 0x736f6d6570736575u;
  std::uint64_t v1 = key.k1 ^ 0x646f72616e646f6du;
  std::uint64_t v2 = key.k0 ^ 0x6c7967656e657261u;
  std::uint64_t v3 = key.k1 ^ 0x7465646279746573u;
  const auto round = [&] {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  };
  constexpr std::uint64_t kLengthBlock = std::uint64_t{16} << 56;
  for (const std::uint64_t block : {a, b, kLengthBlock}) {
    v3 ^= block;
    round();
    round();
    v0 ^= block;
  }
  v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace platen::snmp
