#include "services/gateway/edge/fleet_server.h"

#include <utility>

#include "libs/base/status.h"
#include "services/gateway/core/device_projection.h"
#include "services/gateway/core/paging.h"
#include "services/gateway/edge/alert_watch.h"
#include "services/gateway/edge/unary_call.h"

namespace platen::gateway::edge {
namespace {

namespace fleet = platen::fleet::v1;

// One device's name, which the caller may see.
absl::StatusOr<core::DevicePlace> VisibleName(std::string_view name,
                                              std::string_view collection,
                                              const core::Caller& caller) {
  PLATEN_ASSIGN_OR_RETURN(core::DevicePlace place,
                          core::ParseDevicePlace(name, collection, core::Wildcards::kRefused));
  PLATEN_RETURN_IF_ERROR(MakeRange(place.place, caller, 0, {}).status());
  return place;
}

// The text that page tokens of a reading list are bound to.
std::string TimeKey(const fleet::ListMeterReadingsRequest& request) {
  return base::StrCat(request.start_time().SerializeAsString(),
                      "|",
                      request.end_time().SerializeAsString(),
                      "|",
                      request.latest_only() ? "latest" : "all");
}

// Who they are that a collector knows by their ids; without those that nobody knows any more.
absl::Status NameSlowest(Reader& reader, fleet::PipelineStatus::Hop& hop) {
  google::protobuf::RepeatedPtrField<fleet::PipelineStatus::SlowReading> named;
  for (fleet::PipelineStatus::SlowReading& slow : *hop.mutable_slowest()) {
    const auto id = base::DeviceId::FromBytes(slow.reading().device_id());
    if (!id.ok()) continue;
    PLATEN_ASSIGN_OR_RETURN(const auto line, reader.FindDeviceLine(*id));
    if (!line.has_value()) continue;
    slow.set_device(core::DeviceName({line->tenant, line->site}, *id));
    slow.set_display_name(line->display_name);
    slow.set_model(line->model);
    slow.set_address(line->address);
    *named.Add() = std::move(slow);
  }
  *hop.mutable_slowest() = std::move(named);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Range> MakeRange(const core::Place& place,
                                const core::Caller& caller,
                                std::int32_t page_size,
                                std::string after) {
  if (!place.tenant.empty() && !caller.MaySee(place.tenant)) {
    return base::Error(
        absl::StatusCode::kPermissionDenied, caller.name, " may not see tenant ", place.tenant);
  }
  PLATEN_ASSIGN_OR_RETURN(const int limit, core::PageSize(page_size));
  return Range{
      .place = place, .tenants = caller.tenants, .after = std::move(after), .limit = limit};
}

grpc::ServerUnaryReactor* FleetServer::Read(grpc::CallbackServerContext* call, Answer answer) {
  return AnswerFromStore(call, context_.peers, context_.readers, std::move(answer));
}

grpc::ServerUnaryReactor* FleetServer::GetDevice(grpc::CallbackServerContext* call,
                                                 const fleet::GetDeviceRequest* request,
                                                 fleet::Device* response) {
  return Read(call, [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(const core::DevicePlace name,
                            VisibleName(request->name(), "devices", caller));
    PLATEN_ASSIGN_OR_RETURN(*response, reader.GetDevice(name.place, name.device));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* FleetServer::ListDevices(grpc::CallbackServerContext* call,
                                                   const fleet::ListDevicesRequest* request,
                                                   fleet::ListDevicesResponse* response) {
  return Read(call, [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(const core::Place place,
                            core::ParsePlace(request->parent(), core::Wildcards::kAllowed));
    PLATEN_ASSIGN_OR_RETURN(const core::DeviceFilter filter,
                            core::ParseDeviceFilter(request->filter()));
    const auto arguments = {std::string_view("devices"),
                            std::string_view(request->parent()),
                            std::string_view(request->filter())};
    PLATEN_ASSIGN_OR_RETURN(std::string after,
                            core::ReadPageToken(arguments, request->page_token()));
    PLATEN_ASSIGN_OR_RETURN(const Range range,
                            MakeRange(place, caller, request->page_size(), std::move(after)));
    PLATEN_ASSIGN_OR_RETURN(Page<fleet::Device> page, reader.ListDevices(range, filter));
    PLATEN_ASSIGN_OR_RETURN(const std::int64_t total, reader.CountDevices(range, filter));
    response->set_total_size(static_cast<std::int32_t>(total));
    *response->mutable_devices() = {std::move_iterator(page.items.begin()),
                                    std::move_iterator(page.items.end())};
    if (!page.next.empty()) {
      response->set_next_page_token(core::MakePageToken(arguments, page.next));
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* FleetServer::GetTarget(grpc::CallbackServerContext* call,
                                                 const fleet::GetTargetRequest* request,
                                                 fleet::Target* response) {
  return Read(call, [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(const core::DevicePlace name,
                            VisibleName(request->name(), "targets", caller));
    PLATEN_ASSIGN_OR_RETURN(*response, reader.GetTarget(name.place, name.device));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* FleetServer::ListTargets(grpc::CallbackServerContext* call,
                                                   const fleet::ListTargetsRequest* request,
                                                   fleet::ListTargetsResponse* response) {
  return Read(call, [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(const core::Place place,
                            core::ParsePlace(request->parent(), core::Wildcards::kAllowed));
    const auto arguments = {std::string_view("targets"), std::string_view(request->parent())};
    PLATEN_ASSIGN_OR_RETURN(std::string after,
                            core::ReadPageToken(arguments, request->page_token()));
    PLATEN_ASSIGN_OR_RETURN(const Range range,
                            MakeRange(place, caller, request->page_size(), std::move(after)));
    PLATEN_ASSIGN_OR_RETURN(Page<fleet::Target> page, reader.ListTargets(range));
    *response->mutable_targets() = {std::move_iterator(page.items.begin()),
                                    std::move_iterator(page.items.end())};
    if (!page.next.empty()) {
      response->set_next_page_token(core::MakePageToken(arguments, page.next));
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* FleetServer::ListMeterReadings(
    grpc::CallbackServerContext* call,
    const fleet::ListMeterReadingsRequest* request,
    fleet::ListMeterReadingsResponse* response) {
  return Read(call, [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(
        const core::DevicePlace place,
        core::ParseDevicePlace(request->parent(), "devices", core::Wildcards::kAllowed));
    const std::string times = TimeKey(*request);
    const auto arguments = {
        std::string_view("readings"), std::string_view(request->parent()), std::string_view(times)};
    PLATEN_ASSIGN_OR_RETURN(std::string after,
                            core::ReadPageToken(arguments, request->page_token()));
    MeterQuery query{.device = place.device, .latest_only = request->latest_only()};
    PLATEN_ASSIGN_OR_RETURN(query.range,
                            MakeRange(place.place, caller, request->page_size(), std::move(after)));
    if (request->has_start_time()) query.start_ms = core::TimestampMillis(request->start_time());
    if (request->has_end_time()) query.end_ms = core::TimestampMillis(request->end_time());
    PLATEN_ASSIGN_OR_RETURN(Page<fleet::MeterReadingRecord> page, reader.ListMeterReadings(query));
    *response->mutable_readings() = {std::move_iterator(page.items.begin()),
                                     std::move_iterator(page.items.end())};
    if (!page.next.empty()) {
      response->set_next_page_token(core::MakePageToken(arguments, page.next));
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* FleetServer::ListAlerts(grpc::CallbackServerContext* call,
                                                  const fleet::ListAlertsRequest* request,
                                                  fleet::ListAlertsResponse* response) {
  return Read(call, [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(
        const core::DevicePlace place,
        core::ParseDevicePlace(request->parent(), "devices", core::Wildcards::kAllowed));
    const auto arguments = {std::string_view("alerts"),
                            std::string_view(request->parent()),
                            std::string_view(request->open_only() ? "open" : "all"),
                            std::string_view(request->filter())};
    PLATEN_ASSIGN_OR_RETURN(std::string after,
                            core::ReadPageToken(arguments, request->page_token()));
    AlertQuery query{.device = place.device, .open_only = request->open_only()};
    if (!request->filter().empty()) {
      PLATEN_ASSIGN_OR_RETURN(query.filter, core::ParseAlertFilter(request->filter()));
      query.open_only |= query.filter->open.value_or(false);
    }
    PLATEN_ASSIGN_OR_RETURN(query.range,
                            MakeRange(place.place, caller, request->page_size(), std::move(after)));
    PLATEN_ASSIGN_OR_RETURN(Page<fleet::AlertRecord> page, reader.ListAlerts(query));
    *response->mutable_alerts() = {std::move_iterator(page.items.begin()),
                                   std::move_iterator(page.items.end())};
    if (!page.next.empty()) {
      response->set_next_page_token(core::MakePageToken(arguments, page.next));
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* FleetServer::ListGaps(grpc::CallbackServerContext* call,
                                                const fleet::ListGapsRequest* request,
                                                fleet::ListGapsResponse* response) {
  return Read(call, [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    if (!caller.tenants.empty()) {
      return base::Error(absl::StatusCode::kPermissionDenied,
                         caller.name,
                         " may not see what was lost: it is not told by tenant");
    }
    const std::string start = request->start_time().SerializeAsString();
    const auto arguments = {std::string_view("gaps"), std::string_view(start)};
    GapQuery query;
    if (request->has_start_time()) query.start_ms = core::TimestampMillis(request->start_time());
    PLATEN_ASSIGN_OR_RETURN(query.after, core::ReadPageToken(arguments, request->page_token()));
    PLATEN_ASSIGN_OR_RETURN(query.limit, core::PageSize(request->page_size()));
    PLATEN_ASSIGN_OR_RETURN(Page<fleet::GapRecord> page, reader.ListGaps(query));
    *response->mutable_gaps() = {std::move_iterator(page.items.begin()),
                                 std::move_iterator(page.items.end())};
    if (!page.next.empty()) {
      response->set_next_page_token(core::MakePageToken(arguments, page.next));
    }
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<fleet::WatchAlertsResponse>* FleetServer::WatchAlerts(
    grpc::CallbackServerContext* call, const fleet::WatchAlertsRequest* request) {
  auto watch = std::make_shared<AlertWatch>(context_.alerts, context_.readers, *call);
  AlertWatch* raw = watch.get();
  raw->Begin(std::move(watch), context_.peers, *request);
  return raw;
}

grpc::ServerUnaryReactor* FleetServer::GetPipelineStatus(grpc::CallbackServerContext* call,
                                                         const fleet::GetPipelineStatusRequest*,
                                                         fleet::PipelineStatus* response) {
  return Read(call, [this, response](Reader& reader, const core::Caller& caller) -> absl::Status {
    const Range range{.tenants = caller.tenants};
    PLATEN_ASSIGN_OR_RETURN(const auto states, reader.CountStates(range));
    for (const auto& [state, count] : states) {
      const auto name = fleet::Device::State_Name(static_cast<fleet::Device::State>(state));
      (*response->mutable_devices_by_state())[name] = static_cast<std::int32_t>(count);
    }
    PLATEN_ASSIGN_OR_RETURN(const std::int64_t open, reader.CountOpenAlerts(range));
    response->set_open_alerts(static_cast<std::int32_t>(open));
    // What follows is the operator's, not one tenant's.
    if (!caller.tenants.empty()) return absl::OkStatus();
    const Store::Status status = context_.store.status();
    response->set_events_stored(static_cast<std::uint64_t>(status.counts.stored));
    response->set_duplicates(static_cast<std::uint64_t>(status.counts.duplicates));
    response->set_refusals(static_cast<std::uint64_t>(status.counts.refusals));
    response->set_missing(status.missing);
    for (PipelineView::Hop& hop : context_.view.hops()) {
      PLATEN_RETURN_IF_ERROR(NameSlowest(reader, hop.hop));
      *response->add_hops() = std::move(hop.hop);
    }
    return absl::OkStatus();
  });
}

}  // namespace platen::gateway::edge
