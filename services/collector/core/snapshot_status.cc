// How the device is: what a status poll reads.
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/snapshot_parts.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using event::v1::StatusReport;

constexpr int kErrorStates = 15;
constexpr std::size_t kMaxErrorStateBytes = 8;
constexpr int kMaxConsoleLines = 32;

// The number as an enum's value; nothing where the enum has none like it.
std::optional<int> InEnum(const snmp::Varbind* from, bool (*is_valid)(int)) {
  const auto number = SignedNumber(from);
  if (!number.has_value() || *number <= 0 || *number > 1000) return std::nullopt;
  return is_valid(static_cast<int>(*number)) ? std::optional(static_cast<int>(*number))
                                             : std::nullopt;
}

// Bit 0 is the most significant of the first byte; bytes that the device leaves out are 0. The
// bytes are taken as they are: 0x20 is lowToner, though tools that see text show a blank.
void ReadErrorState(const Reader& reader, StatusReport* status) {
  const snmp::Varbind* from = reader.readings.Find(
      oids::kHrPrinterEntry.Child({oids::kHrPrinterDetectedErrorState, reader.primary}));
  const auto bytes = from == nullptr ? std::nullopt : from->value.AsBytes();
  if (!bytes.has_value()) {
    reader.Missing("status.error_states",
                   from == nullptr ? "the device offers no hrPrinterDetectedErrorState"
                                   : "hrPrinterDetectedErrorState is not a string of bits");
    return;
  }
  reader.Note("status.error_states",
              from,
              bytes->empty() ? "host-resources-mib/error-state-empty-means-none"
                             : "host-resources-mib/error-state-bits-msb-first");
  status->set_error_state_raw(std::string(bytes->substr(0, kMaxErrorStateBytes)));
  for (int bit = 0; bit < kErrorStates; ++bit) {
    const auto at = static_cast<std::size_t>(bit / 8);
    if (at >= bytes->size()) break;
    const auto byte = static_cast<unsigned char>((*bytes)[at]);
    if ((byte & (0x80 >> (bit % 8))) != 0) {
      status->add_error_states(static_cast<event::v1::ErrorState>(bit + 1));
    }
  }
}

// A panel's text comes padded to its width and with line breaks of every kind.
void AddConsoleLines(std::string_view text, StatusReport* status) {
  while (!text.empty() && status->console_lines_size() < kMaxConsoleLines) {
    const std::size_t end = text.find_first_of("\r\n");
    const std::string_view line = TrimBlanks(text.substr(0, end));
    if (!line.empty()) status->add_console_lines(std::string(line));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

void ReadConsole(const Reader& reader, StatusReport* status) {
  const Table console(reader.readings, oids::kConsoleEntry);
  for (const auto& [key, row] : console.rows()) {
    const snmp::Varbind* line = row.Column(oids::kConsoleText);
    if (const auto text = reader.Text(line); text.has_value()) {
      reader.Note({"status.console_lines[", std::size_t{key.index}, "]"},
                  line,
                  "printer-mib/prtConsoleDisplayBufferText");
      AddConsoleLines(*text, status);
    }
  }
  if (status->console_lines_size() > 0 || reader.profile == nullptr) return;
  for (const TextRule& rule : reader.profile->console) {
    const snmp::Varbind* from = nullptr;
    if (const auto text = reader.ByRule(rule, &from); text.has_value()) {
      reader.Note("status.console_lines", from, {*reader.profile, "console"});
      AddConsoleLines(*text, status);
      return;
    }
  }
}

}  // namespace

void ReadStatus(const Reader& reader) {
  StatusReport* status = reader.out->mutable_status();
  const snmp::Varbind* device =
      reader.readings.Find(oids::kHrDeviceEntry.Child({oids::kHrDeviceStatus, reader.primary}));
  if (const auto value = InEnum(device, event::v1::DeviceStatus_IsValid); value.has_value()) {
    reader.Note("status.device_status", device, "host-resources-mib/hrDeviceStatus");
    status->set_device_status(static_cast<event::v1::DeviceStatus>(*value));
  } else {
    reader.Missing("status.device_status", "the device offers no hrDeviceStatus");
  }
  const snmp::Varbind* printer =
      reader.readings.Find(oids::kHrPrinterEntry.Child({oids::kHrPrinterStatus, reader.primary}));
  if (const auto value = InEnum(printer, event::v1::PrinterStatus_IsValid); value.has_value()) {
    reader.Note("status.printer_status", printer, "host-resources-mib/hrPrinterStatus");
    status->set_printer_status(static_cast<event::v1::PrinterStatus>(*value));
  } else {
    reader.Missing("status.printer_status", "the device offers no hrPrinterStatus");
  }
  ReadErrorState(reader, status);
  ReadConsole(reader, status);
  const snmp::Varbind* uptime = reader.readings.Find(oids::kSysUpTime);
  // TimeTicks have 32 bits; more is no time, and would overflow where it is made one.
  constexpr std::uint64_t kTicksMax = 0xffffffff;
  if (const auto ticks = Counter(uptime); ticks.has_value() && *ticks <= kTicksMax) {
    reader.Note("status.uptime_ticks", uptime, "snmpv2-mib/sysUpTime");
    status->set_uptime_ticks(*ticks);
  }
  if (!reader.readings.empty()) status->set_reachability(event::v1::REACHABILITY_REACHABLE);
}

}  // namespace platen::collector::core
