// targets change, devices merge, devices split, meters confirm, meters enter.
#include <charconv>

#include <google/protobuf/util/time_util.h>

#include "libs/base/status.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

constexpr OptionSpec kReasonOption = {"reason", "TEXT", "why, for the device's history"};

// "tenants/T/sites/S/targets/ID" of a device's name.
std::string TargetOf(const fleet::Device& device) {
  std::string name = device.name();
  name.replace(name.find("/devices/"), 9, "/targets/");
  return name;
}

absl::Status ChangeTarget(Session& session) {
  const Arguments& arguments = session.arguments;
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device device,
                          FindDevice(session, arguments.operands().front()));
  fleet::UpdateTargetRequest request;
  fleet::Target& target = *request.mutable_target();
  target.set_name(TargetOf(device));
  request.set_reason(arguments.Get("reason"));
  if (arguments.Has("address")) {
    target.set_address(arguments.Get("address"));
    request.mutable_update_mask()->add_paths("address");
  }
  if (arguments.Has("expected-serial")) {
    target.set_expected_serial(arguments.Get("expected-serial"));
    request.mutable_update_mask()->add_paths("expected_serial");
  }
  if (arguments.Has("fixed")) {
    const std::string fixed = arguments.Get("fixed");
    if (fixed != "yes" && fixed != "no") return UsageError("--fixed takes yes or no");
    target.set_address_is_fixed(fixed == "yes");
    request.mutable_update_mask()->add_paths("address_is_fixed");
  }
  if (request.update_mask().paths().empty()) {
    return UsageError("change what? --address, --expected-serial or --fixed");
  }
  fleet::Target changed;
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.UpdateTarget(&context, request, &changed);
  }));
  session.out << "Changed: " << changed.address()
              << (changed.address_is_fixed() ? " (its own)" : "");
  if (!changed.expected_serial().empty()) {
    session.out << ", serial number " << changed.expected_serial();
  }
  session.out << ". The collector learns of it within seconds.\n";
  return absl::OkStatus();
}

absl::Status Merge(Session& session) {
  const auto& operands = session.arguments.operands();
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device stays, FindDevice(session, operands[0]));
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device gone, FindDevice(session, operands[1]));
  fleet::MergeDevicesRequest request;
  request.set_name(stays.name());
  request.set_other(gone.name());
  request.set_reason(session.arguments.Get("reason"));
  fleet::Device merged;
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.MergeDevices(&context, request, &merged);
  }));
  session.out << "One device from now on, with the history of both: " << merged.uid() << "\n"
              << "To undo it: platenctl devices split " << gone.name() << "\n";
  return absl::OkStatus();
}

absl::Status Split(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device device,
                          FindDevice(session, session.arguments.operands().front()));
  fleet::SplitDeviceRequest request;
  request.set_name(device.name());
  request.set_reason(session.arguments.Get("reason"));
  fleet::Device made;
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.SplitDevice(&context, request, &made);
  }));
  if (made.uid() == device.uid()) {
    session.out << "A device of its own again, with its history: " << made.uid() << "\n"
                << "It is not polled; register it with: platenctl targets add ADDRESS\n";
  } else {
    session.out << "What answers at " << made.address() << " is a new device: " << made.uid()
                << "\n"
                << "The old one keeps its history and is polled no longer: " << device.uid()
                << "\n";
  }
  return absl::OkStatus();
}

absl::Status Confirm(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device device,
                          FindDevice(session, session.arguments.operands().front()));
  fleet::ConfirmMetersRequest request;
  request.set_name(device.name());
  request.set_reason(session.arguments.Get("reason"));
  if (session.arguments.Has("oid")) request.add_oids(session.arguments.Get("oid"));
  request.set_validate_only(session.arguments.Has("check"));
  fleet::ConfirmMetersResponse response;
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.ConfirmMeters(&context, request, &response);
  }));
  session.out << (request.validate_only() ? "Would be confirmed:\n" : "Ordered to be confirmed:\n");
  for (const ev::ConfirmedEpoch& epoch : response.epochs()) {
    session.out << "  " << MeterWords(epoch.kind()) << " (" << SourceWord(epoch.source())
                << "), epoch " << epoch.epoch() << '\n';
  }
  if (!request.validate_only()) {
    session.out << "The collector does it at its next poll; see: platenctl devices history "
                << device.uid() << '\n';
  }
  return absl::OkStatus();
}

