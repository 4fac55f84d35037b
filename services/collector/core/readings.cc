#include "services/collector/core/readings.h"

#include <algorithm>
#include <array>
#include <limits>

namespace platen::collector::core {

void AddReadings(std::span<const snmp::VarbindView> said, std::vector<snmp::Varbind>& readings) {
  // Most readings end within a datagram or are of some hundred values; nothing in between is worth
  // moving them about for.
  constexpr std::size_t kOfALongReading = 192;
  const std::size_t wanted = readings.size() + said.size();
  if (wanted > readings.capacity()) {
    readings.reserve(readings.empty() ? wanted : std::max(2 * wanted, kOfALongReading));
  }
  for (const snmp::VarbindView& varbind : said) readings.emplace_back(varbind);
}

void SortReadings(std::vector<snmp::Varbind>& readings) {
  // Subtrees are mostly read one after the other, in order.
  const auto not_before = [](const snmp::Varbind& a, const snmp::Varbind& b) {
    return (a.name <=> b.name) >= 0;
  };
  if (std::ranges::adjacent_find(readings, not_before) == readings.end()) return;
  std::ranges::stable_sort(readings, [](const snmp::Varbind& a, const snmp::Varbind& b) {
    return (a.name <=> b.name) < 0;
  });
  const auto [first, last] = std::ranges::unique(
      readings, [](const snmp::Varbind& a, const snmp::Varbind& b) { return a.name == b.name; });
  readings.erase(first, last);
}

bool HasValue(const snmp::Varbind& varbind) {
  return varbind.value.type() != snmp::ValueType::kNull && !varbind.value.view().is_exception();
}

namespace {

auto FirstAtOrAfter(std::span<const snmp::Varbind> all, snmp::OidView name) {
  return std::ranges::partition_point(
      all, [name](const snmp::Varbind& varbind) { return (varbind.name.view() <=> name) < 0; });
}

}  // namespace

const snmp::Varbind* Readings::Find(snmp::OidView name) const {
  const auto found = FirstAtOrAfter(all_, name);
  if (found == all_.end() || !(found->name.view() == name) || !HasValue(*found)) return nullptr;
  return &*found;
}

std::span<const snmp::Varbind> Readings::Below(snmp::OidView prefix) const {
  const auto begin = FirstAtOrAfter(all_, prefix);
  const auto end = std::partition_point(begin, all_.end(), [prefix](const snmp::Varbind& varbind) {
    return varbind.name.StartsWith(prefix);
  });
  return {begin, end};
}

const snmp::Varbind* Readings::SameRow(const snmp::Varbind& cell,
                                       const snmp::Oid& column,
                                       const snmp::Oid& other_column) const {
  const std::span<const std::uint8_t> head = other_column.view().ber();
  const std::span<const std::uint8_t> index =
      cell.name.view().ber().subspan(column.view().ber().size());
  std::array<std::uint8_t, 2 * snmp::kMaxOidBytes> bytes;
  const std::span<const std::uint8_t> name(bytes.data(), head.size() + index.size());
  std::ranges::copy(index, std::ranges::copy(head, bytes.begin()).out);
  // Both columns lie in one table, but their OIDs are the profile's and may differ in length.
  return snmp::IsCanonicalOid(name) ? Find(snmp::OidView(name)) : nullptr;
}

std::optional<std::int64_t> SignedNumber(const snmp::Varbind* varbind) {
  if (varbind == nullptr) return std::nullopt;
  const auto number = varbind->value.AsInteger();
  constexpr std::int64_t kTwoTo32 = std::int64_t{1} << 32;
  if (number.has_value() && snmp::IsUnsignedNumber(varbind->value.type()) &&
      *number > std::numeric_limits<std::int32_t>::max() && *number < kTwoTo32) {
    return *number - kTwoTo32;
  }
  return number;
}

std::optional<std::uint64_t> Counter(const snmp::Varbind* varbind) {
  return varbind == nullptr ? std::nullopt : varbind->value.AsUnsigned();
}

std::optional<std::uint32_t> BrotherRecord(std::string_view bytes, std::uint8_t key) {
  constexpr std::size_t kHeader = 3;
  while (bytes.size() > kHeader) {
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const std::size_t length = at(2);
    if (at(1) != 1) return std::nullopt;  // Not a record: the end, or other data.
    if (bytes.size() < kHeader + length || length == 0 || length > 4) return std::nullopt;
    if (at(0) == key) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < length; ++i) value = value << 8 | at(kHeader + i);
      return value;
    }
    bytes.remove_prefix(kHeader + length);
  }
  return std::nullopt;
}

const snmp::Varbind* Row::Column(std::uint32_t column) const {
  for (const auto& [number, cell] : cells_) {
    if (number == column) return cell;
  }
  return nullptr;
}

Table::Table(const Readings& readings, snmp::OidView entry) {
  std::size_t near = 0;
  const std::span<const snmp::Varbind> cells = readings.Below(entry);
  if (!cells.empty()) rows_.reserve(8);
  for (const snmp::Varbind& varbind : cells) {
    if (!HasValue(varbind)) continue;
    snmp::ArcReader arcs = varbind.name.view().ArcsAfter(entry);
    const auto column = arcs.Next();
    const auto first = arcs.Next();
    const auto second = arcs.Next();
    if (!first.has_value() || arcs.Next().has_value()) continue;
    const RowKey key = second.has_value() ? RowKey{*first, *second} : RowKey{0, *first};
    if (Row* row = RowOf(key, near); row != nullptr) row->Add(*column, varbind);
  }
}

// Cells come column by column, and most columns have the same rows: the next cell's row is the next
// one. `near`: where to look first. Null where there is no room for another row.
Row* Table::RowOf(RowKey key, std::size_t& near) {
  if (near >= rows_.size() || rows_[near].first != key) {
    const auto at = std::ranges::lower_bound(rows_, key, {}, &std::pair<RowKey, Row>::first);
    near = static_cast<std::size_t>(at - rows_.begin());
    if (at == rows_.end() || at->first != key) {
      if (rows_.size() >= kMaxRows) {
        truncated_ = true;
        return nullptr;
      }
      rows_.emplace(at, key, Row());
    }
  }
  return &rows_[near++].second;
}

}  // namespace platen::collector::core
