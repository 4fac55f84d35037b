// meters.
#include <algorithm>

#include "libs/base/status.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

absl::StatusOr<fleet::ListMeterReadingsRequest> MakeRequest(Session& session) {
  const Arguments& arguments = session.arguments;
  fleet::ListMeterReadingsRequest request;
  request.set_parent(WherePlace(arguments) + "/devices/-");
  if (!arguments.operands().empty()) {
    PLATEN_ASSIGN_OR_RETURN(const fleet::Device device,
                            FindDevice(session, arguments.operands().front()));
    request.set_parent(device.name());
  }
  PLATEN_RETURN_IF_ERROR(ReadTime(arguments, "since", request.mutable_start_time()));
  PLATEN_RETURN_IF_ERROR(ReadTime(arguments, "until", request.mutable_end_time()));
  if (!arguments.Has("since")) request.clear_start_time();
  if (!arguments.Has("until")) request.clear_end_time();
  request.set_latest_only(!arguments.Has("all"));
  return request;
}

void AddRows(const fleet::MeterReadingRecord& record, Format format, Table& table) {
  for (const ev::Meter& meter : record.reading().meters()) {
    table.Add({record.serial_number(),
               record.model(),
               MeterWords(meter.kind()),
               format == Format::kCsv ? std::to_string(meter.value()) : Grouped(meter.value()),
               UnitWord(meter.kind().unit()),
               Time(record.reading().read_time()),
               SourceWord(meter.source()),
               QualityWords(meter),
               std::string(LastSegment(record.device()))});
  }
}

absl::Status Run(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  const std::int64_t limit = session.arguments.Number("limit", INT32_MAX);
  PLATEN_ASSIGN_OR_RETURN(fleet::ListMeterReadingsRequest request, MakeRequest(session));
  Table table({{"SERIAL"},
               {"MODEL"},
               {"COUNTER"},
               {"VALUE", Align::kRight},
               {"UNIT"},
               {"READ"},
               {"SOURCE"},
               {"QUALITY"},
               {"ID"}});
  std::int64_t taken = 0;
  do {
    request.set_page_size(static_cast<std::int32_t>(std::min<std::int64_t>(500, limit - taken)));
    fleet::ListMeterReadingsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListMeterReadings(&context, request, &response);
    }));
    for (const fleet::MeterReadingRecord& record : response.readings()) {
      if (format == Format::kJson) {
        session.out << ToJson(record) << '\n';
      } else {
        AddRows(record, format, table);
      }
    }
    taken += response.readings_size();
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && taken < limit);
  if (format != Format::kJson) Write(table, format, "no readings yet", session);
  return absl::OkStatus();
}

}  // namespace

Command MetersCommand() {
  return {.name = "meters",
          .operands = "[DEVICE]",
          .help = "page and other counters: the newest reading of each device, or of one",
          .options = {kTenantOption,
                      kSiteOption,
                      {"all", "", "every stored reading, newest first"},
                      {"since", "TIME", "readings made at or after it"},
                      {"until", "TIME", "readings made before it"},
                      {"limit", "N", "at most N readings; default all", 1, INT32_MAX},
                      kOutputOption},
          .operands_max = 1,
          .run = Run};
}

}  // namespace platen::platenctl
