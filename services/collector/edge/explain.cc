#include "services/collector/edge/explain.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <istream>
#include <span>

#include <unistd.h>

#include "absl/status/statusor.h"
#include "libs/base/read_file.h"
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
    const char* const what = text->empty() ? " is empty" : " has no line of a recording";
    err << "platen-collector: " << options.operands.front() << what
        << "; record one with `snmpwalk -v2c -On -c COMMUNITY HOST "
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
