#include "services/collector/edge/record.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <unistd.h>

#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/snmp/recording.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/reading_plan.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/redact.h"
#include "services/collector/core/snapshot.h"
#include "services/collector/core/words.h"
#include "services/collector/edge/hosts.h"
#include "services/collector/edge/probe.h"
#include "services/collector/edge/profile_files.h"
#include "services/collector/edge/reader.h"
#include "services/collector/edge/tool_frame.h"
#include "services/collector/edge/tool_options.h"

namespace platen::collector::edge {
namespace {

using snmp::operator""_oid;

constexpr std::string_view kUsage =
    "usage: platen-collector record NAME|ADDRESS [OPTIONS] > FILE.snmprec\n"
    "\n"
    "Writes a recording of all that a printer says of itself, to send and to test with. Serial\n"
    "numbers, names, places, addresses of the network and of mail, UUIDs and telephone numbers\n"
    "are masked, each the same everywhere, under a key that is drawn anew and forgotten. Of a\n"
    "vendor's own objects that no profile reads only ordinary words of printers stay.\n"
    "Look through FILE before you send it: texts on the panel may name a user or a document.\n"
    "\n"
    "  --community TEXT     SNMP community; default: public\n"
    "  --port NUMBER        UDP port; default: 161\n"
    "  --version 1|2c|3     default: 2c, then 1 where that is not answered\n"
    "  --user NAME          SNMPv3: who asks\n"
    "  --auth PROTOCOL      MD5, SHA-1, SHA-224 to SHA-512; password in PLATEN_SNMP_AUTH_PASSWORD\n"
    "  --priv PROTOCOL      DES, AES-128 to AES-256; password in PLATEN_SNMP_PRIV_PASSWORD\n"
    "  --timeout TIME       for each try, such as 2s or 500ms; default: 2s\n"
    "  --retries NUMBER     tries after the first; default: 1\n"
    "  --profiles DIR       vendors' profiles; default: those that came with the program\n"
    "  --seed NUMBER        masks that are the same in every run, for tests and explain --diff;\n"
    "                       who knows the number can guess what is behind them\n"
    "\n"
    "exit code: 0 written; 1 a fault on this machine; 2 wrong usage; 3 the host lives but does "
    "not\n"
    "answer SNMP; 4 it does not answer at all; 5 it answers and is no printer; 6 written in part\n";

struct Section {
  std::string_view name;
  snmp::Oid subtree;
};

// Without the rest of Host Resources, which lists processes and software.
std::vector<Section> StandardSections() {
  return {{"system", "1.3.6.1.2.1.1"_oid},
          {"interfaces", "1.3.6.1.2.1.2.2"_oid},
          {"interfaces, extended", "1.3.6.1.2.1.31.1.1"_oid},
          {"host", "1.3.6.1.2.1.25.1"_oid},
          {"host, storage", "1.3.6.1.2.1.25.2"_oid},
          {"host, devices", "1.3.6.1.2.1.25.3"_oid},
          {"printer and finisher", core::oids::kPrinterMib},
          {"port monitor", "1.3.6.1.4.1.2699.1"_oid}};
}

// The enterprise's subtree that an OID lies in; nothing where it lies in none.
std::optional<snmp::Oid> EnterpriseOf(const snmp::Oid& oid) {
  constexpr snmp::Oid kEnterprises = "1.3.6.1.4.1"_oid;
  if (!oid.StartsWith(kEnterprises)) return std::nullopt;
  const auto number = oid.view().ArcsAfter(kEnterprises).Next();
  if (!number.has_value()) return std::nullopt;
  return kEnterprises.Child(*number);
}

// The vendor's own subtree, and those of others that its profile reads from (OKI fills HP's).
std::vector<Section> VendorSections(std::span<const snmp::Varbind> rows,
                                    const core::ProfileSet& profiles) {
  std::vector<snmp::Oid> wanted;
  if (const snmp::Varbind* id = core::Readings(rows).Find(core::oids::kSysObjectId)) {
    if (const auto oid = id->value.AsOid()) wanted.emplace_back(*oid);
  }
  if (const core::Profile* profile = core::ChooseProfile(rows, profiles)) {
    const core::VendorReads reads = core::ReadsOf(*profile, core::ReadPurpose::kEverything);
    wanted.insert(wanted.end(), reads.scalars.begin(), reads.scalars.end());
    wanted.insert(wanted.end(), reads.columns.begin(), reads.columns.end());
  }
  std::vector<Section> sections;
  for (const snmp::Oid& each : wanted) {
    const auto subtree = EnterpriseOf(each);
    const bool known =
        subtree.has_value() && std::ranges::any_of(sections, [&subtree](const Section& section) {
          return section.subtree == *subtree;
        });
    if (subtree.has_value() && !known) sections.push_back({"vendor's own", *subtree});
  }
  return sections;
}

// Walks one device, section after section. A section has a bound (WalkOptions::varbinds_max).
class Recorder {
 public:
  Recorder(const ToolOptions& tool,
           const snmp::Endpoint& host,
           snmp::Datagrams& network,
           const base::Clock& clock,
           std::ostream& err)
      : network_(network),
        clock_(clock),
        err_(err),
        reader_(ReaderOptionsOf(tool), network, {base::SecureRandom64(), base::SecureRandom64()}) {
    target_.set_address(host.AddressToString());
    target_.mutable_snmp()->set_version(VersionOf(tool));
    target_.mutable_snmp()->set_port(host.port);
  }

