#include "services/collector/edge/probe.h"

#include <algorithm>
#include <utility>

#include <unistd.h>

#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "services/collector/core/report.h"
#include "services/collector/edge/hosts.h"
#include "services/collector/edge/probe_session.h"
#include "services/collector/edge/profile_files.h"
#include "services/collector/edge/reachability.h"
#include "services/collector/edge/tool_frame.h"
#include "services/collector/edge/tool_options.h"

namespace platen::collector::edge {
namespace {

constexpr std::string_view kUsage =
    "usage: platen-collector probe NAME|ADDRESS|RANGE/24 [OPTIONS]\n"
    "\n"
    "Reads printers once over SNMP and prints what Platen understands of them.\n"
    "A range (IPv4, /20 at most) gives one line for each host that answers.\n"
    "\n"
    "  --community TEXT     SNMP community; default: public\n"
    "  --port NUMBER        UDP port; default: 161\n"
    "  --version 1|2c|3     default: 2c, then 1 where that is not answered\n"
    "  --user NAME          SNMPv3: who asks\n"
    "  --auth PROTOCOL      MD5, SHA-1, SHA-224 to SHA-512; password in PLATEN_SNMP_AUTH_PASSWORD\n"
    "  --priv PROTOCOL      DES, AES-128 to AES-256; password in PLATEN_SNMP_PRIV_PASSWORD\n"
    "  --timeout TIME       for each try, such as 2s or 500ms; default: 2s\n"
    "  --retries NUMBER     tries after the first; default: 1\n"
    "  --format text|json   json: platen.event.v1.DeviceSnapshot, one line a printer\n"
    "  --profiles DIR       vendors' profiles; default: those that came with the program\n"
    "\n"
    "exit code: 0 read; 1 a fault on this machine; 2 wrong usage; 3 the host lives but does not\n"
    "answer SNMP, or refuses; 4 it does not answer at all; 5 it answers and is no printer; 6 read "
    "in part\n";

ProbeOptions OptionsOf(const ToolOptions& tool, const Hosts& hosts) {
  ProbeOptions options;
  options.reader = ReaderOptionsOf(tool);
  options.version = VersionOf(tool);
  options.sweep = hosts.is_range;
  return options;
}

// Prints snapshots as they come and remembers what the exit code needs.
class Printer {
 public:
  Printer(const ToolOptions& options,
          bool is_range,
          const core::ProfileSet& profiles,
          std::ostream& out)
      : json_(options.format == OutputFormat::kJson),
        is_range_(is_range),
        style_(StyleFor(STDOUT_FILENO)),
        profiles_(profiles),
        out_(out) {}

  void Print(const event::v1::DeviceSnapshot& snapshot) {
    ++answered_;
    if (IsPrinter(snapshot)) ++printers_;
    if (!snapshot.complete()) ++partial_;
    if (json_) {
      out_ << ToJson(snapshot) << "\n";
    } else if (is_range_) {
      out_ << core::ReportLine(snapshot, style_) << "\n";
    } else {
      out_ << core::Report(snapshot, style_, &profiles_);
    }
    out_.flush();
  }

  std::size_t answered() const { return answered_; }

  ExitCode exit_code() const {
    if (printers_ == 0) return kExitNoPrinter;
    return partial_ > 0 ? kExitPartial : kExitOk;
  }

 private:
  bool json_;
  bool is_range_;
  core::ReportStyle style_;
  const core::ProfileSet& profiles_;
  std::ostream& out_;
  std::size_t answered_ = 0;
  std::size_t printers_ = 0;
  std::size_t partial_ = 0;
};

absl::StatusOr<ExitCode> Probe(const ToolOptions& tool, std::ostream& out, std::ostream& err) {
  const std::string& asked = tool.operands.front();
  PLATEN_ASSIGN_OR_RETURN(const Hosts hosts, ResolveHosts(asked, tool.port));
  PLATEN_ASSIGN_OR_RETURN(const core::ProfileSet profiles, LoadProfiles(ProfilesDirectory(tool)));
  const bool ipv6 = std::ranges::any_of(
      hosts.endpoints, [](const snmp::Endpoint& endpoint) { return !endpoint.is_v4(); });
  PLATEN_ASSIGN_OR_RETURN(const auto network, snmp::udp::OpenUdp({.ipv6 = ipv6}));
  const base::RealClock clock;
  const snmp::SipKey key{base::SecureRandom64(), base::SecureRandom64()};
  ProbeSession session(OptionsOf(tool, hosts), *network, clock, profiles, key);
  Printer printer(tool, hosts.is_range, profiles, out);
  if (isatty(STDERR_FILENO) == 1) err << "Asking " << asked << " …\n" << std::flush;
  session.Run(hosts.endpoints,
              [&printer](const event::v1::DeviceSnapshot& snapshot) { printer.Print(snapshot); });
  if (printer.answered() == 0 && !session.refusal().empty()) {
    err << "platen-collector: " << asked << " answers and refuses: " << session.refusal() << "\n";
    return kExitNoSnmp;
  }
  if (printer.answered() == 0) return TellSilence(asked, hosts, err);
  if (printer.exit_code() == kExitNoPrinter && !hosts.is_range) return TellNoPrinter(asked, err);
  return printer.exit_code();
}

}  // namespace

ExitCode TellSilence(const std::string& asked, const Hosts& hosts, std::ostream& err) {
  if (hosts.is_range) {
    err << "platen-collector: none of the " << hosts.endpoints.size() << " addresses of " << asked
        << " answers SNMP; is the community right, and SNMP switched on?\n";
    return kExitSilent;
  }
  constexpr base::Duration kKnock = std::chrono::milliseconds(1500);
  const TcpFindings findings = KnockTcp(hosts.endpoints.front(), kKnock);
  err << "platen-collector: " << SilenceAdvice(asked, hosts.endpoints.front(), findings);
  return findings.alive() ? kExitNoSnmp : kExitSilent;
}

ExitCode TellNoPrinter(const std::string& asked, std::ostream& err) {
  err << "platen-collector: " << asked << " answers SNMP, but shows nothing of a printer.\n";
  return kExitNoPrinter;
}

ReaderOptions ReaderOptionsOf(const ToolOptions& tool) {
  ReaderOptions options;
  options.timeout = tool.timeout;
  options.retries = static_cast<std::uint32_t>(tool.retries);
  options.requests_per_second = 1000;
  options.communities = {{"default", tool.community}};
  if (tool.user.has_value()) options.users = {{"default", *tool.user}};
  return options;
}

event::v1::SnmpAccess::Version VersionOf(const ToolOptions& tool) {
  if (tool.user.has_value()) return event::v1::SnmpAccess::VERSION_V3;
  if (tool.version_1) return event::v1::SnmpAccess::VERSION_V1;
  if (tool.version_2c) return event::v1::SnmpAccess::VERSION_V2C;
  return event::v1::SnmpAccess::VERSION_UNSPECIFIED;
}

bool IsPrinter(const event::v1::DeviceSnapshot& snapshot) {
  return snapshot.printer_device_indexes_size() > 0 || snapshot.supplies_size() > 0 ||
         snapshot.meters_size() > 0 || snapshot.inputs_size() > 0 || snapshot.alerts_size() > 0 ||
         !snapshot.profile().empty();
}

int RunProbe(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  constexpr Tool kProbe = {
      .name = "probe",
      .usage = kUsage,
      .operands =
          [](const ToolOptions&) { return Operands{.words = "takes one printer or range"}; },
      .run = Probe};
  return RunTool(kProbe, arguments, out, err);
}

}  // namespace platen::collector::edge
