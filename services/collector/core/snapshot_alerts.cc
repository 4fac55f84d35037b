// The rows of prtAlertTable, as read: what they mean for people is decided elsewhere.
#include <limits>

#include "libs/base/status.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/snapshot_parts.h"

namespace platen::collector::core {
namespace {

using event::v1::AlertRow;

constexpr std::int32_t kNotApplicable = -1;
constexpr std::int32_t kUnknownLocation = -2;

std::int32_t Int32(const snmp::Varbind* from, std::int32_t otherwise) {
  const auto number = SignedNumber(from);
  const bool fits = number.has_value() && *number >= std::numeric_limits<std::int32_t>::min() &&
                    *number <= std::numeric_limits<std::int32_t>::max();
  return fits ? static_cast<std::int32_t>(*number) : otherwise;
}

void SetWords(const Row& row, AlertRow* alert) {
  const std::int32_t severity = Int32(row.Column(oids::kAlertSeverity), 0);
  if (severity > 0) {
    alert->set_severity(event::v1::AlertSeverity_IsValid(severity)
                            ? static_cast<event::v1::AlertSeverity>(severity)
                            : event::v1::ALERT_SEVERITY_OTHER);
  }
  const std::int32_t training = Int32(row.Column(oids::kAlertTraining), 0);
  if (training > 0) {
    alert->set_training(event::v1::AlertTraining_IsValid(training)
                            ? static_cast<event::v1::AlertTraining>(training)
                            : event::v1::ALERT_TRAINING_OTHER);
  }
}

void NoteRow(const Reader& reader, RowKey key, const Row& row) {
  struct Member {
    std::uint32_t column;
    std::string_view name;
    std::string_view rule;
  };

  constexpr Member kMembers[] = {
      {oids::kAlertSeverity, "severity", "printer-mib/prtAlertSeverityLevel"},
      {oids::kAlertTraining, "training", "printer-mib/prtAlertTrainingLevel"},
      {oids::kAlertGroup, "group", "printer-mib/prtAlertGroup"},
      {oids::kAlertGroupIndex, "group_index", "printer-mib/prtAlertGroupIndex"},
      {oids::kAlertLocation, "location", "printer-mib/prtAlertLocation"},
      {oids::kAlertCode, "code", "printer-mib/prtAlertCode"},
      {oids::kAlertTime, "time_ticks", "printer-mib/prtAlertTime"},
  };
  if (reader.trace == nullptr) return;
  for (const Member& member : kMembers) {
    const snmp::Varbind* from = row.Column(member.column);
    if (from != nullptr) reader.Note(Label("alerts", key, member.name), from, member.rule);
  }
}

}  // namespace

void ReadAlerts(const Reader& reader) {
  const Table table(reader.readings, oids::kAlertEntry);
  for (const auto& [key, row] : table.rows()) {
    AlertRow* alert = reader.out->add_alerts();
    alert->set_index(key.index);
    alert->set_device_index(key.device);
    SetWords(row, alert);
    alert->set_group(Int32(row.Column(oids::kAlertGroup), 0));
    alert->set_group_index(Int32(row.Column(oids::kAlertGroupIndex), kNotApplicable));
    alert->set_location(Int32(row.Column(oids::kAlertLocation), kUnknownLocation));
    alert->set_code(Int32(row.Column(oids::kAlertCode), 0));
    NoteRow(reader, key, row);
    alert->set_description(reader.NotedText(Label("alerts", key, "description"),
                                            row.Column(oids::kAlertDescription),
                                            "printer-mib/prtAlertDescription"));
    if (const auto ticks = Counter(row.Column(oids::kAlertTime)); ticks.has_value()) {
      alert->set_time_ticks(*ticks);
    }
  }
  // An empty table is good news where the device counts alerts; otherwise it may have none at all.
  if (table.rows().empty() && !reader.out->has_alert_all_events() &&
      !reader.out->has_alert_critical_events()) {
    reader.Missing("alerts", "the device shows neither alert rows nor alert counters");
  }
  if (table.truncated()) reader.Missing("alerts", "more than 512 rows; the rest is left out");
}

}  // namespace platen::collector::core
