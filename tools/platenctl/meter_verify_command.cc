// meters verify.
#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "libs/base/status.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/meter_test_set.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

constexpr std::chrono::milliseconds kPollInterval(1000);
constexpr std::int64_t kWaitSeconds = 2 * 3600;  // Counters are read every hour by default.

// The only device of that model, or the one that --device names.
absl::StatusOr<fleet::Device> FindOne(Session& session, const std::string& model) {
  const auto is_that = [&model](const fleet::Device& device) {
    return absl::StrContains(absl::AsciiStrToLower(device.identity().model()),
                             absl::AsciiStrToLower(model));
  };
  if (session.arguments.Has("device")) {
    PLATEN_ASSIGN_OR_RETURN(fleet::Device device,
                            FindDevice(session, session.arguments.Get("device")));
    if (is_that(device)) return device;
    return base::FailedPrecondition(
        "that device is no ", model, ", but: ", device.identity().model());
  }
  std::vector<fleet::Device> found;
  fleet::ListDevicesRequest request;
  request.set_parent(WherePlace(session.arguments));
  request.set_page_size(500);
  do {
    fleet::ListDevicesResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListDevices(&context, request, &response);
    }));
    for (const fleet::Device& device : response.devices()) {
      if (is_that(device)) found.push_back(device);
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (found.empty()) return base::NotFound("no device is of a model \"", model, "\"");
  if (found.size() > 1) {
    return base::FailedPrecondition(found.size(),
                                    " devices are of that model; name one with --device: ",
                                    found[0].identity().serial_number(),
                                    ", ",
                                    found[1].identity().serial_number(),
                                    found.size() > 2 ? ", …" : "");
  }
  return found.front();
}

// The device's newest reading of counters; one without any where there is none yet.
absl::StatusOr<fleet::MeterReadingRecord> Newest(Session& session, const std::string& device) {
  fleet::ListMeterReadingsRequest request;
  request.set_parent(device);
  request.set_latest_only(true);
  fleet::ListMeterReadingsResponse response;
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.ListMeterReadings(&context, request, &response);
  }));
  return response.readings().empty() ? fleet::MeterReadingRecord() : response.readings(0);
}

absl::StatusOr<fleet::MeterReadingRecord> Load(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  fleet::MeterReadingRecord record;
  if (!in || !google::protobuf::util::JsonStringToMessage(text.str(), &record).ok() ||
      record.reading().meters().empty()) {
    return base::InvalidArgument("--before: ", file, " is no reading that --save has written");
  }
  return record;
}

absl::Status Save(const fleet::MeterReadingRecord& record, const std::string& file) {
  std::ofstream out(file, std::ios::trunc);
  out << ToJson(record) << '\n';
  out.close();
  if (!out) return base::InvalidArgument("--save: can't write ", file);
  return absl::OkStatus();
}

// Says what is to be printed, and asks for it where somebody is there; or what was to be.
absl::Status AskToPrint(Session& session,
                        const fleet::MeterReadingRecord& before,
                        std::span<const TestJob> jobs) {
  const bool is_printed = session.arguments.Has("before");
  session.err << "Counters of " << before.model() << " " << before.serial_number() << ", read "
              << Time(before.reading().read_time())
              << (is_printed ? ".\nSince then this was printed on it, and nothing else:\n"
                             : ".\nPrint this on it, and nothing else:\n");
  for (const TestJob& job : jobs) session.err << "  " << JobWords(job) << '\n';
  if (session.arguments.Has("yes") || is_printed) return absl::OkStatus();
  if (!session.interactive) {
    return base::FailedPrecondition(
        "there is no terminal to ask on: --yes waits for the pages unasked; or --save FILE, print, "
        "--before FILE");
  }
  session.err << "Then press Enter. " << std::flush;
  std::string line;
  if (!std::getline(session.in, line)) return absl::CancelledError("nothing was compared");
  return absl::OkStatus();
}

// Whether all pages of the set are counted: no total is behind.
bool AllPrinted(std::span<const CounterCheck> checks) {
  for (const CounterCheck& check : checks) {
    const bool is_total = check.meter.kind().function() == ev::METER_FUNCTION_TOTAL &&
                          check.meter.kind().colour() == ev::COLOUR_CLASS_ALL &&
                          check.meter.kind().sides() == ev::SIDES_CLASS_ALL &&
                          check.meter.kind().size() == ev::SIZE_CLASS_ALL;
    if (is_total && check.expected.has_value() &&
        check.moved < static_cast<std::int64_t>(*check.expected)) {
      return false;
    }
  }
  return true;
}

// The first reading after `before` that has all pages; at the end of --wait, the last one there is.
absl::StatusOr<fleet::MeterReadingRecord> AwaitAfter(Session& session,
                                                     const fleet::MeterReadingRecord& before,
                                                     std::span<const TestJob> jobs) {
  const std::chrono::seconds wait(session.arguments.Number("wait", kWaitSeconds));
  const base::MonotonicTime end = session.clock.Now() + wait;
  session.err << "Waiting for the next reading of its counters, at most " << wait.count()
              << " s …\n";
  fleet::MeterReadingRecord last;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(fleet::MeterReadingRecord record, Newest(session, before.device()));
    if (record.reading().read_time() > before.reading().read_time()) {
      last = std::move(record);
      if (AllPrinted(CheckCounters(before.reading(), last.reading(), jobs))) return last;
    }
    if (session.clock.Now() >= end) break;
    std::this_thread::sleep_for(kPollInterval);
  }
  if (!last.device().empty()) return last;
  return base::FailedPrecondition("no reading of its counters came within ",
                                  wait.count(),
                                  " s; platenctl devices get ",
                                  before.serial_number(),
                                  " shows when it was last read, --wait waits longer");
}

