// devices list, devices get.
#include <algorithm>

#include "libs/base/status.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

std::string Quote(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

void AddCondition(std::string condition, std::string& filter) {
  if (!filter.empty()) filter += " AND ";
  filter += condition;
}

std::string MakeFilter(const Arguments& arguments) {
  std::string filter = arguments.Get("filter");
  if (arguments.Has("state")) AddCondition("state = " + Quote(arguments.Get("state")), filter);
  if (arguments.Has("text")) AddCondition("text : " + Quote(arguments.Get("text")), filter);
  return filter;
}

// All devices of `request`, page by page, at most `limit`.
absl::Status ForEach(Session& session,
                     fleet::ListDevicesRequest request,
                     std::int64_t limit,
                     const std::function<void(const fleet::Device&)>& take) {
  std::int64_t taken = 0;
  do {
    request.set_page_size(static_cast<std::int32_t>(std::min<std::int64_t>(500, limit - taken)));
    fleet::ListDevicesResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListDevices(&context, request, &response);
    }));
    for (const fleet::Device& device : response.devices()) take(device);
    taken += response.devices_size();
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && taken < limit);
  return absl::OkStatus();
}

std::int64_t LowSupplies(const fleet::Device& device) {
  return std::ranges::count_if(device.supplies(), IsLow);
}

constexpr std::size_t kNameColumn = 1;

Table DeviceTable() {
  return Table({{"STATE"},
                {"NAME"},
                {"MODEL"},
                {"SERIAL"},
                {"PAGES", Align::kRight},
                {"ADDRESS"},
                {"ALERTS", Align::kRight},
                {"LOW", Align::kRight},
                {"SEEN", Align::kRight},
                {"ID"}});
}

std::vector<std::string> Row(const fleet::Device& device, Format format, base::WallTime now) {
  const std::int64_t low = LowSupplies(device);
  const bool csv = format == Format::kCsv;
  const std::string nothing = csv ? "" : "-";
  return {StateWord(device.state()),
          device.display_name().empty() ? device.identity().sys_name() : device.display_name(),
          device.identity().model(),
          device.identity().serial_number(),
          device.has_total_impressions() ? std::to_string(device.total_impressions()) : nothing,
          device.address(),
          std::to_string(device.open_alerts()),
          low == 0 && !csv ? "-" : std::to_string(low),
          csv ? Time(device.last_seen_time()) : Age(device.last_seen_time(), now),
          device.uid()};
}

absl::Status List(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  const std::int64_t limit = session.arguments.Number("limit", INT32_MAX);
  fleet::ListDevicesRequest request;
  request.set_parent(WherePlace(session.arguments));
  request.set_filter(MakeFilter(session.arguments));
  Table table = DeviceTable();
  const base::WallTime now = session.clock.WallNow();
  PLATEN_RETURN_IF_ERROR(ForEach(session, request, limit, [&](const fleet::Device& device) {
    if (format == Format::kJson) {
      session.out << ToJson(device) << '\n';
    } else {
      table.Add(Row(device, format, now));
    }
  }));
  if (format != Format::kJson) {
    table.SortBy(kNameColumn);  // The gateway's order is that of ids, which nobody looks for.
    Write(table, format, "no devices; register one with: platenctl targets add ADDRESS", session);
  }
  return absl::OkStatus();
}

