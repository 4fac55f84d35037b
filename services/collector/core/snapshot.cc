#include "services/collector/core/snapshot.h"

#include <algorithm>

#include <google/protobuf/util/time_util.h>

#include "libs/base/status.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/snapshot_parts.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using base::StrCat;

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kShown = 24;
  std::string text = "hex";
  for (const char c : bytes.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    text += {' ', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return bytes.size() > kShown ? text + " …" : text;
}

// A value for people: a number, a text, or bytes in hexadecimal where they are no text.
std::string Sent(const snmp::Value& value, int charset) {
  if (const auto oid = value.AsOid(); oid.has_value()) return oid->ToString();
  if (const auto number = value.AsInteger(); number.has_value()) return std::to_string(*number);
  if (const auto number = value.AsUnsigned(); number.has_value()) return std::to_string(*number);
  const std::string_view bytes = value.AsBytes().value_or(std::string_view());
  const bool has_controls = std::ranges::any_of(bytes, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
  return has_controls ? Hex(bytes) : DecodeText(bytes, charset);
}

// hrDeviceIndex of every device of type printer, in order.
std::vector<std::uint32_t> PrinterIndexes(const Readings& readings) {
  std::vector<std::uint32_t> indexes;
  const Table devices(readings, oids::kHrDeviceEntry);
  for (const auto& [key, row] : devices.rows()) {
    const snmp::Varbind* type = row.Column(oids::kHrDeviceType);
    const auto oid = type == nullptr ? std::nullopt : type->value.AsOid();
    if (oid.has_value() && *oid == oids::kHrDeviceTypePrinter.view()) indexes.push_back(key.index);
  }
  return indexes;
}

// The printer whose status and model are the device's. Where hrDeviceType names none, the first
// that the printer tables know: OfficeJets count from 0, and trimmed agents list no devices at all.
std::uint32_t PrimaryIndex(const Readings& readings, const std::vector<std::uint32_t>& printers) {
  if (!printers.empty()) return printers.front();
  const Table hr_printers(readings, oids::kHrPrinterEntry);
  if (!hr_printers.rows().empty()) return hr_printers.rows().begin()->first.index;
  for (const snmp::Oid& entry : {oids::kMarkerEntry, oids::kSuppliesEntry, oids::kInputEntry}) {
    const Table table(readings, entry);
    if (!table.rows().empty()) return table.rows().begin()->first.device;
  }
  return 1;
}

// prtLocalizationCharacterSet of the current localization, else of the first.
int CharsetOf(const Readings& readings, std::uint32_t device) {
  const Table table(readings, oids::kLocalizationEntry);
  const auto current =
      SignedNumber(readings.Find(oids::kGeneralEntry.Child({oids::kCurrentLocalization, device})));
  const Row* chosen = nullptr;
  for (const auto& [key, row] : table.rows()) {
    const bool is_current = current.has_value() && *current == std::int64_t{key.index};
    if (chosen == nullptr || is_current) chosen = &row;
    if (is_current) break;
  }
  if (chosen == nullptr) return 0;
  const auto charset = SignedNumber(chosen->Column(oids::kLocalizationCharset));
  return charset.has_value() && *charset > 0 && *charset < 100000 ? static_cast<int>(*charset) : 0;
}

DeviceTraits TraitsOf(const Readings& readings, std::uint32_t device) {
  DeviceTraits traits;
  if (const snmp::Varbind* id = readings.Find(oids::kSysObjectId); id != nullptr) {
    if (const auto oid = id->value.AsOid(); oid.has_value() && !oid->empty()) {
      traits.sys_object_id = snmp::Oid(*oid);
    }
  }
  const auto text = [&readings](snmp::OidView oid) {
    const snmp::Varbind* found = readings.Find(oid);
    const auto bytes = found == nullptr ? std::nullopt : found->value.AsBytes();
    return bytes.has_value() ? DecodeText(*bytes, 0) : std::string();
  };
  traits.sys_descr = text(oids::kSysDescr);
  traits.model = text(oids::kHrDeviceEntry.Child({oids::kHrDeviceDescr, device}));
  return traits;
}

const Profile* Choose(const Readings& readings,
                      const DeviceTraits& traits,
                      const ProfileSet& profiles) {
  if (const Profile* profile = profiles.Match(traits); profile != nullptr) return profile;
  return profiles.MatchPresent(
      [&readings](const snmp::Oid& subtree) { return !readings.Below(subtree).empty(); });
}

// Configuration and alert counters of the primary printer.
void ReadGeneral(const Reader& reader) {
  const auto counter = [&reader](std::uint32_t column, std::string_view field) {
    const snmp::Varbind* from =
        reader.readings.Find(oids::kGeneralEntry.Child({column, reader.primary}));
    const auto value = Counter(from);
    if (value.has_value()) reader.Note(field, from, {"printer-mib/", field});
    return value;
  };
  if (const auto value = counter(oids::kConfigChanges, "config_changes")) {
    reader.out->set_config_changes(*value);
  }
  if (const auto value = counter(oids::kAlertAllEvents, "alert_all_events")) {
    reader.out->set_alert_all_events(*value);
  }
  if (const auto value = counter(oids::kAlertCriticalEvents, "alert_critical_events")) {
    reader.out->set_alert_critical_events(*value);
  }
}

std::string DefaultWhy(const SnapshotInput& input, const Profile* profile) {
  if (input.readings.empty()) return "the device did not answer";
  std::string why = profile == nullptr
                        ? "no standard value and no profile for this model"
                        : StrCat("no standard value, and profile ", profile->id(), " found none");
  if (!input.complete) why += " (the reading ended early)";
  return why;
}

void ReadParts(const Reader& reader, Parts parts) {
  if (parts.Has(Part::kIdentity)) {
    ReadIdentity(reader);
    ReadFirmware(reader);
  } else if (parts.Has(Part::kMeters) || parts.Has(Part::kSupplies)) {
    ReadAnswerer(reader);
  }
  if (parts.Has(Part::kStatus)) ReadStatus(reader);
  if (parts.Has(Part::kMeters)) ReadMeters(reader);
  if (parts.Has(Part::kSupplies)) ReadSupplies(reader);
  if (parts.Has(Part::kMedia)) ReadMedia(reader);
  if (parts.Has(Part::kAlerts)) ReadAlerts(reader);
}

}  // namespace

event::v1::DeviceSnapshot MakeSnapshot(const SnapshotInput& input, Trace* trace) {
  event::v1::DeviceSnapshot snapshot;
  const Readings readings(input.readings);
  const std::vector<std::uint32_t> printers = PrinterIndexes(readings);
  Reader reader{.readings = readings, .profile = input.profile, .out = &snapshot, .trace = trace};
  if (!input.parts.Has(Part::kIdentity)) reader.known = input.known;
  reader.primary = PrimaryIndex(readings, printers);
  reader.charset = CharsetOf(readings, reader.primary);
  reader.traits = TraitsOf(readings, reader.primary);
  if (reader.profile == nullptr && input.profiles != nullptr) {
    reader.profile = Choose(readings, reader.traits, *input.profiles);
  }
  reader.default_why = DefaultWhy(input, reader.profile);

  snapshot.set_address(input.address);
  if (input.read_time != base::WallTime{}) {
    *snapshot.mutable_read_time() =
        google::protobuf::util::TimeUtil::MillisecondsToTimestamp(base::ToMillis(input.read_time));
  }
  snapshot.set_complete(input.complete);
  if (reader.profile != nullptr) snapshot.set_profile(reader.profile->id());
  snapshot.mutable_printer_device_indexes()->Add(printers.begin(), printers.end());
  ReadGeneral(reader);
  ReadParts(reader, input.parts);
  return snapshot;
}

const Profile* ChooseProfile(std::span<const snmp::Varbind> readings, const ProfileSet& profiles) {
  const Readings found(readings);
  const std::uint32_t primary = PrimaryIndex(found, PrinterIndexes(found));
  return Choose(found, TraitsOf(found, primary), profiles);
}

std::string Label::ToString() const {
  if (key_.has_value()) {
    return StrCat(
        before_, "[", key_->device, ".", key_->index, "]", after_.empty() ? "" : ".", after_);
  }
  if (number_.has_value()) return StrCat(before_, *number_, after_);
  if (profile_ != nullptr) return StrCat(profile_->id(), "/", after_);
  return StrCat(before_, middle_, after_);
}

void Reader::Note(const Label& field, const snmp::Varbind* from, const Label& rule) const {
  if (trace == nullptr) return;
  TraceEntry entry{.field = field.ToString(), .rule = rule.ToString()};
  if (from != nullptr) {
    entry.oid = from->name.ToString();
    entry.sent = Sent(from->value, charset);
  }
  trace->Add(std::move(entry));
}

void Reader::Missing(const Label& what, std::string_view why) const {
  event::v1::Unavailable* missing = out->add_unavailable();
  missing->set_what(what.ToString());
  missing->set_why(std::string(why));
}

std::optional<std::string> Reader::Text(const snmp::Varbind* from) const {
  const auto bytes = from == nullptr ? std::nullopt : from->value.AsBytes();
  if (!bytes.has_value()) return std::nullopt;
  std::string text = DecodeText(*bytes, charset);
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

std::string Reader::NotedText(const Label& field,
                              const snmp::Varbind* from,
                              const Label& rule) const {
  std::optional<std::string> text = Text(from);
  if (!text.has_value()) return {};
  Note(field, from, rule);
  return *std::move(text);
}

std::optional<std::string> Reader::ByRule(const TextRule& rule, const snmp::Varbind** from) const {
  *from = nullptr;
  std::optional<std::string> text;
  switch (rule.from) {
    case TextSource::kOid: {
      *from = readings.Find(rule.oid);
      const auto bytes = *from == nullptr ? std::nullopt : (*from)->value.AsBytes();
      if (!bytes.has_value()) return std::nullopt;
      text = rule.decode == Decoding::kPml ? DecodePml(*bytes) : DecodeText(*bytes, charset);
      break;
    }
    case TextSource::kSysDescr:
      *from = readings.Find(oids::kSysDescr);
      text = traits.sys_descr;
      break;
    case TextSource::kModel:
      *from = readings.Find(oids::kHrDeviceEntry.Child({oids::kHrDeviceDescr, primary}));
      text = traits.model;
      break;
    case TextSource::kIeee1284:
      text = Ieee1284Value(out->identity().ieee1284_id(), {rule.key});
      break;
  }
  if (text.has_value() && rule.pattern.has_value()) text = Extract(*rule.pattern, *text);
  if (text.has_value()) text = std::string(TrimBlanks(*text));
  return text.has_value() && !text->empty() ? text : std::nullopt;
}

const event::v1::Identity& Reader::Identity() const {
  return known == nullptr ? out->identity() : *known;
}

std::string Reader::ProfileWords() const {
  return profile == nullptr ? "no profile for this model" : StrCat("profile ", profile->id());
}

}  // namespace platen::collector::core
