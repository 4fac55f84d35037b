#include "services/collector/edge/explain.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <span>
#include <sstream>

#include <unistd.h>

#include "absl/status/statusor.h"
#include "libs/base/status.h"
#include "libs/snmp/recording.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/snapshot.h"
#include "services/collector/edge/profile_files.h"
#include "services/collector/edge/tool_options.h"

namespace platen::collector::edge {
namespace {

// Of a file that is no recording at all, a few lines show that as well as hundreds.
constexpr std::size_t kToldMax = 10;

constexpr std::string_view kUsage =
    "usage: platen-collector explain FILE [--format text|json] [--profiles DIR]\n"
    "\n"
    "Prints what Platen understands of a recording, and the OID and rule behind each value.\n"
    "FILE is a .snmprec, or the output of `snmpwalk -On -Oe -Ot`; - reads standard input.\n";

absl::StatusOr<std::string> ReadText(const std::string& name) {
  std::stringstream text;
  if (name == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream in(name, std::ios::binary);
  if (!in || !(text << in.rdbuf())) return base::NotFound("can't read ", name);
  return text.str();
}

void TellSkipped(const snmp::Recording& recording, std::ostream& err) {
  if (recording.skipped == 0) return;
  err << "platen-collector: " << recording.skipped << " lines could not be read:\n";
  const std::size_t told = std::min(recording.listed.size(), kToldMax);
  for (const snmp::SkippedLine& line : std::span(recording.listed).first(told)) {
    err << "  line " << line.line << ": " << line.reason << "\n";
  }
  if (recording.skipped > told) err << "  … and " << recording.skipped - told << " more\n";
}

int Explain(const ToolOptions& options, std::ostream& out, std::ostream& err) {
  const auto profiles = LoadProfiles(ProfilesDirectory(options));
  const auto text = ReadText(options.operands.front());
  for (const absl::Status& status : {profiles.status(), text.status()}) {
    if (status.ok()) continue;
    err << "platen-collector: " << status.message() << "\n";
    return kExitFailed;
  }
  const snmp::Recording recording = snmp::ReadRecording(*text);
  TellSkipped(recording, err);
  if (recording.rows.empty()) {
    err << "platen-collector: " << options.operands.front()
        << " has no line of a recording; record one with `snmpwalk -v2c -On -c COMMUNITY HOST "
           ".1`\n";
    return kExitNoPrinter;
  }
  core::Trace trace;
  const event::v1::DeviceSnapshot snapshot =
      core::MakeSnapshot({.readings = recording.rows, .profiles = &*profiles}, &trace);
  if (options.format == OutputFormat::kJson) {
    out << ToJson(snapshot) << "\n";
  } else {
    const core::ReportStyle style = StyleFor(STDOUT_FILENO);
    out << core::Report(snapshot, style) << core::TraceTable(trace, style);
  }
  return kExitOk;
}

}  // namespace

int RunExplain(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  const auto options = ParseToolOptions(arguments);
  if (options.ok() && options->help) {
    out << kUsage;
    return kExitOk;
  }
  if (!options.ok() || options->operands.size() != 1) {
    if (arguments.empty()) {
      err << kUsage;
    } else {
      err << "platen-collector explain: "
          << (options.ok() ? "takes one file" : options.status().message()) << "; see --help\n";
    }
    return kExitUsage;
  }
  return Explain(*options, out, err);
}

}  // namespace platen::collector::edge
