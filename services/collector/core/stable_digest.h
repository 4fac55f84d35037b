// A digest that is the same in every process and release, as what is kept in the log has to be
// (FNV-1a, 64 bits). For telling things apart, not against anybody who makes up collisions.
#pragma once

#include <cstdint>
#include <string_view>

namespace platen::collector::core {

class StableDigest {
 public:
  void Number(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) Byte(static_cast<unsigned char>(number >> shift));
  }

  void Text(std::string_view text) {
    Number(text.size());
    for (const char c : text) Byte(static_cast<unsigned char>(c));
  }

  std::uint64_t value() const { return value_; }

 private:
  void Byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3U; }

  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace platen::collector::core