void PrintDevice(const fleet::Device& device, base::WallTime now, std::ostream& out) {
  const auto line = [&out](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    std::string padded(label);
    padded.resize(14, ' ');
    out << padded << Fit(value, 200) << '\n';
  };
  const ev::Identity& identity = device.identity();
  line("Name", device.display_name());
  line("State", StateWord(device.state()));
  line("Maker", identity.manufacturer());
  line("Model", identity.model());
  line("Serial", identity.serial_number());
  line("Address", device.address());
  line("Customer", device.customer());
  line("Location", device.location());
  for (const ev::FirmwareVersion& firmware : identity.firmware()) {
    line("Firmware", firmware.component() + " " + firmware.version());
  }
  const bool seen = device.has_last_seen_time();
  line("Last seen", seen ? Age(device.last_seen_time(), now) + " ago" : "never");
  line("Open alerts", std::to_string(device.open_alerts()));
  for (const std::string& text : device.status().console_lines()) line("Panel", text);
  line("Id", device.uid());
  if (!device.meters().empty()) {
    out << "\nMeters, read " << Age(device.meters_read_time(), now) << " ago\n";
    Table meters({{"  COUNTER"}, {"VALUE", Align::kRight}, {"UNIT"}, {"SOURCE"}});
    for (const ev::Meter& meter : device.meters()) {
      meters.Add({"  " + MeterWords(meter.kind()),
                  Grouped(meter.value()),
                  UnitWord(meter.kind().unit()),
                  SourceWord(meter.source())});
    }
    out << meters.ToText();
  }
  if (!device.supplies().empty()) {
    out << "\nSupplies\n";
    Table supplies({{"  SUPPLY"}, {"LEVEL"}});
    for (const ev::Supply& supply : device.supplies()) {
      supplies.Add({"  " + supply.description(), LevelWords(supply.level())});
    }
    out << supplies.ToText();
  }
}

absl::Status Get(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device device,
                          FindDevice(session, session.arguments.operands().front()));
  if (format == Format::kJson) {
    session.out << ToJson(device) << '\n';
  } else if (format == Format::kCsv) {
    Table table = DeviceTable();
    table.Add(Row(device, format, session.clock.WallNow()));
    session.out << table.ToCsv();
  } else {
    PrintDevice(device, session.clock.WallNow(), session.out);
  }
  return absl::OkStatus();
}

}  // namespace

std::string WherePlace(const Arguments& arguments) {
  return base::StrCat(
      "tenants/", arguments.Get("tenant", "-"), "/sites/", arguments.Get("site", "-"));
}

absl::StatusOr<fleet::Device> FindDevice(Session& session, const std::string& text) {
  if (text.starts_with("tenants/")) {
    fleet::GetDeviceRequest request;
    request.set_name(text);
    fleet::Device device;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.GetDevice(&context, request, &device);
    }));
    return device;
  }
  fleet::ListDevicesRequest request;
  request.set_parent("tenants/-/sites/-");
  std::vector<fleet::Device> found;
  const auto take = [&](const fleet::Device& device) { found.push_back(device); };
  for (const char* field : {"serial_number", "address"}) {
    request.set_filter(base::StrCat(field, " = ", Quote(text)));
    PLATEN_RETURN_IF_ERROR(ForEach(session, request, 2, take));
    if (!found.empty()) break;
  }
  if (found.empty()) {
    request.set_filter(base::StrCat("text : ", Quote(text)));
    PLATEN_RETURN_IF_ERROR(ForEach(session, request, INT32_MAX, [&](const fleet::Device& device) {
      if (device.display_name() == text) found.push_back(device);
    }));
  }
  const bool may_be_id = text.size() == 32;
  if (found.empty() && may_be_id) {
    request.clear_filter();
    PLATEN_RETURN_IF_ERROR(ForEach(session, request, INT32_MAX, [&](const fleet::Device& device) {
      if (device.uid() == text) found.push_back(device);
    }));
  }
  if (found.empty()) {
    return base::NotFound("no device has the serial number, address, name or id \"", text, "\"");
  }
  if (found.size() > 1) {
    return base::FailedPrecondition("several devices have \"",
                                    text,
                                    "\"; give the name of one: ",
                                    found[0].name(),
                                    ", ",
                                    found[1].name(),
                                    ", …");
  }
  return found.front();
}

Command DevicesListCommand() {
  return {.name = "devices list",
          .help = "devices, with state, serial number and page count",
          .options = {kTenantOption,
                      kSiteOption,
                      {"state", "STATE", "pending, ok, alert, asleep or unreachable"},
                      {"text", "TEXT", "any of serial, model, address, name, place contains it"},
                      {"filter", "FILTER", "an AIP-160 filter: 'model = \"X\" AND state = \"ok\"'"},
                      kLimitOption,
                      kOutputOption},
          .run = List};
}

Command DevicesGetCommand() {
  return {.name = "devices get",
          .operands = "DEVICE",
          .help = "all about one device; DEVICE is a serial number, address, id or name",
          .options = {kOutputOption},
          .operands_min = 1,
          .operands_max = 1,
          .run = Get};
}

}  // namespace platen::platenctl
