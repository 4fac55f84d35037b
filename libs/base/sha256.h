// SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104). OpenSSL 3 looks its algorithms up by name each
// time one of its one-call functions is used, which costs more than hashing some hundred bytes;
// here that is done once.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace platen::base {

inline constexpr std::size_t kSha256Size = 32;

// Thread-safe.
std::array<std::uint8_t, kSha256Size> Sha256(std::string_view bytes);
std::string Sha256String(std::string_view bytes);

// Signs with one key. Thread-confined.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();

  // Of all `parts`, one behind the other.
  std::array<std::uint8_t, kSha256Size> Sign(std::initializer_list<std::string_view> parts);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace platen::base
