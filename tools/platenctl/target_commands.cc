// targets add, import, list, remove.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <thread>

#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/base/status.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/import_file.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/probe_process.h"
#include "tools/platenctl/table.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

constexpr int kImportBatch = 1000;
constexpr std::chrono::milliseconds kPollInterval{250};

// A random UUID (version 4).
std::string NewRequestId() {
  std::uint8_t bytes[16];
  base::SecureRandomBytes(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string id = base::HexEncode({reinterpret_cast<const char*>(bytes), sizeof(bytes)});
  for (const std::size_t at : {20, 16, 12, 8}) id.insert(at, "-");
  return id;
}

std::string PlaceFor(const Session& session) {
  return base::StrCat("tenants/",
                      session.arguments.Get("tenant", session.context.tenant()),
                      "/sites/",
                      session.arguments.Get("site", session.context.site()));
}

absl::StatusOr<ev::SnmpAccess::Version> SnmpVersionOf(const std::string& text) {
  if (text == "1") return ev::SnmpAccess::VERSION_V1;
  if (text == "2c") return ev::SnmpAccess::VERSION_V2C;
  if (text == "3") return ev::SnmpAccess::VERSION_V3;
  return base::InvalidArgument("--snmp-version takes 1, 2c or 3, not '", text, "'");
}

absl::StatusOr<fleet::CreateTargetRequest> MakeRequest(const Session& session) {
  const Arguments& arguments = session.arguments;
  fleet::CreateTargetRequest request;
  request.set_parent(PlaceFor(session));
  request.set_request_id(NewRequestId());
  fleet::Target& target = *request.mutable_target();
  target.set_address(arguments.operands().front());
  target.set_display_name(arguments.Get("display-name"));
  target.set_customer(arguments.Get("customer"));
  target.set_location(arguments.Get("location"));
  target.set_site_name(arguments.Get("site-name"));
  target.set_installation(arguments.Get("installation"));
  target.set_expected_serial(arguments.Get("expected-serial"));
  const std::int64_t port = arguments.Number("port", 0);
  if (port != 0) target.mutable_snmp()->set_port(static_cast<std::uint32_t>(port));
  if (arguments.Has("credential")) {
    target.mutable_snmp()->set_credential(arguments.Get("credential"));
  }
  if (arguments.Has("snmp-version")) {
    PLATEN_ASSIGN_OR_RETURN(const auto version, SnmpVersionOf(arguments.Get("snmp-version")));
    target.mutable_snmp()->set_version(version);
  }
  return request;
}

void ShowFound(const ev::DeviceSnapshot& snapshot, std::ostream& out) {
  const auto line = [&out](std::string_view label, const std::string& value) {
    if (!value.empty()) out << "  " << label << Fit(value, 100) << '\n';
  };
  const ev::Identity& identity = snapshot.identity();
  out << "Found:\n";
  line("maker    ", identity.manufacturer());
  line("model    ", identity.model());
  line("serial   ", identity.serial_number());
  line("name     ", identity.sys_name());
  line("place    ", identity.sys_location());
  for (const std::string& meter : MeterLines(snapshot.meters())) {
    if (meter.starts_with("total")) line("counter  ", meter);
  }
  for (const ev::Supply& supply : snapshot.supplies()) {
    line("supply   ", supply.description() + ": " + LevelWords(supply.level()));
  }
  for (const ev::Unavailable& missing : snapshot.unavailable()) {
    line("missing  ", missing.what() + ", " + missing.why());
  }
}

// Shows what answers at the address, and asks. kCancelled where the answer is no,
// kFailedPrecondition where nobody can be asked and --yes was not given.
absl::Status ProbeAndAsk(Session& session, const fleet::Target& target) {
  if (!session.arguments.Has("no-probe")) {
    if (target.snmp().version() == ev::SnmpAccess::VERSION_V3) {
      return base::FailedPrecondition(
          "not registered: the collectors alone know the passwords of SNMPv3; platen-collector "
          "probe "
          "--user tries them, and --no-probe registers it unseen");
    }
    session.err << "Asking " << target.address() << " …\n";
    const auto snapshot = Probe(session.program,
                                {.address = target.address(),
                                 .community = session.arguments.Get("community"),
                                 .port = target.snmp().port()});
    if (!snapshot.ok()) {
      return base::Annotate(snapshot.status(), "not registered (--no-probe registers it unseen)");
    }
    ShowFound(*snapshot, session.out);
  }
  if (session.arguments.Has("yes")) return absl::OkStatus();
  if (!session.interactive) {
    return base::FailedPrecondition(
        "not registered: there is no terminal to ask on; --yes registers it unasked");
  }
  session.out << "Register it at " << PlaceFor(session) << "? [y/N] " << std::flush;
  std::string answer;
  std::getline(session.in, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return absl::OkStatus();
  return absl::CancelledError("not registered");
}

// Polls until the first reading is stored, or for as long as --wait says.
absl::Status AwaitReading(Session& session, const fleet::Target& target) {
  const std::int64_t seconds = session.arguments.Number("wait", 60);
  const base::MonotonicTime begin = session.clock.Now();
  fleet::ListMeterReadingsRequest request;
  request.set_parent(base::StrCat(
      target.name().substr(0, target.name().find("/targets/")), "/devices/", target.uid()));
  request.set_latest_only(true);
  while (session.clock.Now() - begin < std::chrono::seconds(seconds)) {
    fleet::ListMeterReadingsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListMeterReadings(&context, request, &response);
    }));
    if (!response.readings().empty()) {
      const fleet::MeterReadingRecord& first = response.readings(0);
      session.out << "First reading after " << base::ToMillis(session.clock.Now() - begin)
                  << " ms: " << Fit(first.model(), 60) << " " << Fit(first.serial_number(), 40)
                  << '\n';
      for (const std::string& meter : MeterLines(first.reading().meters())) {
        session.out << "  " << meter << '\n';
      }
      return absl::OkStatus();
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  if (seconds > 0) {
    session.out << "No reading within " << seconds << " s. It is registered; platenctl devices get "
                << target.address() << " shows when it comes. Do the collectors of installation "
                << target.installation() << " run, and reach it?\n";
  }
  return absl::OkStatus();
}

absl::Status Add(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const fleet::CreateTargetRequest request, MakeRequest(session));
  fleet::CreateTargetRequest check = request;
  check.set_validate_only(true);
  check.clear_request_id();
  fleet::Target target;
  // What the gateway would refuse is said before a printer is asked.
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.CreateTarget(&context, check, &target);
  }));
  PLATEN_RETURN_IF_ERROR(ProbeAndAsk(session, request.target()));
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.CreateTarget(&context, request, &target);
  }));
  session.out << "Registered as " << target.uid() << '\n' << std::flush;
  return AwaitReading(session, target);
}