std::string Signed(const std::optional<std::int64_t>& moved) {
  if (!moved.has_value()) return "-";
  return *moved < 0 ? std::to_string(*moved) : "+" + std::to_string(*moved);
}

std::string LabelOf(const fleet::Device& device, const fleet::MeterReadingRecord& after) {
  std::string label = device.identity().model();
  for (const ev::FirmwareVersion& firmware : device.identity().firmware()) {
    if (firmware.component() == "main") label += ", firmware " + firmware.version();
  }
  return base::StrCat(label, ", ", Time(after.reading().read_time()).substr(0, 10));
}

void WriteJson(const fleet::MeterReadingRecord& after,
               std::span<const CounterCheck> checks,
               const std::string& lines,
               Session& session) {
  google::protobuf::Struct result;
  auto& fields = *result.mutable_fields();
  fields["device"].set_string_value(after.device());
  fields["model"].set_string_value(after.model());
  fields["profile"].set_string_value(after.reading().profile());
  fields["profileLines"].set_string_value(lines);
  auto& counters = *fields["counters"].mutable_list_value();
  for (const CounterCheck& check : checks) {
    auto& counter = *counters.add_values()->mutable_struct_value()->mutable_fields();
    counter["counter"].set_string_value(MeterWords(check.meter.kind()));
    counter["rule"].set_string_value(check.meter.rule());
    counter["unit"].set_string_value(UnitWord(check.meter.kind().unit()));
    if (check.expected.has_value()) {
      counter["expected"].set_number_value(static_cast<double>(*check.expected));
    }
    if (check.moved.has_value()) {
      counter["moved"].set_number_value(static_cast<double>(*check.moved));
    }
    counter["verdict"].set_string_value(std::string(FitWord(check.fit)));
    if (!check.note.empty()) counter["note"].set_string_value(check.note);
  }
  session.out << ToJson(result) << '\n';
}

absl::Status Report(const fleet::Device& device,
                    const fleet::MeterReadingRecord& after,
                    std::vector<CounterCheck> checks,
                    Session& session) {
  // What the set says something about comes first.
  std::ranges::stable_sort(checks, {}, &CounterCheck::fit);
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  const std::string lines = ProfileLines(checks, LabelOf(device, after));
  Table table({{"COUNTER"},
               {"RULE"},
               {"UNIT"},
               {"SHOULD", Align::kRight},
               {"DID", Align::kRight},
               {"VERDICT"},
               {"NOTE"}});
  std::size_t wrong = 0;
  std::size_t fitting = 0;
  for (const CounterCheck& check : checks) {
    wrong += check.fit == CounterFit::kDoesNot ? 1 : 0;
    fitting += check.fit == CounterFit::kFits ? 1 : 0;
    table.Add({MeterWords(check.meter.kind()),
               check.meter.rule(),
               UnitWord(check.meter.kind().unit()),
               check.expected.has_value() ? "+" + std::to_string(*check.expected) : "-",
               Signed(check.moved),
               std::string(FitWord(check.fit)),
               check.note});
  }
  if (format == Format::kJson) {
    WriteJson(after, checks, lines, session);
  } else {
    Write(table, format, "no counters", session);
    if (format == Format::kTable && !lines.empty()) session.out << '\n' << lines;
  }
  if (wrong > 0) {
    return absl::CancelledError(base::StrCat(wrong, " counters moved otherwise than they should"));
  }
  if (fitting == 0) return absl::CancelledError("no counter was tested");
  return absl::OkStatus();
}

absl::Status Run(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const std::vector<TestJob> jobs,
                          ParseTestSet(session.arguments.Get("set", kDefaultTestSet)));
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device device,
                          FindOne(session, session.arguments.operands().front()));
  fleet::MeterReadingRecord before;
  if (session.arguments.Has("before")) {
    PLATEN_ASSIGN_OR_RETURN(before, Load(session.arguments.Get("before")));
    if (before.device() != device.name()) {
      return base::FailedPrecondition("--before is a reading of another device: ", before.device());
    }
  } else {
    PLATEN_ASSIGN_OR_RETURN(before, Newest(session, device.name()));
    if (before.reading().meters().empty()) {
      return base::FailedPrecondition("its counters were never read; wait for the first reading");
    }
  }
  if (session.arguments.Has("save")) return Save(before, session.arguments.Get("save"));
  PLATEN_RETURN_IF_ERROR(AskToPrint(session, before, jobs));
  PLATEN_ASSIGN_OR_RETURN(const fleet::MeterReadingRecord after, AwaitAfter(session, before, jobs));
  return Report(device, after, CheckCounters(before.reading(), after.reading(), jobs), session);
}

}  // namespace

Command MetersVerifyCommand() {
  return {.name = "meters verify",
          .operands = "MODEL",
          .help = "compares counters before and after a printed test set",
          .options =
              {{"device", "DEVICE", "which one, where several are of that model"},
               {"set",
                "JOBS",
                "what is printed; default \"7 print mono; 13 print colour; 4 print mono "
                "two-sided\""},
               {"wait", "SECONDS", "for a reading after the pages; default 7200", 0, 7 * 24 * 3600},
               {"yes", "", "does not ask whether it was printed"},
               {"save", "FILE", "writes the reading before, and ends"},
               {"before", "FILE", "compares with that reading"},
               kTenantOption,
               kSiteOption,
               kOutputOption},
          .operands_min = 1,
          .operands_max = 1,
          .run = Run};
}

}  // namespace platen::platenctl