// "total=12345", "copy=7", "print,colour=99".
absl::StatusOr<ev::Meter> ParseMeter(const std::string& text) {
  const std::size_t equals = text.find('=');
  ev::Meter meter;
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const char* digits = text.data() + std::min(equals, text.size() - 1) + 1;
  if (equals == std::string::npos || digits == end ||
      std::from_chars(digits, end, value).ptr != end) {
    return UsageError("\"", text, "\": a counter and its value, \"total=12345\"");
  }
  meter.set_value(value);
  std::string what = text.substr(0, equals);
  ev::MeterKind& kind = *meter.mutable_kind();
  kind.set_colour(ev::COLOUR_CLASS_ALL);
  kind.set_size(ev::SIZE_CLASS_ALL);
  kind.set_sides(ev::SIDES_CLASS_ALL);
  if (const std::size_t comma = what.find(','); comma != std::string::npos) {
    const std::string colour = what.substr(comma + 1);
    if (colour != "colour" && colour != "mono") {
      return UsageError("\"", colour, "\": colour or mono, as in \"print,colour=99\"");
    }
    kind.set_colour(colour == "mono" ? ev::COLOUR_CLASS_MONOCHROME : ev::COLOUR_CLASS_COLOUR);
    what.resize(comma);
  }
  constexpr std::pair<std::string_view, ev::MeterFunction> kFunctions[] = {
      {"total", ev::METER_FUNCTION_TOTAL},
      {"print", ev::METER_FUNCTION_PRINT},
      {"copy", ev::METER_FUNCTION_COPY},
      {"scan", ev::METER_FUNCTION_SCAN},
      {"fax", ev::METER_FUNCTION_FAX}};
  for (const auto& [word, function] : kFunctions) {
    if (what != word) continue;
    kind.set_function(function);
    kind.set_unit(function == ev::METER_FUNCTION_SCAN ? ev::METER_UNIT_IMAGES
                                                      : ev::METER_UNIT_IMPRESSIONS);
    return meter;
  }
  return UsageError("\"", what, "\": total, print, copy, scan or fax");
}

absl::Status Enter(Session& session) {
  const auto& operands = session.arguments.operands();
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device device, FindDevice(session, operands.front()));
  fleet::EnterMeterReadingRequest request;
  request.set_name(device.name());
  request.set_reason(session.arguments.Get("reason"));
  for (std::size_t i = 1; i < operands.size(); ++i) {
    PLATEN_ASSIGN_OR_RETURN(*request.add_meters(), ParseMeter(operands[i]));
  }
  if (session.arguments.Has("at") &&
      !google::protobuf::util::TimeUtil::FromString(session.arguments.Get("at"),
                                                    request.mutable_read_time())) {
    return UsageError("--at takes a time: 2026-01-31T12:00:00Z");
  }
  fleet::MeterReadingRecord record;
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.EnterMeterReading(&context, request, &record);
  }));
  session.out << "Entered as a manual reading of " << Time(record.reading().read_time()) << ":\n";
  for (const ev::Meter& meter : record.reading().meters()) {
    session.out << "  " << MeterWords(meter.kind()) << ": " << Grouped(meter.value()) << '\n';
  }
  return absl::OkStatus();
}

}  // namespace

Command TargetsChangeCommand() {
  return {.name = "targets change",
          .operands = "DEVICE",
          .help = "another address (a move), serial number, or whether the address is its own",
          .options = {{"address", "ADDRESS", "where it is now; its history goes with it"},
                      {"expected-serial", "SERIAL", "the serial number that is to answer"},
                      {"fixed", "yes|no", "another device at this address is an alarm"},
                      kReasonOption},
          .operands_min = 1,
          .operands_max = 1,
          .run = ChangeTarget};
}

Command DevicesMergeCommand() {
  return {.name = "devices merge",
          .operands = "DEVICE OTHER",
          .help = "two ids are one printer: DEVICE stays, with the history of both",
          .options = {kReasonOption},
          .operands_min = 2,
          .operands_max = 2,
          .run = Merge};
}

Command DevicesSplitCommand() {
  return {.name = "devices split",
          .operands = "DEVICE",
          .help = "one id is two printers: undoes a merge, or begins anew at its address",
          .options = {kReasonOption},
          .operands_min = 1,
          .operands_max = 1,
          .run = Split};
}

Command MetersConfirmCommand() {
  return {.name = "meters confirm",
          .operands = "DEVICE",
          .help = "counters that began anew are believed, and charged from there",
          .options = {{"reason", "TEXT", "why: \"formatter board replaced\"; required"},
                      {"oid", "OID", "only the counter that is read there"},
                      {"check", "", "say what would be confirmed, and order nothing"}},
          .operands_min = 1,
          .operands_max = 1,
          .run = Confirm};
}

Command MetersEnterCommand() {
  return {.name = "meters enter",
          .operands = "DEVICE COUNTER=VALUE…",
          .help = "a reading that a person has made: \"total=12345\", \"print,colour=99\"",
          .options = {{"at", "TIME", "when it was read; default now"}, kReasonOption},
          .operands_min = 2,
          .operands_max = 16,
          .run = Enter};
}

}  // namespace platen::platenctl
