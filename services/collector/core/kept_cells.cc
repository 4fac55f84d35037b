#include "services/collector/core/kept_cells.h"

#include <algorithm>
#include <utility>

namespace platen::collector::core {
namespace {

using snmp::ValueType;

constexpr std::uint8_t kAsked = 0x20;  // No value's tag has this bit.

void PutVarint(std::uint64_t number, std::string& out) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>(0x80 | (number & 0x7f)));
  out.push_back(static_cast<char>(number));
}

std::optional<std::uint64_t> TakeVarint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> TakeByte(std::string_view& bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto byte = static_cast<std::uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  return byte;
}

// Small negative numbers (-2, -3) are frequent.
std::uint64_t Zigzag(std::uint64_t number) {
  return number << 1 ^ (number >> 63 != 0 ? ~std::uint64_t{0} : 0);
}

std::uint64_t Unzigzag(std::uint64_t number) {
  return number >> 1 ^ ((number & 1) != 0 ? ~std::uint64_t{0} : 0);
}

void PutValue(const snmp::Value& value, std::string& out) {
  const snmp::ValueView view = value.view();
  if (view.type() == ValueType::kNull) return;
  if (view.is_number()) {
    PutVarint(view.type() == ValueType::kInteger ? Zigzag(view.raw_number()) : view.raw_number(),
              out);
    return;
  }
  PutVarint(view.raw_bytes().size(), out);
  out += view.raw_bytes();
}

std::optional<snmp::Value> TakeValue(ValueType type, std::string_view& bytes) {
  if (type == ValueType::kNull) return snmp::Value();
  const std::optional<std::uint64_t> number = TakeVarint(bytes);
  if (!number.has_value()) return std::nullopt;
  if (type == ValueType::kInteger) return snmp::Value::Number(type, Unzigzag(*number));
  if (snmp::IsUnsignedNumber(type)) return snmp::Value::Number(type, *number);
  if (*number > bytes.size()) return std::nullopt;
  const std::string_view contents = bytes.substr(0, *number);
  bytes.remove_prefix(*number);
  if (type == ValueType::kOid &&
      !snmp::IsCanonicalOid(
          std::span(reinterpret_cast<const std::uint8_t*>(contents.data()), contents.size()))) {
    return std::nullopt;
  }
  return snmp::Value(snmp::ValueView::Bytes(type, contents));
}

std::optional<KeptCell> TakeCell(std::vector<std::uint8_t>& name, std::string_view& bytes) {
  const auto shared = TakeByte(bytes);
  const auto added = TakeByte(bytes);
  if (!shared.has_value() || !added.has_value()) return std::nullopt;
  if (*shared > name.size() || *added > bytes.size()) return std::nullopt;
  name.resize(*shared);
  name.insert(name.end(), bytes.begin(), bytes.begin() + *added);
  bytes.remove_prefix(*added);
  const auto kind = TakeByte(bytes);
  if (!kind.has_value() || !snmp::IsCanonicalOid(name)) return std::nullopt;
  const auto tag = static_cast<std::uint8_t>(*kind & ~kAsked);
  const auto type = static_cast<ValueType>(tag);
  if (!snmp::IsValueType(tag) || snmp::ValueView::Empty(type).is_exception()) return std::nullopt;
  auto value = TakeValue(type, bytes);
  if (!value.has_value()) return std::nullopt;
  return KeptCell{snmp::Oid(snmp::OidView(name)), *std::move(value), (*kind & kAsked) != 0};
}

}  // namespace

std::string EncodeCells(std::span<const KeptCell> cells) {
  std::string out;
  std::span<const std::uint8_t> before;
  for (const KeptCell& cell : cells) {
    const std::span<const std::uint8_t> name = cell.name.view().ber();
    const auto [end, unused] = std::ranges::mismatch(name, before);
    const auto shared = static_cast<std::size_t>(end - name.begin());
    out.push_back(static_cast<char>(shared));
    out.push_back(static_cast<char>(name.size() - shared));
    out.append(name.begin() + static_cast<std::ptrdiff_t>(shared), name.end());
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(cell.value.type()) |
                                    (cell.asked ? kAsked : 0)));
    PutValue(cell.value, out);
    before = name;
  }
  return out;
}

std::optional<std::vector<KeptCell>> DecodeCells(std::string_view bytes) {
  std::vector<KeptCell> cells;
  std::vector<std::uint8_t> name;
  while (!bytes.empty()) {
    auto cell = TakeCell(name, bytes);
    if (!cell.has_value()) return std::nullopt;
    cells.push_back(*std::move(cell));
  }
  return cells;
}

}  // namespace platen::collector::core
