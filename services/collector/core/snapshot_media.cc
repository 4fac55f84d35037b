// Where paper comes from and goes to, what is done to it, and what may stand open.
#include "libs/base/status.h"
#include "services/collector/core/media_sizes.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/snapshot_parts.h"

namespace platen::collector::core {
namespace {

constexpr std::int64_t kLargestStatus = 255;  // PrtSubUnitStatusTC is a sum of bits below 128.

// Name, else description: what a person calls it.
std::string NameOf(const Reader& reader,
                   const Label& field,
                   const snmp::Varbind* name,
                   const snmp::Varbind* description) {
  std::string text = reader.NotedText(field, name, "printer-mib/name");
  return text.empty() ? reader.NotedText(field, description, "printer-mib/description") : text;
}

std::optional<std::int32_t> SubUnitStatus(const snmp::Varbind* from) {
  const auto status = SignedNumber(from);
  if (!status.has_value() || *status < 0 || *status > kLargestStatus) return std::nullopt;
  return static_cast<std::int32_t>(*status);
}

event::v1::Level NotedLevel(const Reader& reader,
                            const Label& field,
                            const snmp::Varbind* level,
                            const snmp::Varbind* capacity,
                            const snmp::Varbind* unit) {
  event::v1::Level made = MakeLevel({.level = SignedNumber(level),
                                     .capacity = SignedNumber(capacity),
                                     .unit = SignedNumber(unit)});
  reader.Note(field, level, LevelRule(made));
  return made;
}

// What the device takes for being in the tray ("chosen"), whether it senses it or was told.
std::string NotedSize(const Reader& reader, const Label& field, const Row& row) {
  const snmp::Varbind* from = row.Column(oids::kInputChosenFeed);
  const std::string_view name =
      MediaSizeName(SignedNumber(from).value_or(-1),
                    SignedNumber(row.Column(oids::kInputChosenAcross)).value_or(-1),
                    SignedNumber(row.Column(oids::kInputDimUnit)).value_or(0));
  if (!name.empty()) reader.Note(field, from, "printer-mib/chosen-dimensions");
  return std::string(name);
}

void ReadInputs(const Reader& reader) {
  const Table table(reader.readings, oids::kInputEntry);
  for (const auto& [key, row] : table.rows()) {
    event::v1::Input* input = reader.out->add_inputs();
    input->set_index(key.index);
    input->set_device_index(key.device);
    input->set_name(NameOf(reader,
                           Label("inputs", key, "name"),
                           row.Column(oids::kInputName),
                           row.Column(oids::kInputDescription)));
    const auto type = SignedNumber(row.Column(oids::kInputType));
    if (type.has_value() && *type > 0 && *type <= 0xffff) {
      input->set_type(static_cast<std::int32_t>(*type));
    }
    *input->mutable_level() = NotedLevel(reader,
                                         Label("inputs", key, "level"),
                                         row.Column(oids::kInputLevel),
                                         row.Column(oids::kInputCapacity),
                                         row.Column(oids::kInputUnit));
    if (const auto status = SubUnitStatus(row.Column(oids::kInputStatus)); status.has_value()) {
      reader.Note(Label("inputs", key, "status"),
                  row.Column(oids::kInputStatus),
                  "printer-mib/PrtSubUnitStatusTC");
      input->set_status(*status);
    }
    input->set_media_size(NotedSize(reader, Label("inputs", key, "media_size"), row));
    input->set_media_name(reader.NotedText(Label("inputs", key, "media_name"),
                                           row.Column(oids::kInputMediaName),
                                           "printer-mib/prtInputMediaName"));
  }
  if (table.rows().empty()) reader.Missing("inputs", "the device lists no input trays");
  if (table.truncated()) reader.Missing("inputs", "more than 512 rows; the rest is left out");
}

// Of markers only what a device says of their state is of use here; their counters are meters.
void ReadMarkers(const Reader& reader) {
  const Table table(reader.readings, oids::kMarkerEntry);
  for (const auto& [key, row] : table.rows()) {
    const snmp::Varbind* from = row.Column(oids::kMarkerStatus);
    const auto status = SubUnitStatus(from);
    if (!status.has_value()) continue;
    event::v1::Marker* marker = reader.out->add_markers();
    marker->set_index(key.index);
    marker->set_device_index(key.device);
    marker->set_status(*status);
    reader.Note(Label("markers", key, "status"), from, "printer-mib/PrtSubUnitStatusTC");
  }
}

void ReadOutputs(const Reader& reader) {
  const Table table(reader.readings, oids::kOutputEntry);
  for (const auto& [key, row] : table.rows()) {
    event::v1::Output* output = reader.out->add_outputs();
    output->set_index(key.index);
    output->set_device_index(key.device);
    output->set_name(NameOf(reader,
                            Label("outputs", key, "name"),
                            row.Column(oids::kOutputName),
                            row.Column(oids::kOutputDescription)));
    *output->mutable_remaining() = NotedLevel(reader,
                                              Label("outputs", key, "remaining"),
                                              row.Column(oids::kOutputRemaining),
                                              row.Column(oids::kOutputCapacity),
                                              row.Column(oids::kOutputUnit));
    if (const auto status = SubUnitStatus(row.Column(oids::kOutputStatus)); status.has_value()) {
      output->set_status(*status);
    }
  }
}

void ReadFinishers(const Reader& reader) {
  const Table table(reader.readings, oids::kFinDeviceEntry);
  for (const auto& [key, row] : table.rows()) {
    event::v1::Finisher* finisher = reader.out->add_finishers();
    finisher->set_index(key.index);
    finisher->set_device_index(key.device);
    finisher->set_description(reader.NotedText(Label("finishers", key, "description"),
                                               row.Column(oids::kFinDeviceDescription),
                                               "finisher-mib/finDeviceDescription"));
    const auto type = SignedNumber(row.Column(oids::kFinDeviceType));
    if (type.has_value() && *type > 0 && *type <= 0xffff) {
      finisher->set_type(static_cast<std::int32_t>(*type));
    }
    if (const auto status = SubUnitStatus(row.Column(oids::kFinDeviceStatus)); status.has_value()) {
      reader.Note(Label("finishers", key, "status"),
                  row.Column(oids::kFinDeviceStatus),
                  "finisher-mib/PrtSubUnitStatusTC");
      finisher->set_status(*status);
    }
  }
  if (table.truncated()) reader.Missing("finishers", "more than 512 rows; the rest is left out");
}

void ReadCovers(const Reader& reader) {
  const Table table(reader.readings, oids::kCoverEntry);
  for (const auto& [key, row] : table.rows()) {
    event::v1::Cover* cover = reader.out->add_covers();
    cover->set_index(key.index);
    cover->set_device_index(key.device);
    cover->set_description(reader.NotedText(Label("covers", key, "description"),
                                            row.Column(oids::kCoverDescription),
                                            "printer-mib/prtCoverDescription"));
    const snmp::Varbind* from = row.Column(oids::kCoverStatus);
    const auto status = SignedNumber(from);
    if (!status.has_value() || *status <= 0) continue;
    reader.Note(Label("covers", key, "status"), from, "printer-mib/prtCoverStatus");
    const bool known =
        *status < 1000 && event::v1::Cover::Status_IsValid(static_cast<int>(*status));
    cover->set_status(known ? static_cast<event::v1::Cover::Status>(*status)
                            : event::v1::Cover::STATUS_OTHER);
  }
  if (table.rows().empty()) reader.Missing("covers", "the device lists no covers");
}

}  // namespace

void ReadMedia(const Reader& reader) {
  ReadInputs(reader);
  ReadOutputs(reader);
  ReadFinishers(reader);
  ReadMarkers(reader);
  ReadCovers(reader);
}

}  // namespace platen::collector::core
