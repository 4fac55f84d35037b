// Reading BER (X.690) inside fixed bounds: the primitives under the message decoder, in a header so
// that the compiler can see through them. Private to libs/snmp.
#pragma once

#include <cstdint>
#include <span>

#include "libs/snmp/message.h"

namespace platen::snmp::internal {

inline constexpr std::uint8_t kSequence = 0x30;

// A window of bytes that only shrinks. Every read checks against its end and nothing else is ever
// touched.
class BerReader {
 public:
  BerReader() = default;

  explicit BerReader(std::span<const std::uint8_t> bytes)
      : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool empty() const { return at_ == end_; }

  std::span<const std::uint8_t> rest() const { return {at_, end_}; }

  // The next element of any tag: its tag, and a window over its contents.
  DecodeFault Read(std::uint8_t& tag, BerReader& contents) {
    if (end_ - at_ < 2) return DecodeFault::kTruncated;
    tag = at_[0];
    std::size_t length = at_[1];
    at_ += 2;
    if (length >= 0x80) {
      const DecodeFault fault = ReadLongLength(length);
      if (fault != DecodeFault::kNone) return fault;
    }
    if (length > static_cast<std::size_t>(end_ - at_)) return DecodeFault::kTruncated;
    contents.at_ = at_;
    at_ += length;
    contents.end_ = at_;
    return DecodeFault::kNone;
  }

  // The next element, which must have the tag `expected`.
  DecodeFault Expect(std::uint8_t expected, BerReader& contents) {
    std::uint8_t tag = 0;
    const DecodeFault fault = Read(tag, contents);
    if (fault != DecodeFault::kNone) return fault;
    return tag == expected ? DecodeFault::kNone : DecodeFault::kWrongTag;
  }

  // These contents as a two's complement number; redundant leading bytes are skipped.
  DecodeFault Signed(std::int64_t& number) const {
    if (empty()) return DecodeFault::kBadNumber;
    const bool negative = (at_[0] & 0x80) != 0;
    const std::uint8_t* from = at_;
    const std::uint8_t filler = negative ? 0xff : 0x00;
    while (end_ - from > 8 && *from == filler) ++from;
    if (end_ - from > 8 || ((*from & 0x80) != 0) != negative) return DecodeFault::kBadNumber;
    std::uint64_t bits = negative ? ~std::uint64_t{0} : 0;
    for (; from != end_; ++from) bits = bits << 8 | *from;
    number = static_cast<std::int64_t>(bits);
    return DecodeFault::kNone;
  }

  // These contents as an unsigned number, whether or not the agent wrote the leading zero.
  DecodeFault Unsigned(std::uint64_t& number) const {
    if (empty()) return DecodeFault::kBadNumber;
    const std::uint8_t* from = at_;
    while (end_ - from > 8 && *from == 0) ++from;
    if (end_ - from > 8) return DecodeFault::kBadNumber;
    std::uint64_t bits = 0;
    for (; from != end_; ++from) bits = bits << 8 | *from;
    number = bits;
    return DecodeFault::kNone;
  }

 private:
  DecodeFault ReadLongLength(std::size_t& length) {
    const std::size_t bytes = length & 0x7f;
    if (bytes == 0 || bytes > 4) return DecodeFault::kBadLength;
    if (static_cast<std::size_t>(end_ - at_) < bytes) return DecodeFault::kTruncated;
    length = 0;
    for (std::size_t i = 0; i < bytes; ++i) length = length << 8 | *at_++;
    return DecodeFault::kNone;
  }

  const std::uint8_t* at_ = nullptr;
  const std::uint8_t* end_ = nullptr;
};

}  // namespace platen::snmp::internal
