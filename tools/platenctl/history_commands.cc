// devices history.
#include <algorithm>

#include "libs/base/status.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/history_words.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace fleet = platen::fleet::v1;

absl::Status Run(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  const std::int64_t limit = session.arguments.Number("limit", INT32_MAX);
  fleet::ListDeviceHistoryRequest request;
  request.set_parent(WherePlace(session.arguments) + "/devices/-");
  if (!session.arguments.operands().empty()) {
    PLATEN_ASSIGN_OR_RETURN(const fleet::Device device,
                            FindDevice(session, session.arguments.operands().front()));
    request.set_parent(device.name());
  }
  if (session.arguments.Has("supplies")) request.add_kinds("supply_replacement");
  Table table({{"TIME"}, {"KIND"}, {"WHAT", Align::kLeft, true}, {"MODEL"}, {"SERIAL"}, {"ID"}});
  std::int64_t taken = 0;
  do {
    request.set_page_size(static_cast<std::int32_t>(std::min<std::int64_t>(500, limit - taken)));
    fleet::ListDeviceHistoryResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListDeviceHistory(&context, request, &response);
    }));
    for (const fleet::DeviceHistoryRecord& record : response.records()) {
      if (format == Format::kJson) {
        session.out << ToJson(record) << '\n';
        continue;
      }
      const auto& when = record.event().has_occurrence_time() ? record.event().occurrence_time()
                                                              : record.receipt_time();
      table.Add({Time(when),
                 HistoryKind(record.event()),
                 HistoryWords(record.event()),
                 record.model(),
                 record.serial_number(),
                 std::string(LastSegment(record.device()))});
    }
    taken += response.records_size();
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && taken < limit);
  if (format != Format::kJson) Write(table, format, "nothing has become of it yet", session);
  return absl::OkStatus();
}

}  // namespace

Command DevicesHistoryCommand() {
  return {.name = "devices history",
          .operands = "[DEVICE]",
          .help = "supplies replaced, moves, merges, identities, epochs of counters",
          .options = {kTenantOption,
                      kSiteOption,
                      {"supplies", "", "only supplies that were replaced, with their yield"},
                      kLimitOption,
                      kOutputOption},
          .operands_max = 1,
          .run = Run};
}

}  // namespace platen::platenctl