absl::StatusOr<std::string> ReadText(Session& session, const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(session.in), {});
  std::ifstream in(file, std::ios::binary);
  if (!in) return base::NotFound("can't read ", file);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

absl::Status Fault(const Import& import, const std::string& file) {
  std::string text = base::StrCat("nothing was registered; ",
                                  file,
                                  " has ",
                                  import.faults.size(),
                                  import.faults.size() == 1 ? " fault:" : " faults:");
  for (const std::string& fault : import.faults) text += "\n  " + fault;
  return base::InvalidArgument(text);
}

// The gateway counts requests; whoever wrote the file counts lines.
absl::Status WithLine(const absl::Status& status, const Import& import, std::size_t begin) {
  constexpr std::string_view kPosition = "requests[";
  const std::string message(status.message());
  std::size_t index = 0;
  const char* digits = message.data() + kPosition.size();
  if (!message.starts_with(kPosition) ||
      std::from_chars(digits, message.data() + message.size(), index).ec != std::errc() ||
      begin + index >= import.lines.size()) {
    return status;
  }
  return base::Error(
      status.code(), "line ", import.lines[begin + index], message.substr(message.find(']') + 1));
}

absl::Status ImportTargets(Session& session) {
  const std::string& file = session.arguments.operands().front();
  PLATEN_ASSIGN_OR_RETURN(const std::string text, ReadText(session, file));
  Import import = ReadImport(text,
                             {.tenant = session.arguments.Get("tenant", session.context.tenant()),
                              .site = session.arguments.Get("site", session.context.site())});
  if (!import.faults.empty()) return Fault(import, file);
  int registered = 0;
  for (std::size_t begin = 0; begin < import.requests.size(); begin += kImportBatch) {
    const std::size_t end = std::min(import.requests.size(), begin + kImportBatch);
    fleet::BatchCreateTargetsRequest request;
    request.set_parent("tenants/-/sites/-");
    for (std::size_t i = begin; i < end; ++i) {
      *request.add_requests() = import.requests[i];
      if (session.arguments.Has("validate-only")) {
        request.mutable_requests()->rbegin()->set_validate_only(true);
      }
    }
    fleet::BatchCreateTargetsResponse response;
    const absl::Status status = session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.BatchCreateTargets(&context, request, &response);
    });
    if (!status.ok()) {
      return base::Annotate(WithLine(status, import, begin),
                            base::StrCat(registered,
                                         " registered; of lines ",
                                         import.lines[begin],
                                         " to ",
                                         import.lines[end - 1],
                                         " none"));
    }
    registered += response.targets_size();
  }
  session.out << registered
              << (session.arguments.Has("validate-only") ? " could be registered\n"
                                                         : " registered\n");
  return absl::OkStatus();
}

