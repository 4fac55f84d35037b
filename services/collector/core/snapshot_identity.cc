// Who the device is: the standard's word first, then the profile's.
#include <algorithm>

#include "libs/base/status.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/snapshot_parts.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using base::StrCat;
using event::v1::Identity;

constexpr std::size_t kMacBytes = 6;
constexpr std::int64_t kIfTypeLoopback = 24;

std::string MacText(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool IsRealMac(std::string_view bytes) {
  const auto all = [bytes](char value) {
    return std::ranges::all_of(bytes, [value](char c) { return c == value; });
  };
  return bytes.size() == kMacBytes && !all('\0') && !all('\xff');
}

void ReadMacs(const Reader& reader, Identity* identity) {
  const Table interfaces(reader.readings, oids::kIfEntry);
  for (const auto& [key, row] : interfaces.rows()) {
    const snmp::Varbind* address = row.Column(oids::kIfPhysAddress);
    const auto bytes = address == nullptr ? std::nullopt : address->value.AsBytes();
    if (!bytes.has_value() || !IsRealMac(*bytes)) continue;
    if (SignedNumber(row.Column(oids::kIfType)) == kIfTypeLoopback) continue;
    const std::string text = MacText(*bytes);
    const auto& known = identity->mac_addresses();
    if (std::ranges::find(known, text) != known.end()) continue;
    reader.Note(
        {"identity.mac_addresses[", std::size_t{key.index}, "]"}, address, "if-mib/ifPhysAddress");
    identity->add_mac_addresses(text);
  }
  if (identity->mac_addresses().empty()) {
    reader.Missing("mac_addresses", "no interface of ifTable has a hardware address");
  }
}

// The first of the profile's rules for `field` that finds something.
std::string ByProfile(const Reader& reader, IdentityField field, std::string_view name) {
  if (reader.profile == nullptr) return {};
  for (const IdentityRule& rule : reader.profile->identity) {
    if (rule.field != field) continue;
    const snmp::Varbind* from = nullptr;
    if (auto text = reader.ByRule(rule.text, &from); text.has_value()) {
      reader.Note({"identity.", name}, from, {*reader.profile, name});
      return *std::move(text);
    }
  }
  return {};
}

std::string Ieee1284(const Reader& reader) {
  for (const snmp::Varbind& varbind : reader.readings.Below(oids::kPortMonitorIeee1284)) {
    if (!HasValue(varbind)) continue;
    std::string text = reader.NotedText(
        "identity.ieee1284_id", &varbind, "pwg-ppm-mib/ppmPrinterIEEE1284DeviceId");
    if (!text.empty()) return text;
  }
  return ByProfile(reader, IdentityField::kIeee1284, "ieee1284_id");
}

std::string Serial(const Reader& reader) {
  const snmp::Varbind* standard =
      reader.readings.Find(oids::kGeneralEntry.Child({oids::kSerialNumber, reader.primary}));
  std::string serial =
      reader.NotedText("identity.serial_number", standard, "printer-mib/prtGeneralSerialNumber");
  return serial.empty() ? ByProfile(reader, IdentityField::kSerial, "serial_number") : serial;
}

std::string Model(const Reader& reader, const std::string& ieee1284_id) {
  const snmp::Varbind* standard =
      reader.readings.Find(oids::kHrDeviceEntry.Child({oids::kHrDeviceDescr, reader.primary}));
  std::string model =
      reader.NotedText("identity.model", standard, "host-resources-mib/hrDeviceDescr");
  if (model.empty()) model = ByProfile(reader, IdentityField::kModel, "model");
  if (model.empty()) {
    if (auto found = Ieee1284Value(ieee1284_id, {"MDL", "MODEL"}); found.has_value()) {
      reader.Note("identity.model", nullptr, "ieee1284/MDL");
      model = *std::move(found);
    }
  }
  if (model.empty()) reader.Missing("model", reader.default_why);
  return model;
}

std::string Manufacturer(const Reader& reader, const Identity& identity) {
  if (reader.profile != nullptr) {
    DeviceTraits traits = reader.traits;
    if (traits.model.empty()) traits.model = identity.model();
    reader.Note("identity.manufacturer", nullptr, {*reader.profile, "manufacturer"});
    return ManufacturerOf(*reader.profile, traits);
  }
  if (auto found = Ieee1284Value(identity.ieee1284_id(), {"MFG", "MANUFACTURER", "MANUFACTURE"})) {
    reader.Note("identity.manufacturer", nullptr, "ieee1284/MFG");
    return *std::move(found);
  }
  reader.Missing("manufacturer", "no profile for this model, and no IEEE 1284 device id");
  return {};
}

void ReadSystem(const Reader& reader, Identity* identity) {
  const auto text = [&reader](const snmp::Oid& oid, std::string_view name) {
    return reader.NotedText({"identity.", name}, reader.readings.Find(oid), {"snmpv2-mib/", name});
  };
  identity->set_sys_descr(text(oids::kSysDescr, "sys_descr"));
  identity->set_sys_name(text(oids::kSysName, "sys_name"));
  identity->set_sys_location(text(oids::kSysLocation, "sys_location"));
  if (!reader.traits.sys_object_id.empty()) {
    reader.Note("identity.sys_object_id",
                reader.readings.Find(oids::kSysObjectId),
                "snmpv2-mib/sys_object_id");
    identity->set_sys_object_id(reader.traits.sys_object_id.ToString());
  }
}

void AddVersion(const Reader& reader,
                std::string component,
                std::string version,
                const snmp::Varbind* from) {
  constexpr int kMaxVersions = 64;
  Identity* identity = reader.out->mutable_identity();
  if (identity->firmware_size() >= kMaxVersions) return;
  for (const auto& known : identity->firmware()) {
    if (known.component() == component) return;  // The first rule wins.
  }
  const std::string rule = StrCat(reader.profile->id(), "/firmware.", component);
  reader.Note({"identity.firmware[", component, "]"}, from, rule);
  event::v1::FirmwareVersion* entry = identity->add_firmware();
  entry->set_component(std::move(component));
  entry->set_version(std::move(version));
  entry->set_rule(rule);
}

// Two columns with the same index: names and versions.
void ReadVersionTable(const Reader& reader, const FirmwareRule& rule) {
  for (const snmp::Varbind& cell : reader.readings.Below(rule.versions)) {
    if (!HasValue(cell)) continue;
    const auto version = reader.Text(&cell);
    if (!version.has_value() || std::ranges::find(rule.skip, *version) != rule.skip.end()) continue;
    const auto component = reader.Text(reader.readings.SameRow(cell, rule.versions, rule.names));
    AddVersion(reader, component.value_or("main"), *version, &cell);
  }
}

// Every match of a pattern with two groups: "SS 100.002, NC 100.003, …".
void ReadVersionList(const Reader& reader, const FirmwareRule& rule) {
  for (auto& [component, version] : ExtractPairs(*rule.text.pattern, reader.traits.sys_descr)) {
    if (std::ranges::find(rule.skip, version) != rule.skip.end()) continue;
    AddVersion(
        reader, std::move(component), std::move(version), reader.readings.Find(oids::kSysDescr));
  }
}

void ReadFirmwareRule(const Reader& reader, const FirmwareRule& rule) {
  if (!rule.versions.empty()) {
    ReadVersionTable(reader, rule);
  } else if (rule.component.empty()) {
    ReadVersionList(reader, rule);
  } else {
    const snmp::Varbind* from = nullptr;
    auto version = reader.ByRule(rule.text, &from);
    if (version.has_value() && std::ranges::find(rule.skip, *version) == rule.skip.end()) {
      AddVersion(reader, rule.component, *std::move(version), from);
    }
  }
}

}  // namespace

