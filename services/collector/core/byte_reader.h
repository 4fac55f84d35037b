// Numbers and stretches of a datagram in network order, never from beyond its end.
//
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace platen::collector::core {

// Once something was asked for that is not there, all that follows is zero or empty, and ok() is
// false: a parser asks once, where it goes by what it has read.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  // Of 1 to 4 bytes.
  std::uint32_t Number(std::size_t length) {
    std::uint32_t number = 0;
    for (const char byte : Text(length)) {
      number = number << 8 | static_cast<std::uint8_t>(byte);
    }
    return number;
  }

  std::string_view Text(std::size_t length) {
    if (!ok_ || length > bytes_.size() - place_) {
      ok_ = false;
      return {};
    }
    const auto part = bytes_.subspan(place_, length);
    place_ += length;
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }

  bool ok() const { return ok_; }

  bool at_end() const { return place_ == bytes_.size(); }

  std::size_t place() const { return place_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t place_ = 0;
  bool ok_ = true;
};

}  // namespace platen::collector::core
