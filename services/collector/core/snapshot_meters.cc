// Counters: the standard's life count, then what the profile knows of the vendor's own.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "libs/base/status.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/snapshot_parts.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using base::StrCat;
using event::v1::Meter;

// A value and the varbind it was read from.
struct Found {
  std::uint64_t value = 0;
  const snmp::Varbind* from = nullptr;
};

Meter* AddMeter(const Reader& reader,
                const event::v1::MeterKind& kind,
                const Found& found,
                std::string rule) {
  const auto number = static_cast<std::size_t>(reader.out->meters_size());
  reader.Note({"meters[", number, "].value"}, found.from, rule);
  Meter* meter = reader.out->add_meters();
  *meter->mutable_kind() = kind;
  meter->set_value(found.value);
  meter->set_rule(std::move(rule));
  meter->set_oid(found.from->name.ToString());
  return meter;
}

// PrtMarkerCounterUnitTC. A unit that has no word in MeterUnit, or none at all, is "other".
event::v1::MeterUnit UnitOf(std::optional<std::int64_t> counter_unit) {
  constexpr std::int64_t kImpressions = 7;
  constexpr std::int64_t kSheets = 8;
  if (counter_unit == kImpressions) return event::v1::METER_UNIT_IMPRESSIONS;
  if (counter_unit == kSheets) return event::v1::METER_UNIT_SHEETS;
  return event::v1::METER_UNIT_OTHER;
}

void ReadLifeCounts(const Reader& reader) {
  const Table markers(reader.readings, oids::kMarkerEntry);
  for (const auto& [key, row] : markers.rows()) {
    const snmp::Varbind* from = row.Column(oids::kMarkerLifeCount);
    const auto count = Counter(from);
    if (!count.has_value()) continue;
    const auto counter_unit = SignedNumber(row.Column(oids::kMarkerCounterUnit));
    event::v1::MeterKind kind;
    kind.set_function(event::v1::METER_FUNCTION_TOTAL);
    kind.set_colour(event::v1::COLOUR_CLASS_ALL);
    kind.set_size(event::v1::SIZE_CLASS_ALL);
    kind.set_sides(event::v1::SIDES_CLASS_ALL);
    kind.set_unit(UnitOf(counter_unit));
    if (markers.rows().size() > 1) kind.set_marker(key.index);
    AddMeter(reader, kind, {*count, from}, "printer-mib/prtMarkerLifeCount")
        ->set_source(event::v1::METER_SOURCE_STANDARD);
    if (!counter_unit.has_value()) {
      reader.Missing("meters.total.unit", "the device does not say what its life count counts");
    }
  }
}

// The cells of a column. Most rules of a profile look at the same one, one after the other.
class Cells {
 public:
  explicit Cells(const Readings& readings) : readings_(readings) {}

  std::span<const snmp::Varbind> Of(const snmp::Oid& column) {
    if (last_ == nullptr || !(*last_ == column)) cells_ = readings_.Below(column);
    last_ = &column;
    return cells_;
  }

 private:
  const Readings& readings_;
  const snmp::Oid* last_ = nullptr;
  std::span<const snmp::Varbind> cells_;
};

std::optional<Found> Find(const Reader& reader, Cells&, const ScalarMeter& where) {
  const snmp::Varbind* from = reader.readings.Find(where.oid);
  if (from == nullptr) return std::nullopt;
  if (where.decode != Decoding::kIeee754Hundredths) {
    const auto value = Counter(from);
    return value.has_value() ? std::optional(Found{*value, from}) : std::nullopt;
  }
  const auto bytes = from->value.AsBytes();
  if (!bytes.has_value() || bytes->size() != 4) return std::nullopt;
  std::uint32_t bits = 0;
  for (const char c : *bytes) bits = bits << 8 | static_cast<unsigned char>(c);
  const float number = std::bit_cast<float>(bits);
  constexpr float kLargest = 1e15F;
  if (!(number >= 0.0F && number <= kLargest)) return std::nullopt;  // NaN too.
  return Found{static_cast<std::uint64_t>(std::llround(double{number} * 100.0)), from};
}

std::optional<Found> Find(const Reader& reader, Cells& cells, const TypedRow& where) {
  for (const snmp::Varbind& cell : cells.Of(where.types)) {
    if (!HasValue(cell) || SignedNumber(&cell) != where.type) continue;
    const snmp::Varbind* value = reader.readings.SameRow(cell, where.types, where.values);
    if (const auto count = Counter(value); count.has_value()) return Found{*count, value};
  }
  return std::nullopt;
}

// Whether the cell says `label`. Printable ASCII means the same in every charset that is not of two
// bytes; only the rest has to be decoded.
bool Says(const Reader& reader, const snmp::Varbind& cell, std::string_view label) {
  const auto bytes = cell.value.AsBytes();
  if (!bytes.has_value()) return false;
  const bool is_plain = std::ranges::all_of(*bytes, [](char c) { return c >= 0x20 && c <= 0x7e; });
  return is_plain ? TrimBlanks(*bytes) == label : reader.Text(&cell) == label;
}

std::optional<Found> Find(const Reader& reader, Cells& cells, const LabelledRow& where) {
  for (const snmp::Varbind& cell : cells.Of(where.labels)) {
    if (!HasValue(cell) || !Says(reader, cell, where.label)) continue;
    const snmp::Varbind* value = reader.readings.SameRow(cell, where.labels, where.values);
    if (const auto count = Counter(value); count.has_value()) return Found{*count, value};
  }
  return std::nullopt;
}

std::optional<Found> Find(const Reader& reader, Cells&, const TlvRecord& where) {
  const snmp::Varbind* from = reader.readings.Find(where.oid);
  const auto bytes = from == nullptr ? std::nullopt : from->value.AsBytes();
  if (!bytes.has_value()) return std::nullopt;
  const auto value = BrotherRecord(*bytes, where.key);
  return value.has_value() ? std::optional(Found{*value, from}) : std::nullopt;
}

void ReadVendorMeters(const Reader& reader, const Profile& profile) {
  std::vector<bool> has(profile.meters.size());
  const std::string id = profile.id();
  Cells cells(reader.readings);
  for (std::size_t i = 0; i < profile.meters.size(); ++i) {
    const MeterRule& rule = profile.meters[i];
    if (!rule.when.Fits(reader.Identity())) continue;
    if (rule.unless.has_value() && has[*rule.unless]) {
      has[i] = true;
      continue;
    }
    const auto found = std::visit(
        [&reader, &cells](const auto& where) { return Find(reader, cells, where); }, rule.where);
    if (!found.has_value()) continue;
    has[i] = true;
    Meter* meter = AddMeter(reader, rule.kind, *found, StrCat(id, "/", rule.name));
    meter->set_source(event::v1::METER_SOURCE_VENDOR);
    meter->set_assurance(rule.assurance);
  }
}

bool HasTotal(const event::v1::DeviceSnapshot& snapshot) {
  for (const Meter& meter : snapshot.meters()) {
    if (meter.kind().function() == event::v1::METER_FUNCTION_TOTAL &&
        meter.kind().colour() == event::v1::COLOUR_CLASS_ALL) {
      return true;
    }
  }
  return false;
}

}  // namespace

void ReadMeters(const Reader& reader) {
  ReadLifeCounts(reader);
  if (reader.profile != nullptr) ReadVendorMeters(reader, *reader.profile);
  if (!HasTotal(*reader.out)) reader.Missing("meters.total", reader.default_why);
}

}  // namespace platen::collector::core