  // False when the device has fallen silent before it said anything.
  bool Walk(std::span<const Section> sections) {
    for (const Section& section : sections) {
      core::ReadAnswer answer = Read({.subtrees = {section.subtree}});
      const bool silent = answer.result != core::ReadAnswer::Result::kAnswered;
      if (silent && rows_.empty()) return false;
      complete_ = complete_ && !silent && answer.complete;
      Keep(base::StrCat(section.name, " (", section.subtree.ToString(), ")"),
           silent,
           std::move(answer));
    }
    return true;
  }

  // What the device may say in its profile's SNMP context alone. Where it does not know the
  // context, it is silent there, and lacks nothing.
  void WalkContext(const core::ProfileSet& profiles) {
    auto plan = core::ContextPlan(core::ChooseProfile(rows_, profiles), rows_);
    if (!plan.has_value()) return;
    const std::string context = plan->context;
    core::ReadAnswer answer = Read(*std::move(plan));
    const bool silent = answer.result != core::ReadAnswer::Result::kAnswered;
    complete_ = complete_ && (silent || answer.complete);
    Keep(base::StrCat("supplies, in context ", context), silent, std::move(answer));
  }

  const std::vector<snmp::Varbind>& rows() const { return rows_; }

  bool complete() const { return complete_; }

 private:
  void Keep(std::string_view what, bool silent, core::ReadAnswer answer) {
    err_ << "  " << what << ": " << answer.values.size() << " objects"
         << (silent || !answer.complete ? ", not to its end" : "") << "\n"
         << std::flush;
    std::ranges::copy_if(answer.values, std::back_inserter(rows_), core::HasValue);
    core::SortReadings(rows_);
  }

  core::ReadAnswer Read(core::ReadingPlan plan) {
    reader_.Start(
        {.id = {0, ++reading_}, .access = core::AccessOf(target_), .plan = std::move(plan)});
    std::vector<core::ReadAnswer> answers;
    for (;;) {
      reader_.Poll(clock_.Now(), answers);
      if (!answers.empty()) return std::move(answers.front());
      WaitForReader(reader_, clock_.Now(), network_);
    }
  }

  snmp::Datagrams& network_;
  const base::Clock& clock_;
  std::ostream& err_;
  Reader reader_;
  event::v1::Target target_;
  std::uint32_t reading_ = 0;
  bool complete_ = true;
  std::vector<snmp::Varbind> rows_;
};

void TellMasked(const core::Redacted& redacted, std::ostream& err) {
  err << redacted.rows.size() << " objects written. Masked:";
  bool any = false;
  for (std::size_t i = 0; i < core::kSecretKinds; ++i) {
    if (redacted.places[i] == 0) continue;
    err << (any ? ", " : " ") << core::Name(static_cast<core::SecretKind>(i)) << " in "
        << core::Grouped(redacted.places[i]) << (redacted.places[i] == 1 ? " place" : " places");
    any = true;
  }
  err << (any ? ".\n" : " nothing.\n");
}

snmp::SipKey MaskKey(const ToolOptions& tool) {
  if (tool.seed.has_value()) return {*tool.seed, ~*tool.seed};
  return {base::SecureRandom64(), base::SecureRandom64()};
}

absl::StatusOr<ExitCode> Record(const ToolOptions& tool, std::ostream& out, std::ostream& err) {
  const std::string& asked = tool.operands.front();
  PLATEN_ASSIGN_OR_RETURN(const Hosts hosts, ResolveHosts(asked, tool.port));
  if (hosts.is_range) return base::InvalidArgument("a recording is of one printer, not of a range");
  const snmp::Endpoint& host = hosts.endpoints.front();
  PLATEN_ASSIGN_OR_RETURN(const core::ProfileSet profiles, LoadProfiles(ProfilesDirectory(tool)));
  PLATEN_ASSIGN_OR_RETURN(const auto network, snmp::udp::OpenUdp({.ipv6 = !host.is_v4()}));
  const base::RealClock clock;
  Recorder recorder(tool, host, *network, clock, err);
  err << "Asking " << asked << " …\n" << std::flush;
  if (!recorder.Walk(StandardSections())) return TellSilence(asked, hosts, err);
  recorder.Walk(VendorSections(recorder.rows(), profiles));
  recorder.WalkContext(profiles);
  if (recorder.rows().empty()) {
    return TellNoPrinter(asked, err);
  }
  std::vector<std::string> secrets = {asked, host.AddressToString()};
  if (tool.community != "public") secrets.push_back(tool.community);
  if (tool.user.has_value()) secrets.push_back(tool.user->name);
  PLATEN_ASSIGN_OR_RETURN(const core::Redacted redacted,
                          core::Redact({.readings = recorder.rows(),
                                        .profiles = &profiles,
                                        .key = MaskKey(tool),
                                        .secrets = std::move(secrets)}));
  for (const snmp::Varbind& row : redacted.rows) out << snmp::ToSnmprec(row.view()) << "\n";
  if (!out.flush()) return base::Unavailable("cannot write the recording: is the disk full?");
  TellMasked(redacted, err);
  if (!IsPrinter(core::MakeSnapshot({.readings = recorder.rows(), .profiles = &profiles}))) {
    return TellNoPrinter(asked, err);
  }
  return recorder.complete() ? kExitOk : kExitPartial;
}

}  // namespace

int RunRecord(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  constexpr Tool kRecord = {
      .name = "record",
      .usage = kUsage,
      .operands = [](const ToolOptions&) { return Operands{.words = "takes one printer"}; },
      .run = Record};
  return RunTool(kRecord, arguments, out, err);
}

}  // namespace platen::collector::edge
