#include "libs/snmp/value.h"

#include <limits>

namespace platen::snmp {

bool IsValueType(std::uint8_t tag) {
  switch (static_cast<ValueType>(tag)) {
    case ValueType::kInteger:
    case ValueType::kOctetString:
    case ValueType::kNull:
    case ValueType::kOid:
    case ValueType::kIpAddress:
    case ValueType::kCounter32:
    case ValueType::kGauge32:
    case ValueType::kTimeTicks:
    case ValueType::kOpaque:
    case ValueType::kCounter64:
    case ValueType::kNoSuchObject:
    case ValueType::kNoSuchInstance:
    case ValueType::kEndOfMibView:
      return true;
  }
  return false;
}

std::string_view Name(ValueType type) {
  switch (type) {
    case ValueType::kInteger:
      return "INTEGER";
    case ValueType::kOctetString:
      return "OCTET STRING";
    case ValueType::kNull:
      return "NULL";
    case ValueType::kOid:
      return "OID";
    case ValueType::kIpAddress:
      return "IpAddress";
    case ValueType::kCounter32:
      return "Counter32";
    case ValueType::kGauge32:
      return "Gauge32";
    case ValueType::kTimeTicks:
      return "TimeTicks";
    case ValueType::kOpaque:
      return "Opaque";
    case ValueType::kCounter64:
      return "Counter64";
    case ValueType::kNoSuchObject:
      return "noSuchObject";
    case ValueType::kNoSuchInstance:
      return "noSuchInstance";
    case ValueType::kEndOfMibView:
      return "endOfMibView";
  }
  return "unknown";
}

std::optional<std::int64_t> ValueView::AsInteger() const {
  if (IsSignedNumber(type_)) return static_cast<std::int64_t>(number_);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!IsUnsignedNumber(type_) || number_ > kMost) return std::nullopt;
  return static_cast<std::int64_t>(number_);
}

std::optional<std::uint64_t> ValueView::AsUnsigned() const {
  if (IsUnsignedNumber(type_)) return number_;
  if (!IsSignedNumber(type_) || static_cast<std::int64_t>(number_) < 0) return std::nullopt;
  return number_;
}

std::optional<std::string_view> ValueView::AsBytes() const {
  if (!holds_bytes() || type_ == ValueType::kOid) return std::nullopt;
  return raw_bytes();
}

std::optional<OidView> ValueView::AsOid() const {
  if (type_ != ValueType::kOid) return std::nullopt;
  return OidView(std::span(reinterpret_cast<const std::uint8_t*>(bytes_), size_));
}

ValueView Value::view() const {
  switch (type_) {
    case ValueType::kOctetString:
    case ValueType::kOid:
    case ValueType::kIpAddress:
    case ValueType::kOpaque:
      return ValueView::Bytes(type_, bytes_);
    default:
      return ValueView::Number(type_, number_);
  }
}

}  // namespace platen::snmp
