#include "libs/snmp/message.h"

#include <limits>

#include "libs/snmp/ber.h"

namespace platen::snmp {
namespace {

using internal::BerReader;
using internal::kSequence;

constexpr auto kIntegerTag = static_cast<std::uint8_t>(ValueType::kInteger);
constexpr auto kOctetStringTag = static_cast<std::uint8_t>(ValueType::kOctetString);
constexpr auto kOidTag = static_cast<std::uint8_t>(ValueType::kOid);
constexpr auto kIpAddressTag = static_cast<std::uint8_t>(ValueType::kIpAddress);
constexpr auto kTimeTicksTag = static_cast<std::uint8_t>(ValueType::kTimeTicks);

// Passes the first fault on. Local to this file, where every line may be the one that fails.
#define PLATEN_DECODE(expression)                                                            \
  do {                                                                                       \
    if (const DecodeFault platen_fault = (expression); platen_fault != DecodeFault::kNone) { \
      return platen_fault;                                                                   \
    }                                                                                        \
  } while (false)

std::string_view AsText(const BerReader& contents) {
  const auto bytes = contents.rest();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

DecodeFault DecodeInt32(BerReader& from, std::int32_t& number) {
  BerReader contents;
  PLATEN_DECODE(from.Expect(kIntegerTag, contents));
  std::int64_t wide = 0;
  PLATEN_DECODE(contents.Signed(wide));
  if (wide < std::numeric_limits<std::int32_t>::min() ||
      wide > std::numeric_limits<std::int32_t>::max()) {
    return DecodeFault::kBadNumber;
  }
  number = static_cast<std::int32_t>(wide);
  return DecodeFault::kNone;
}

DecodeFault DecodeValue(std::uint8_t tag, const BerReader& contents, ValueView& value) {
  const auto type = static_cast<ValueType>(tag);
  switch (type) {
    case ValueType::kInteger: {
      std::int64_t number = 0;
      PLATEN_DECODE(contents.Signed(number));
      value = ValueView::Integer(number);
      return DecodeFault::kNone;
    }
    case ValueType::kCounter32:
    case ValueType::kGauge32:
    case ValueType::kTimeTicks:
    case ValueType::kCounter64: {
      std::uint64_t number = 0;
      PLATEN_DECODE(contents.Unsigned(number));
      value = ValueView::Number(type, number);
      return DecodeFault::kNone;
    }
    case ValueType::kOid:
      if (!contents.empty() && !IsCanonicalOid(contents.rest())) return DecodeFault::kBadOid;
      [[fallthrough]];
    case ValueType::kOctetString:
    case ValueType::kIpAddress:
    case ValueType::kOpaque:
      value = ValueView::Bytes(type, AsText(contents));
      return DecodeFault::kNone;
    case ValueType::kNull:
    case ValueType::kNoSuchObject:
    case ValueType::kNoSuchInstance:
    case ValueType::kEndOfMibView:
      value = ValueView::Empty(type);
      return contents.empty() ? DecodeFault::kNone : DecodeFault::kBadEmptyValue;
  }
  return DecodeFault::kUnknownValueType;
}

DecodeFault DecodeVarbind(BerReader& list, VarbindView& varbind) {
  BerReader pair;
  PLATEN_DECODE(list.Expect(kSequence, pair));
  BerReader name;
  PLATEN_DECODE(pair.Expect(kOidTag, name));
  if (!IsCanonicalOid(name.rest())) return DecodeFault::kBadOid;
  varbind.name = OidView(name.rest());
  std::uint8_t tag = 0;
  BerReader contents;
  PLATEN_DECODE(pair.Read(tag, contents));
  if (!pair.empty()) return DecodeFault::kTrailingBytes;
  return DecodeValue(tag, contents, varbind.value);
}

bool IsPduType(std::uint8_t tag) {
  return tag >= static_cast<std::uint8_t>(PduType::kGet) &&
         tag <= static_cast<std::uint8_t>(PduType::kReport);
}

// What a trap of v1 has before its list.
DecodeFault DecodeTrapHead(BerReader& pdu, MessageHead& head) {
  BerReader enterprise;
  PLATEN_DECODE(pdu.Expect(kOidTag, enterprise));
  if (!IsCanonicalOid(enterprise.rest())) return DecodeFault::kBadOid;
  BerReader address;
  PLATEN_DECODE(pdu.Expect(kIpAddressTag, address));
  if (address.rest().size() == 4) {
    for (const std::uint8_t byte : address.rest()) head.trap_agent = head.trap_agent << 8 | byte;
  }
  std::int32_t generic = 0;
  PLATEN_DECODE(DecodeInt32(pdu, generic));
  std::int32_t specific = 0;
  PLATEN_DECODE(DecodeInt32(pdu, specific));
  BerReader contents;
  PLATEN_DECODE(pdu.Expect(kTimeTicksTag, contents));
  std::uint64_t ticks = 0;
  return contents.Unsigned(ticks);
}

// The last element of `from`: a PDU, up to its list of varbinds.
DecodeFault DecodePduHead(BerReader& from, MessageHead& head, BerReader& list) {
  std::uint8_t tag = 0;
  BerReader pdu;
  PLATEN_DECODE(from.Read(tag, pdu));
  if (!from.empty()) return DecodeFault::kTrailingBytes;
  if (!IsPduType(tag)) return DecodeFault::kUnknownPdu;
  head.type = static_cast<PduType>(tag);
  if (head.type == PduType::kTrapV1) {
    if (head.version != Version::kV1) return DecodeFault::kUnknownPdu;
    PLATEN_DECODE(DecodeTrapHead(pdu, head));
  } else {
    PLATEN_DECODE(DecodeInt32(pdu, head.request_id));
    PLATEN_DECODE(DecodeInt32(pdu, head.error_status));
    PLATEN_DECODE(DecodeInt32(pdu, head.error_index));
  }
  PLATEN_DECODE(pdu.Expect(kSequence, list));
  return pdu.empty() ? DecodeFault::kNone : DecodeFault::kTrailingBytes;
}

DecodeFault DecodeHead(std::span<const std::uint8_t> datagram, MessageHead& head, BerReader& list) {
  if (datagram.size() > kMaxMessageBytes) return DecodeFault::kOversized;
  BerReader whole(datagram);
  BerReader message;
  PLATEN_DECODE(whole.Expect(kSequence, message));
  if (!whole.empty()) return DecodeFault::kTrailingBytes;

  std::int32_t version = 0;
  PLATEN_DECODE(DecodeInt32(message, version));
  if (version != 0 && version != 1) return DecodeFault::kUnknownVersion;
  head.version = static_cast<Version>(version);
  BerReader community;
  PLATEN_DECODE(message.Expect(kOctetStringTag, community));
  head.community = AsText(community);
  return DecodePduHead(message, head, list);
}

}  // namespace

DecodeFault MessageDecoder::Decode(std::span<const std::uint8_t> datagram, MessageView& message) {
  BerReader list;
  message.head = {};
  PLATEN_DECODE(DecodeHead(datagram, message.head, list));
  return DecodeVarbinds(list.rest(), message);
}

DecodeFault MessageDecoder::DecodePdu(std::span<const std::uint8_t> pdu, MessageView& message) {
  BerReader from(pdu);
  BerReader list;
  message.head = {.version = Version::kV3};
  PLATEN_DECODE(DecodePduHead(from, message.head, list));
  return DecodeVarbinds(list.rest(), message);
}

DecodeFault MessageDecoder::DecodeVarbinds(std::span<const std::uint8_t> list,
                                           MessageView& message) {
  BerReader left(list);
  varbinds_.clear();
  while (!left.empty()) {
    if (varbinds_.size() == kMaxVarbinds) return DecodeFault::kTooManyVarbinds;
    PLATEN_DECODE(DecodeVarbind(left, varbinds_.emplace_back()));
  }
  message.varbinds = varbinds_;
  return DecodeFault::kNone;
}

#undef PLATEN_DECODE

std::string_view Name(DecodeFault fault) {
  switch (fault) {
    case DecodeFault::kNone:
      return "none";
    case DecodeFault::kOversized:
      return "oversized";
    case DecodeFault::kTruncated:
      return "truncated";
    case DecodeFault::kTrailingBytes:
      return "trailing_bytes";
    case DecodeFault::kBadLength:
      return "bad_length";
    case DecodeFault::kWrongTag:
      return "wrong_tag";
    case DecodeFault::kUnknownVersion:
      return "unknown_version";
    case DecodeFault::kUnknownPdu:
      return "unknown_pdu";
    case DecodeFault::kBadNumber:
      return "bad_number";
    case DecodeFault::kBadOid:
      return "bad_oid";
    case DecodeFault::kUnknownValueType:
      return "unknown_value_type";
    case DecodeFault::kBadEmptyValue:
      return "bad_empty_value";
    case DecodeFault::kTooManyVarbinds:
      return "too_many_varbinds";
  }
  return "unknown";
}

}  // namespace platen::snmp