absl::Status List(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  fleet::ListTargetsRequest request;
  request.set_parent(WherePlace(session.arguments));
  request.set_page_size(500);
  Table table(
      {{"ADDRESS"}, {"NAME"}, {"CUSTOMER"}, {"LOCATION"}, {"INSTALLATION"}, {"ORDER"}, {"ID"}});
  do {
    fleet::ListTargetsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListTargets(&context, request, &response);
    }));
    for (const fleet::Target& target : response.targets()) {
      if (format == Format::kJson) {
        session.out << ToJson(target) << '\n';
        continue;
      }
      table.Add({target.address(),
                 target.display_name(),
                 target.customer(),
                 target.location(),
                 target.installation(),
                 target.delivered() ? "delivered" : "under way",
                 target.uid()});
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (format != Format::kJson) {
    table.SortBy(1);  // By name: the gateway's order is that of ids, which nobody looks for.
    Write(table, format, "no targets; register one with: platenctl targets add ADDRESS", session);
  }
  return absl::OkStatus();
}

absl::Status Remove(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device device,
                          FindDevice(session, session.arguments.operands().front()));
  fleet::DeleteTargetRequest request;
  const std::string place = device.name().substr(0, device.name().find("/devices/"));
  request.set_name(base::StrCat(place, "/targets/", device.uid()));
  google::protobuf::Empty nothing;
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.DeleteTarget(&context, request, &nothing);
  }));
  session.out << "No longer polled: " << device.address() << " (" << device.uid()
              << "); its history stays\n";
  return absl::OkStatus();
}

constexpr OptionSpec kForTenant = {"tenant", "TENANT", "tenant; default: the context's"};
constexpr OptionSpec kForSite = {"site", "SITE", "site; default: the context's"};

}  // namespace

Command TargetsAddCommand() {
  return {.name = "targets add",
          .operands = "ADDRESS",
          .help = "asks a printer who it is, registers it, and shows its first reading",
          .options =
              {kForTenant,
               kForSite,
               {"display-name", "TEXT", "the customer's name for it"},
               {"customer", "TEXT", "the customer"},
               {"location", "TEXT", "room or corridor"},
               {"site-name", "TEXT", "the site, for people"},
               {"port", "PORT", "UDP port of SNMP; default 161", 1, 65535},
               {"credential", "NAME", "credential of the collectors' configuration"},
               {"snmp-version", "1|2c|3", "default: 2c, then 1; 3 needs --no-probe"},
               {"community", "TEXT", "community for asking now; it is kept nowhere"},
               {"installation", "NAME", "who polls it; default \"default\""},
               {"expected-serial", "SERIAL", "another serial at this address is an alarm"},
               {"no-probe", "", "register without asking the printer"},
               {"yes", "", "don't ask me; needed where nobody can answer"},
               {"wait", "SECONDS", "for the first reading; default 60, 0 does not wait", 0, 3600}},
          .operands_min = 1,
          .operands_max = 1,
          .run = Add};
}

Command TargetsImportCommand() {
  return {
      .name = "targets import",
      .operands = "FILE",
      .help = "registers all printers of a CSV file (or of JSON lines); \"-\" reads standard input",
      .options = {kForTenant, kForSite, {"validate-only", "", "check, register nothing"}},
      .operands_min = 1,
      .operands_max = 1,
      .run = ImportTargets};
}

Command TargetsListCommand() {
  return {.name = "targets list",
          .help = "what is to be polled",
          .options = {kTenantOption, kSiteOption, kOutputOption},
          .run = List};
}

Command TargetsRemoveCommand() {
  return {.name = "targets remove",
          .operands = "DEVICE",
          .help = "ends polling; the device and its history stay",
          .operands_min = 1,
          .operands_max = 1,
          .run = Remove};
}

}  // namespace platen::platenctl
