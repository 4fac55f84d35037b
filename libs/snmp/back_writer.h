// Writing BER (X.690) from its end to its beginning: what is inside is there before its length is
// asked for. Private to libs/snmp.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "libs/snmp/value.h"

namespace platen::snmp::internal {

// Writes down from `at` in a buffer of the caller's. Whoever uses it has made sure that there is
// room.
class BackWriter {
 public:
  BackWriter() = default;

  BackWriter(std::uint8_t* begin, std::size_t at) : begin_(begin), front_(at) {}

  // First byte of what was written so far.
  std::size_t front() const { return front_; }

  void Put(std::uint8_t byte) { begin_[--front_] = byte; }

  void PutBytes(std::string_view bytes) {
    front_ -= bytes.size();
    if (!bytes.empty()) std::memcpy(begin_ + front_, bytes.data(), bytes.size());
  }

  // REQUIRES: below 65,536.
  void PutLength(std::size_t length) {
    Put(static_cast<std::uint8_t>(length));
    if (length < 0x80) return;
    if (length >= 0x100) {
      Put(static_cast<std::uint8_t>(length >> 8));
      Put(0x82);
    } else {
      Put(0x81);
    }
  }

  // Tag and length of all that was written since `end` was front().
  void PutHeader(std::uint8_t tag, std::size_t end) {
    PutLength(end - front_);
    Put(tag);
  }

  void PutOctets(std::string_view bytes) {
    const std::size_t end = front_;
    PutBytes(bytes);
    PutHeader(static_cast<std::uint8_t>(ValueType::kOctetString), end);
  }

  // With the fewest bytes that two's complement allows.
  void PutInt32(std::int32_t number) {
    const std::size_t end = front_;
    std::int32_t left = number;
    do {
      Put(static_cast<std::uint8_t>(left));
      left >>= 8;
    } while (left != 0 && left != -1);
    const bool sign = (begin_[front_] & 0x80) != 0;
    if (sign != (number < 0)) Put(number < 0 ? 0xff : 0x00);
    PutHeader(static_cast<std::uint8_t>(ValueType::kInteger), end);
  }

  // Always four bytes, so that it can be exchanged in place.
  void PutWideInt32(std::int32_t number) {
    const auto bits = static_cast<std::uint32_t>(number);
    for (int shift = 0; shift < 32; shift += 8) Put(static_cast<std::uint8_t>(bits >> shift));
    Put(4);
    Put(static_cast<std::uint8_t>(ValueType::kInteger));
  }

 private:
  std::uint8_t* begin_ = nullptr;
  std::size_t front_ = 0;
};

}  // namespace platen::snmp::internal
