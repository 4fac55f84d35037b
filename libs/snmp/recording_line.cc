#include "libs/snmp/recording_line.h"

#include <charconv>
#include <limits>

#include "libs/base/status.h"

namespace platen::snmp::internal {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::uint64_t LargestOf(ValueType type) {
  if (type == ValueType::kCounter64) return std::numeric_limits<std::uint64_t>::max();
  return std::numeric_limits<std::uint32_t>::max();
}

std::optional<std::string> FromDottedQuad(std::string_view text) {
  std::string bytes;
  while (true) {
    std::uint8_t byte = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, byte);
    if (error != std::errc()) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
    if (stop == end) break;
    if (*stop != '.') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  }
  if (bytes.size() != 4) return std::nullopt;
  return bytes;
}

absl::StatusOr<Value> ParseBytes(ValueType type, std::string_view text, bool is_hex) {
  if (is_hex) {
    const auto bytes = FromHex(text);
    if (!bytes.has_value()) return base::InvalidArgument("the value is not hexadecimal");
    return Value(ValueView::Bytes(type, *bytes));
  }
  if (type != ValueType::kIpAddress) return Value(ValueView::Bytes(type, text));
  const auto bytes = FromDottedQuad(text);
  if (!bytes.has_value()) return base::InvalidArgument("the value is not an IPv4 address");
  return Value(ValueView::Bytes(type, *bytes));
}

absl::StatusOr<Value> ParseSnmprecValue(std::uint8_t tag, bool is_hex, std::string_view text) {
  const auto type = static_cast<ValueType>(tag);
  switch (type) {
    case ValueType::kOctetString:
    case ValueType::kOpaque:
    case ValueType::kIpAddress:
      return ParseBytes(type, text, is_hex);
    case ValueType::kOid: {
      PLATEN_ASSIGN_OR_RETURN(const Oid oid, Oid::Parse(Trim(text)));
      return Value::ObjectId(oid);
    }
    case ValueType::kNull:
    case ValueType::kNoSuchObject:
    case ValueType::kNoSuchInstance:
    case ValueType::kEndOfMibView:
      return Value(ValueView::Empty(type));
    default:
      if (is_hex) return base::InvalidArgument("a number is not expected in hexadecimal");
      return ParseNumber(type, Trim(text));
  }
}

}  // namespace

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<std::string> FromHex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (const char c : text) {
    if (high < 0 && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
    const int digit = HexDigit(c);
    if (digit < 0) return std::nullopt;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  if (high >= 0) return std::nullopt;
  return bytes;
}

absl::StatusOr<Value> ParseNumber(ValueType type, std::string_view text) {
  const char* end = text.data() + text.size();
  if (IsSignedNumber(type)) {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end)
      return base::InvalidArgument("the value is not a number");
    return Value::Integer(number);
  }
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number > LargestOf(type)) {
    return base::InvalidArgument("the value is not a number that ", Name(type), " can hold");
  }
  return Value::Number(type, number);
}

absl::StatusOr<Varbind> ParseSnmprecLine(std::string_view line) {
  const std::size_t first = line.find('|');
  const std::size_t second = first == std::string_view::npos ? first : line.find('|', first + 1);
  if (second == std::string_view::npos) return base::InvalidArgument("not OID|TAG|VALUE");
  PLATEN_ASSIGN_OR_RETURN(Oid name, Oid::Parse(Trim(line.substr(0, first))));

  const std::string_view tag_text = line.substr(first + 1, second - first - 1);
  if (tag_text.find(':') != std::string_view::npos) {
    return base::InvalidArgument(
        "a variation module computes this value; only recorded ones are read");
  }
  std::uint8_t tag = 0;
  const char* tag_end = tag_text.data() + tag_text.size();
  const auto [stop, error] = std::from_chars(tag_text.data(), tag_end, tag);
  const bool is_hex = stop + 1 == tag_end && *stop == 'x';
  if (error != std::errc() || (stop != tag_end && !is_hex) || !IsValueType(tag)) {
    return base::InvalidArgument("the tag is not one of an SNMP type");
  }
  PLATEN_ASSIGN_OR_RETURN(Value value, ParseSnmprecValue(tag, is_hex, line.substr(second + 1)));
  return Varbind(std::move(name), std::move(value));
}

}  // namespace platen::snmp::internal