void ReadIdentity(const Reader& reader) {
  Identity* identity = reader.out->mutable_identity();
  ReadSystem(reader, identity);
  identity->set_ieee1284_id(Ieee1284(reader));
  identity->set_serial_number(Serial(reader));
  if (identity->serial_number().empty()) reader.Missing("serial", reader.default_why);
  identity->set_model(Model(reader, identity->ieee1284_id()));
  identity->set_manufacturer(Manufacturer(reader, *identity));
  identity->set_uuid(ByProfile(reader, IdentityField::kUuid, "uuid"));
  identity->set_asset_tag(ByProfile(reader, IdentityField::kAssetTag, "asset_tag"));
  identity->set_printer_name(reader.NotedText(
      "identity.printer_name",
      reader.readings.Find(oids::kGeneralEntry.Child({oids::kPrinterName, reader.primary})),
      "printer-mib/prtGeneralPrinterName"));
  ReadMacs(reader, identity);
}

void ReadAnswerer(const Reader& reader) {
  std::string serial = Serial(reader);
  if (!serial.empty()) reader.out->mutable_identity()->set_serial_number(std::move(serial));
}

void ReadFirmware(const Reader& reader) {
  if (reader.profile != nullptr) {
    for (const FirmwareRule& rule : reader.profile->firmware) ReadFirmwareRule(reader, rule);
  }
  if (reader.out->identity().firmware().empty()) reader.Missing("firmware", reader.default_why);
}

}  // namespace platen::collector::core
