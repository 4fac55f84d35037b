#include "services/collector/edge/discover.h"

#include <optional>
#include <utility>

#include <unistd.h>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "services/collector/core/discovery_report.h"
#include "services/collector/edge/discovery_files.h"
#include "services/collector/edge/discovery_run.h"
#include "services/collector/edge/probe.h"
#include "services/collector/edge/profile_files.h"
#include "services/collector/edge/tool_frame.h"
#include "services/collector/edge/tool_options.h"

namespace platen::collector::edge {
namespace {

constexpr std::string_view kMulticast = "multicast";

constexpr std::string_view kUsage =
    "usage: platen-collector discover [--ranges RANGES] [--slp WHERE] [--dns-sd WHERE] [OPTIONS]\n"
    "\n"
    "Asks addresses over SNMP which printers there are, and says what is new, moved and gone "
    "since\n"
    "the last report. Registers nothing, and nothing is polled because of it:\n"
    "    platen-collector discover --ranges 10.1.0.0/22 --format import > found.csv\n"
    "    platenctl targets import found.csv        # after a look at it\n"
    "\n"
    "RANGES are 10.1.0.0/22, 10.1.0.20-10.1.0.40, 10.1.0.7 or IPv6 alike, with commas between, or\n"
    "@FILE with the same, one a line; 1048576 addresses at the most.\n"
    "\n"
    "  --ranges RANGES      what to ask\n"
    "  --exclude RANGES     what not to ask\n"
    "  --allow RANGES       the allow list: nothing else is asked, whatever --ranges or an answer "
    "says\n"
    "  --slp WHERE          asks who offers printing by SLP; with --allow only. WHERE is "
    "multicast, "
    "for\n"
    "                       this link, or RANGES, each address of which is asked for itself\n"
    "  --dns-sd WHERE       the same by DNS-SD (multicast DNS)\n"
    "  --slp-port NUMBER    UDP port; default: 427\n"
    "  --dns-sd-port NUMBER UDP port; default: 5353\n"
    "  --rate NUMBER        requests a second, 1 to 10000; default: 100\n"
    "  --report FILE        the last report, if it is there; the new one takes its place\n"
    "  --show FILE          prints a report that is there, and asks nobody\n"
    "  --known FILE         what is registered, from platenctl targets list --output json\n"
    "  --format text|json|import\n"
    "                       json: platen.collector.v1.DiscoveryReport; import: those that are not\n"
    "                       registered, for platenctl targets import\n"
    "  --community TEXT     SNMP community; default: public\n"
    "  --port NUMBER        UDP port; default: 161\n"
    "  --version 1|2c|3     default: 2c and 1 in turns\n"
    "  --user NAME, --auth PROTOCOL, --priv PROTOCOL    SNMPv3, as for probe\n"
    "  --timeout TIME       for each try, such as 2s or 500ms; default: 2s\n"
    "  --retries NUMBER     tries after the first, once all have had theirs; default: 1\n"
    "  --profiles DIR       vendors' profiles; default: those that came with the program\n"
    "\n"
    "exit code: 0 done, whatever was found; 1 a fault on this machine; 2 wrong usage\n";

absl::StatusOr<core::AnnouncementQuery> QueryOf(core::FoundBy protocol,
                                                const std::string& where,
                                                std::uint16_t port,
                                                const core::DiscoveryScope& scope) {
  std::optional<core::AddressSet> ranges;
  if (where != kMulticast) {
    PLATEN_ASSIGN_OR_RETURN(ranges, ReadAddresses(where, core::RangeEnds::kLeftOut));
  }
  return core::MakeAnnouncementQuery(protocol, ranges, port, scope);
}

absl::StatusOr<DiscoveryPlan> PlanOf(const ToolOptions& tool) {
  const DiscoverOptions& options = tool.discover;
  core::DiscoveryScope scope;
  PLATEN_ASSIGN_OR_RETURN(scope.ranges, ReadAddresses(options.ranges, core::RangeEnds::kLeftOut));
  PLATEN_ASSIGN_OR_RETURN(scope.excluded, ReadAddresses(options.exclude, core::RangeEnds::kMeant));
  PLATEN_ASSIGN_OR_RETURN(scope.allowed, ReadAddresses(options.allow, core::RangeEnds::kMeant));
  scope.has_allowed = !options.allow.empty();
  DiscoveryPlan plan{.options = {.port = tool.port,
                                 .per_second = options.rate,
                                 .links = {},
                                 .tries = static_cast<std::uint32_t>(tool.retries) + 1,
                                 .timeout = tool.timeout,
                                 .version = VersionOf(tool),
                                 .community = tool.community,
                                 .user = tool.user},
                     .queries = {}};
  if (!options.slp.empty()) {
    PLATEN_ASSIGN_OR_RETURN(
        auto query, QueryOf(collector::v1::FOUND_BY_SLP, options.slp, options.slp_port, scope));
    plan.queries.push_back(std::move(query));
  }
  if (!options.dns_sd.empty()) {
    PLATEN_ASSIGN_OR_RETURN(
        auto query,
        QueryOf(collector::v1::FOUND_BY_DNS_SD, options.dns_sd, options.dns_sd_port, scope));
    plan.queries.push_back(std::move(query));
  }
  PLATEN_ASSIGN_OR_RETURN(plan.options.addresses, AddressesOf(scope, !plan.queries.empty()));
  return plan;
}

// For whoever waits.
void TellBegin(const DiscoveryPlan& plan, std::ostream& err) {
  if (isatty(STDERR_FILENO) != 1) return;
  std::string whom = plan.options.addresses.empty()
                         ? std::string()
                         : base::StrCat(plan.options.addresses.size(), " addresses, ");
  for (const auto& query : plan.queries) {
    whom += base::StrCat("who answers ", core::ProtocolName(query.protocol), ", ");
  }
  err << "Asking " << whom << plan.options.per_second << " a second …\n" << std::flush;
}

void Print(const collector::v1::DiscoveryReport& report,
           OutputFormat format,
           std::ostream& out,
           std::ostream& err) {
  if (format == OutputFormat::kJson) {
    out << ToJson(report) << "\n";
  } else if (format == OutputFormat::kImport) {
    out << core::ImportLines(report);
    err << core::DiscoverySummary(report) << "\n";
  } else {
    out << core::DiscoveryPage(report, StyleFor(STDOUT_FILENO));
  }
}

absl::StatusOr<ExitCode> Discover(const ToolOptions& tool, std::ostream& out, std::ostream& err) {
  if (!tool.discover.show.empty()) {
    PLATEN_ASSIGN_OR_RETURN(const auto report, ReadReport(tool.discover.show));
    if (!report.has_end_time()) return base::NotFound(tool.discover.show, " is not there");
    Print(report, tool.format, out, err);
    return kExitOk;
  }
  PLATEN_ASSIGN_OR_RETURN(const DiscoveryPlan plan, PlanOf(tool));
  // What can't be used is said before anybody is asked.
  collector::v1::DiscoveryReport previous;
  if (!tool.discover.report.empty()) {
    PLATEN_ASSIGN_OR_RETURN(previous, ReadReport(tool.discover.report));
  }
  std::vector<event::v1::Target> targets;
  if (!tool.discover.known.empty()) {
    PLATEN_ASSIGN_OR_RETURN(targets, ReadKnownTargets(tool.discover.known));
  }
  PLATEN_ASSIGN_OR_RETURN(const core::ProfileSet profiles, LoadProfiles(ProfilesDirectory(tool)));
  TellBegin(plan, err);
  PLATEN_ASSIGN_OR_RETURN(
      const DiscoveryRun run,
      RunDiscovery(plan, previous, profiles, base::RealClock(), [] { return false; }));
  const collector::v1::DiscoveryReport report =
      core::MakeDiscoveryReport(*run.discovered, previous, targets);
  Print(report, tool.format, out, err);
  if (!out.flush()) return base::Unavailable("cannot write what was found: is the disk full?");
  if (!tool.discover.report.empty()) {
    PLATEN_RETURN_IF_ERROR(WriteReport(tool.discover.report, report));
  }
  return kExitOk;
}

}  // namespace

int RunDiscover(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  constexpr Tool kDiscover = {
      .name = "discover",
      .usage = kUsage,
      .operands =
          [](const ToolOptions& options) {
            // A range that stands alone has lost its option.
            const DiscoverOptions& discover = options.discover;
            const bool asks =
                !(discover.ranges.empty() && discover.slp.empty() && discover.dns_sd.empty());
            return asks != discover.show.empty()
                       ? Operands{.count = SIZE_MAX,
                                  .words = "takes either --ranges or --show, or --slp or --dns-sd"}
                       : Operands{
                             .count = 0,
                             .words =
                                 "takes --ranges, --slp, --dns-sd or --show, and nothing without "
                                 "an option"};
          },
      .run = Discover,
      .can_import = true};
  return RunTool(kDiscover, arguments, out, err);
}

}  // namespace platen::collector::edge
