// What was read from one device, in order, and how to find things in it.
//
// Everything here borrows the varbinds it was made from. What an agent does not have (an exception
// of v2c, NULL) counts as not read. Pure, thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "libs/snmp/oid.h"
#include "libs/snmp/value.h"

namespace platen::collector::core {

// Adds what a datagram has said, which is copied.
void AddReadings(std::span<const snmp::VarbindView> said, std::vector<snmp::Varbind>& readings);

// Sorts by name and keeps the first value of each name: what Readings asks for.
void SortReadings(std::vector<snmp::Varbind>& readings);

class Readings {
 public:
  // REQUIRES: `sorted` is ordered by name, without duplicates, and outlives this object.
  explicit Readings(std::span<const snmp::Varbind> sorted) : all_(sorted) {}

  // The varbind of that very name; null where the device has none.
  const snmp::Varbind* Find(snmp::OidView name) const;

  // Everything at or below `prefix`, exceptions and NULLs included.
  std::span<const snmp::Varbind> Below(snmp::OidView prefix) const;

  // The cell of `other_column` in the row of `cell`, which lies in `column`. Null where the device
  // has none.
  const snmp::Varbind* SameRow(const snmp::Varbind& cell,
                               const snmp::Oid& column,
                               const snmp::Oid& other_column) const;

  bool empty() const { return all_.empty(); }

 private:
  std::span<const snmp::Varbind> all_;
};

// False for NULL and v2c's exceptions.
bool HasValue(const snmp::Varbind& varbind);

// A number of any integer type, as devices mix them up. What an agent sends unsigned though the MIB
// says Integer32 is taken for the negative number it stands for (4294967293 is -3).
std::optional<std::int64_t> SignedNumber(const snmp::Varbind* varbind);

// A counter of any integer type; nothing for negative ones.
std::optional<std::uint64_t> Counter(const snmp::Varbind* varbind);

// Brother keeps its numbers in records of seven bytes, key(1) 01 04 value(4, big-endian), one after
// the other; some devices write shorter ones, and the end may be missing. The value of the first
// record with that key.
std::optional<std::uint32_t> BrotherRecord(std::string_view bytes, std::uint8_t key);

// Where a row of the Printer MIB belongs. Device 0 where the agent leaves the device index out.
struct RowKey {
  std::uint32_t device = 0;
  std::uint32_t index = 0;

  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

// The columns of one row that the device has.
class Row {
 public:
  // Null where the device has no such column.
  const snmp::Varbind* Column(std::uint32_t column) const;

  void Add(std::uint32_t column, const snmp::Varbind& cell) { cells_.emplace_back(column, &cell); }

 private:
  absl::InlinedVector<std::pair<std::uint32_t, const snmp::Varbind*>, 8> cells_;
};

// A table indexed by (hrDeviceIndex, own index). A row exists if it has any column: devices leave
// columns out, and lost answers do too.
class Table {
 public:
  // More rows than any device has; what comes after is left out.
  static constexpr std::size_t kMaxRows = 512;

  // `entry`: the OID under which the columns lie.
  Table(const Readings& readings, snmp::OidView entry);

  // In the order of the keys.
  const std::vector<std::pair<RowKey, Row>>& rows() const { return rows_; }

  // Whether rows were left out.
  bool truncated() const { return truncated_; }

 private:
  Row* RowOf(RowKey key, std::size_t& near);

  std::vector<std::pair<RowKey, Row>> rows_;
  bool truncated_ = false;
};

}  // namespace platen::collector::core
