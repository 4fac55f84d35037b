#include "services/collector/edge/explain.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <istream>
#include <optional>
#include <span>
#include <vector>

#include <unistd.h>

#include "absl/status/statusor.h"
#include "libs/base/read_file.h"
#include "libs/base/status.h"
#include "libs/snmp/recording.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/recording_diff.h"
#include "services/collector/core/snapshot.h"
#include "services/collector/edge/profile_files.h"
#include "services/collector/edge/tool_frame.h"
#include "services/collector/edge/tool_options.h"

namespace platen::collector::edge {
namespace {

// Of a file that is no recording at all, a few lines show that as well as hundreds.
constexpr std::size_t kToldMax = 10;

constexpr std::string_view kUsage =
    "usage: platen-collector explain FILE [--format text|json] [--profiles DIR]\n"
    "       platen-collector explain --diff A B [--format text|json] [--profiles DIR]\n"
    "\n"
    "Prints what Platen understands of a recording, and the OID and rule behind each value;\n"
    "with --diff, the events that two recordings of one printer make, A before B: a line each,\n"
    "or with --format json a platen.event.v1.Event each.\n"
    "FILE is a .snmprec, or the output of `snmpwalk -On -Oe -Ot`; - reads standard input.\n";

// No printer has so much to say, and an endless input must end.
constexpr std::size_t kTextBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kReasonCharactersMax = 80;

// At most `bytes_max` bytes, and one more where there are more.
std::string ReadUpTo(std::istream& in, std::size_t bytes_max) {
  std::string text;
  std::array<char, 64 * 1024> buffer;
  while (text.size() <= bytes_max && in) {
    in.read(buffer.data(),
            static_cast<std::streamsize>(std::min(buffer.size(), bytes_max + 1 - text.size())));
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

absl::StatusOr<std::string> ReadText(const std::string& name) {
  if (name != "-") return base::ReadFile(name, kTextBytesMax);
  std::string text = ReadUpTo(std::cin, kTextBytesMax);
  if (text.size() > kTextBytesMax) {
    return base::InvalidArgument(
        "cannot read standard input: it has more than ", kTextBytesMax, " bytes");
  }
  return text;
}

// A reason may quote a line of any length and content, and says at its end what is wrong with it.
std::string Shown(std::string reason) {
  for (char& c : reason) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  if (reason.size() <= kReasonCharactersMax) return reason;
  const std::size_t half = kReasonCharactersMax / 2;
  return reason.substr(0, half - 1) + "…" + reason.substr(reason.size() - half);
}

void TellSkipped(const snmp::Recording& recording, std::ostream& err) {
  if (recording.skipped == 0) return;
  err << "platen-collector: " << recording.skipped << " lines could not be read:\n";
  const std::size_t told = std::min(recording.listed.size(), kToldMax);
  for (const snmp::SkippedLine& line : std::span(recording.listed).first(told)) {
    err << "  line " << line.line << ": " << Shown(line.reason) << "\n";
  }
  if (recording.skipped > told) err << "  … and " << recording.skipped - told << " more\n";
}

// The rows of one file; nothing where that was a fault, which has been told.
std::optional<snmp::Recording> Load(const std::string& name, ExitCode& code, std::ostream& err) {
  const auto text = ReadText(name);
  if (!text.ok()) {
    err << "platen-collector: " << text.status().message() << "\n";
    code = kExitFailed;
    return std::nullopt;
  }
  snmp::Recording recording = snmp::ReadRecording(*text);
  TellSkipped(recording, err);
  if (!recording.rows.empty()) return recording;
  err << "platen-collector: " << name
      << (text->empty() ? " is empty" : " has no line of a recording")
      << "; record one with `platen-collector record HOST > FILE`\n";
  code = kExitNoPrinter;
  return std::nullopt;
}

ExitCode ExplainOne(const ToolOptions& options,
                    const core::ProfileSet& profiles,
                    std::ostream& out,
                    std::ostream& err) {
  ExitCode code = kExitOk;
  const auto recording = Load(options.operands.front(), code, err);
  if (!recording.has_value()) return code;
  core::Trace trace;
  const event::v1::DeviceSnapshot snapshot =
      core::MakeSnapshot({.readings = recording->rows, .profiles = &profiles}, &trace);
  if (options.format == OutputFormat::kJson) {
    out << ToJson(snapshot) << "\n";
  } else {
    const core::ReportStyle style = StyleFor(STDOUT_FILENO);
    out << core::Report(snapshot, style, &profiles) << core::TraceTable(trace, style);
  }
  return kExitOk;
}

// A recording of the Printer MIB is taken to have all of prtAlertTable, which is empty where
// nothing is wrong.
core::Recorded Understand(const snmp::Recording& recording, const core::ProfileSet& profiles) {
  const core::Profile* profile = core::ChooseProfile(recording.rows, profiles);
  return {.snapshot = core::MakeSnapshot({.readings = recording.rows, .profile = profile}),
          .rows_complete = !core::Readings(recording.rows).Below(core::oids::kPrinterMib).empty(),
          .profile = profile};
}

ExitCode ExplainDiff(const ToolOptions& options,
                     const core::ProfileSet& profiles,
                     std::ostream& out,
                     std::ostream& err) {
  std::vector<core::Recorded> both;
  for (const std::string& name : options.operands) {
    ExitCode code = kExitOk;
    const auto recording = Load(name, code, err);
    if (!recording.has_value()) return code;
    both.push_back(Understand(*recording, profiles));
  }
  const core::Recorded& a = both.front();
  const core::Recorded& b = both.back();
  if (a.snapshot.identity().serial_number() != b.snapshot.identity().serial_number()) {
    err << "platen-collector: the serial numbers differ; are these recordings of one printer, and "
           "masked with one key?\n";
  }
  for (const event::v1::Event& event : core::EventsBetween(a, b)) {
    out << (options.format == OutputFormat::kJson ? ToJson(event)
                                                  : core::EventWords(event, a.snapshot))
        << "\n";
  }
  return kExitOk;
}

absl::StatusOr<ExitCode> Explain(const ToolOptions& options, std::ostream& out, std::ostream& err) {
  const auto profiles = LoadProfiles(ProfilesDirectory(options));
  if (!profiles.ok()) {
    err << "platen-collector: " << profiles.status().message() << "\n";
    return kExitFailed;
  }
  return options.diff ? ExplainDiff(options, *profiles, out, err)
                      : ExplainOne(options, *profiles, out, err);
}

}  // namespace

int RunExplain(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  constexpr Tool kExplain = {.name = "explain",
                             .usage = kUsage,
                             .operands =
                                 [](const ToolOptions& options) {
                                   return options.diff ? Operands{.count = 2,
                                                                  .words = "--diff takes two files"}
                                                       : Operands{.words = "takes one file"};
                                 },
                             .run = Explain};
  return RunTool(kExplain, arguments, out, err);
}

}  // namespace platen::collector::edge
