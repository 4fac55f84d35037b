// FleetServer's question about events of alerts.
#include <iterator>
#include <utility>

#include "libs/base/status.h"
#include "services/gateway/core/paging.h"
#include "services/gateway/edge/fleet_server.h"

namespace platen::gateway::edge {

namespace fleet = platen::fleet::v1;

grpc::ServerUnaryReactor* FleetServer::ListAlertEvents(grpc::CallbackServerContext* call,
                                                       const fleet::ListAlertEventsRequest* request,
                                                       fleet::ListAlertEventsResponse* response) {
  return Read(call, [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(const core::Place place,
                            core::ParsePlace(request->parent(), core::Wildcards::kAllowed));
    const std::string times =
        request->start_time().SerializeAsString() + "/" + request->end_time().SerializeAsString();
    const auto arguments = {std::string_view("alert-events"),
                            std::string_view(request->parent()),
                            std::string_view(times)};
    AlertEventQuery query;
    if (request->has_start_time()) query.start_ms = core::TimestampMillis(request->start_time());
    if (request->has_end_time()) query.end_ms = core::TimestampMillis(request->end_time());
    PLATEN_ASSIGN_OR_RETURN(std::string after,
                            core::ReadPageToken(arguments, request->page_token()));
    PLATEN_ASSIGN_OR_RETURN(query.range,
                            MakeRange(place, caller, request->page_size(), std::move(after)));
    PLATEN_ASSIGN_OR_RETURN(Page<fleet::DeviceHistoryRecord> page, reader.ListAlertEvents(query));
    *response->mutable_records() = {std::move_iterator(page.items.begin()),
                                    std::move_iterator(page.items.end())};
    if (!page.next.empty()) {
      response->set_next_page_token(core::MakePageToken(arguments, page.next));
    }
    return absl::OkStatus();
  });
}

}  // namespace platen::gateway::edge
