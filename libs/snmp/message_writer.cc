#include "libs/snmp/message_writer.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "libs/snmp/back_writer.h"
#include "libs/snmp/ber.h"

namespace platen::snmp {
namespace {

std::size_t LengthBytes(std::size_t length) {
  return length < 0x80 ? 1 : length < 0x100 ? 2 : 3;
}

// Bytes of a number's shortest two's complement form; an unsigned one needs room for a zero sign
// bit.
std::size_t NumberBytes(ValueType type, std::uint64_t number) {
  const bool negative = IsSignedNumber(type) && static_cast<std::int64_t>(number) < 0;
  const std::uint64_t magnitude = negative ? ~number : number;
  return static_cast<std::size_t>(std::bit_width(magnitude)) / 8 + 1;
}

bool IsNumber(ValueType type) {
  return IsSignedNumber(type) || IsUnsignedNumber(type);
}

std::size_t ContentBytes(const ValueView& value) {
  if (IsNumber(value.type())) return NumberBytes(value.type(), value.raw_number());
  return value.raw_bytes().size();
}

std::size_t ElementBytes(std::size_t content) {
  return 1 + LengthBytes(content) + content;
}

std::uint8_t* PutHeader(std::uint8_t* at, std::uint8_t tag, std::size_t length) {
  *at++ = tag;
  if (length < 0x80) {
    *at++ = static_cast<std::uint8_t>(length);
    return at;
  }
  if (length < 0x100) {
    *at++ = 0x81;
  } else {
    *at++ = 0x82;
    *at++ = static_cast<std::uint8_t>(length >> 8);
  }
  *at++ = static_cast<std::uint8_t>(length);
  return at;
}

std::uint8_t* PutBytes(std::uint8_t* at, const void* bytes, std::size_t size) {
  if (size > 0) std::memcpy(at, bytes, size);
  return at + size;
}

std::uint8_t* PutValue(std::uint8_t* at, const ValueView& value, std::size_t content) {
  at = PutHeader(at, static_cast<std::uint8_t>(value.type()), content);
  if (!IsNumber(value.type())) return PutBytes(at, value.raw_bytes().data(), content);
  const std::uint64_t number = value.raw_number();
  for (std::size_t left = content; left-- > 0;) {
    // A ninth byte in front of a Counter64 above 2^63 is its zero sign.
    *at++ = left < 8 ? static_cast<std::uint8_t>(number >> (8 * left)) : std::uint8_t{0};
  }
  return at;
}

struct VarbindSizes {
  std::size_t content;  // Of the value.
  std::size_t pair;     // Name and value with their headers.
};

VarbindSizes Measure(const VarbindView& varbind) {
  const std::size_t content = ContentBytes(varbind.value);
  return {content, ElementBytes(varbind.name.ber().size()) + ElementBytes(content)};
}

}  // namespace

std::size_t EncodedSize(const VarbindView& varbind) {
  return ElementBytes(Measure(varbind).pair);
}

MessageWriter::MessageWriter(std::span<std::uint8_t> buffer, std::size_t community_bytes)
    : buffer_(buffer.first(std::min(buffer.size(), kMaxMessageBytes))),
      begin_(std::min(MaxHeadBytes(community_bytes), buffer_.size())),
      end_(begin_) {}

bool MessageWriter::Add(const VarbindView& varbind) {
  const VarbindSizes sizes = Measure(varbind);
  if (ElementBytes(sizes.pair) > buffer_.size() - end_) return false;
  std::uint8_t* at = PutHeader(buffer_.data() + end_, internal::kSequence, sizes.pair);
  const auto name = varbind.name.ber();
  at = PutHeader(at, static_cast<std::uint8_t>(ValueType::kOid), name.size());
  at = PutBytes(at, name.data(), name.size());
  at = PutValue(at, varbind.value, sizes.content);
  end_ = static_cast<std::size_t>(at - buffer_.data());
  return true;
}

std::span<const std::uint8_t> MessageWriter::Finish(const MessageHead& head) {
  if (begin_ < MaxHeadBytes(head.community.size())) return {};
  internal::BackWriter front(buffer_.data(), begin_);
  front.PutHeader(internal::kSequence, end_);
  front.PutInt32(head.error_index);
  front.PutInt32(head.error_status);
  front.PutWideInt32(head.request_id);
  front.PutHeader(static_cast<std::uint8_t>(head.type), end_);
  front.PutOctets(head.community);
  front.PutInt32(static_cast<std::int32_t>(head.version));
  front.PutHeader(internal::kSequence, end_);
  return buffer_.subspan(front.front(), end_ - front.front());
}

}  // namespace platen::snmp
