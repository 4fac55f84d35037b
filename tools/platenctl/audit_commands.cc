// audit gaps.
#include <algorithm>

#include "libs/base/status.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

void AddRow(const fleet::GapRecord& record, Table& table) {
  const ev::Gap& gap = record.gap();
  table.Add({Time(record.receipt_time()),
             EnumWords(ev::Gap::Reason_Name(gap.reason()), "REASON_"),
             std::to_string(gap.first()),
             std::to_string(gap.last()),
             std::to_string(record.missing()),
             gap.installation(),
             gap.stream(),
             gap.detail()});
}

absl::Status Run(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  fleet::ListGapsRequest request;
  if (session.arguments.Has("since")) {
    PLATEN_RETURN_IF_ERROR(ReadTime(session.arguments, "since", request.mutable_start_time()));
  }
  Table table({{"TOLD"},
               {"REASON"},
               {"FIRST", Align::kRight},
               {"LAST", Align::kRight},
               {"MISSING", Align::kRight},
               {"INSTALLATION"},
               {"STREAM"},
               {"DETAIL", Align::kLeft, true}});
  std::uint64_t lost = 0;
  do {
    request.set_page_size(500);
    fleet::ListGapsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListGaps(&context, request, &response);
    }));
    for (const fleet::GapRecord& record : response.gaps()) {
      const bool is_known = record.gap().reason() != ev::Gap::REASON_SOURCE_ENDED;
      lost += record.missing() > 0 && is_known ? 1 : 0;
      if (record.missing() == 0 && !session.arguments.Has("all")) continue;
      if (format == Format::kJson) {
        session.out << ToJson(record) << '\n';
      } else {
        AddRow(record, table);
      }
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (format != Format::kJson) Write(table, format, "nothing was lost", session);
  if (lost == 0) return absl::OkStatus();
  return base::Error(absl::StatusCode::kDataLoss, lost, lost == 1 ? " gap" : " gaps");
}

}  // namespace

Command AuditGapsCommand() {
  return {.name = "audit gaps",
          .help =
              "what was acknowledged and has not arrived; ends with 1 where any is known (\"source "
              "ended\" is not)",
          .options = {{"since", "TIME", "told at or after it"},
                      {"all", "", "also what came later, or was given up to another source"},
                      kOutputOption},
          .run = Run};
}

}  // namespace platen::platenctl
