// The values of SNMPv1 and v2c (RFC 2578 §7.1), as a view into a datagram and as a value of its
// own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/snmp/oid.h"

namespace platen::snmp {

// The numbers are the BER tags.
enum class ValueType : std::uint8_t {
  kInteger = 0x02,
  kOctetString = 0x04,
  kNull = 0x05,
  kOid = 0x06,
  kIpAddress = 0x40,
  kCounter32 = 0x41,
  kGauge32 = 0x42,
  kTimeTicks = 0x43,  // Hundredths of a second.
  kOpaque = 0x44,
  kCounter64 = 0x46,
  kNoSuchObject = 0x80,
  kNoSuchInstance = 0x81,
  kEndOfMibView = 0x82,
};

// A known type's tag? Anything else cannot be in a varbind.
bool IsValueType(std::uint8_t tag);

constexpr bool IsSignedNumber(ValueType type) {
  return type == ValueType::kInteger;
}

constexpr bool IsUnsignedNumber(ValueType type) {
  return type == ValueType::kCounter32 || type == ValueType::kGauge32 ||
         type == ValueType::kTimeTicks || type == ValueType::kCounter64;
}

// "Counter32", "OCTET STRING", …: for people.
std::string_view Name(ValueType type);

// 16 bytes that borrow from the datagram (or from a Value). Thread-compatible.
class ValueView {
 public:
  constexpr ValueView() = default;  // NULL, as a request carries it.

  static constexpr ValueView Integer(std::int64_t number) {
    return Number(ValueType::kInteger, static_cast<std::uint64_t>(number));
  }

  // REQUIRES: `type` is a numeric one. A negative number is passed as its two's complement.
  static constexpr ValueView Number(ValueType type, std::uint64_t number) {
    ValueView view;
    view.type_ = type;
    view.number_ = number;
    return view;
  }

  static constexpr ValueView Octets(std::string_view bytes) {
    return Bytes(ValueType::kOctetString, bytes);
  }

  // REQUIRES: `type` is kOctetString, kOpaque, kIpAddress, or kOid with canonical contents.
  static constexpr ValueView Bytes(ValueType type, std::string_view bytes) {
    ValueView view;
    view.type_ = type;
    view.size_ = static_cast<std::uint32_t>(bytes.size());
    view.bytes_ = bytes.data();
    return view;
  }

  static ValueView ObjectId(OidView oid) {
    return Bytes(ValueType::kOid,
                 {reinterpret_cast<const char*>(oid.ber().data()), oid.ber().size()});
  }

  // kNull, or one of v2c's three exceptions.
  static constexpr ValueView Empty(ValueType type) { return Number(type, 0); }

  ValueType type() const { return type_; }

  bool is_number() const { return IsSignedNumber(type_) || IsUnsignedNumber(type_); }

  // noSuchObject, noSuchInstance or endOfMibView: the agent has nothing under that name.
  bool is_exception() const { return (static_cast<std::uint8_t>(type_) & 0x80) != 0; }

  // Any numeric type will do, as devices mix them up (a life count typed INTEGER). Nothing for
  // other types, and for what the result cannot hold.
  std::optional<std::int64_t> AsInteger() const;
  std::optional<std::uint64_t> AsUnsigned() const;

  // OCTET STRING, Opaque and IpAddress (4 bytes in network order, where the agent keeps to the
  // standard).
  std::optional<std::string_view> AsBytes() const;
  std::optional<OidView> AsOid() const;

  // Contents of the BER encoding of a bytes-like value; empty for the others.
  std::string_view raw_bytes() const {
    return holds_bytes() ? std::string_view(bytes_, size_) : std::string_view();
  }

  // Two's complement; 0 for what is not a number.
  std::uint64_t raw_number() const { return holds_bytes() ? 0 : number_; }

  friend bool operator==(const ValueView& a, const ValueView& b) {
    return a.type_ == b.type_ && a.raw_number() == b.raw_number() && a.raw_bytes() == b.raw_bytes();
  }

 private:
  bool holds_bytes() const {
    return type_ == ValueType::kOctetString || type_ == ValueType::kOid ||
           type_ == ValueType::kIpAddress || type_ == ValueType::kOpaque;
  }

  union {
    std::uint64_t number_ = 0;
    const char* bytes_;
  };

  std::uint32_t size_ = 0;
  ValueType type_ = ValueType::kNull;
};

// A value that owns its bytes. Thread-compatible.
class Value {
 public:
  Value() = default;

  explicit Value(const ValueView& view)
      : bytes_(view.raw_bytes()), number_(view.raw_number()), type_(view.type()) {}

  static Value Integer(std::int64_t number) { return Value(ValueView::Integer(number)); }

  static Value Number(ValueType type, std::uint64_t number) {
    return Value(ValueView::Number(type, number));
  }

  static Value Octets(std::string_view bytes) { return Value(ValueView::Octets(bytes)); }

  static Value ObjectId(OidView oid) { return Value(ValueView::ObjectId(oid)); }

  // Borrows this value.
  ValueView view() const;

  ValueType type() const { return type_; }

  std::optional<std::int64_t> AsInteger() const { return view().AsInteger(); }

  std::optional<std::uint64_t> AsUnsigned() const { return view().AsUnsigned(); }

  std::optional<std::string_view> AsBytes() const { return view().AsBytes(); }

  std::optional<OidView> AsOid() const { return view().AsOid(); }

  friend bool operator==(const Value& a, const Value& b) { return a.view() == b.view(); }

 private:
  std::string bytes_;
  std::uint64_t number_ = 0;
  ValueType type_ = ValueType::kNull;
};

// One line of a request or an answer: a name and what stands under it.
struct VarbindView {
  OidView name;
  ValueView value;

  friend bool operator==(const VarbindView&, const VarbindView&) = default;
};

struct Varbind {
  Varbind() = default;

  Varbind(Oid its_name, Value its_value) : name(std::move(its_name)), value(std::move(its_value)) {}

  explicit Varbind(const VarbindView& view) : name(view.name), value(view.value) {}

  VarbindView view() const { return {name, value.view()}; }

  friend bool operator==(const Varbind&, const Varbind&) = default;

  Oid name;
  Value value;
};

}  // namespace platen::snmp
