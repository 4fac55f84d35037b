// FleetServer's orders about devices that are registered: moves, merges, splits, epochs, readings
// that people have made; and the question what became of them.
#include <utility>

#include "libs/base/status.h"
#include "services/gateway/core/manual_reading.h"
#include "services/gateway/core/paging.h"
#include "services/gateway/core/target_check.h"
#include "services/gateway/edge/device_changes.h"
#include "services/gateway/edge/device_rows.h"
#include "services/gateway/edge/fleet_server.h"
#include "services/gateway/edge/unary_call.h"

namespace platen::gateway::edge {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

absl::Status CheckMayChange(const core::Caller& caller, const core::Place& place) {
  PLATEN_RETURN_IF_ERROR(core::CheckMayRegister(caller));
  if (caller.MaySee(place.tenant)) return absl::OkStatus();
  return base::Error(
      absl::StatusCode::kPermissionDenied, caller.name, " may not see tenant ", place.tenant);
}

// What an order about a device answers with: who it is now.
void FillDevice(const DeviceRow& row, fleet::Device& device) {
  device.set_name(core::DeviceName(row.place, row.id));
  device.set_uid(row.id.ToHex());
  device.set_address(row.address);
}

absl::StatusOr<std::set<int>> ParseKinds(const fleet::ListDeviceHistoryRequest& request) {
  std::set<int> kinds;
  for (const std::string& kind : request.kinds()) {
    const auto* field = ev::Event::descriptor()->FindFieldByName(kind);
    if (field == nullptr || field->containing_oneof() == nullptr) {
      return base::InvalidArgument("kinds: \"",
                                   kind.substr(0, 64),
                                   "\" is no kind of event; supply_replacement, identity_report, "
                                   "device_transfer, meter_mismatch, other_device and "
                                   "epoch_confirmation are");
    }
    kinds.insert(field->number());
  }
  return kinds;
}

}  // namespace

grpc::ServerUnaryReactor* FleetServer::Order(grpc::CallbackServerContext* call,
                                             const std::string& name,
                                             std::string_view collection,
                                             const std::string& reason,
                                             bool reason_required,
                                             MakeChange make) {
  const auto prepare = [&](const core::Caller& caller) -> absl::StatusOr<Store::Apply> {
    PLATEN_ASSIGN_OR_RETURN(const core::DevicePlace place,
                            core::ParseDevicePlace(name, collection, core::Wildcards::kRefused));
    PLATEN_RETURN_IF_ERROR(CheckMayChange(caller, place.place));
    PLATEN_RETURN_IF_ERROR(core::CheckReason(reason, reason_required));
    return make(
        place,
        {.author = caller.name, .reason = reason, .now_ms = base::ToMillis(context_.store.Now())});
  };
  return ChangeStore(call, context_.peers, context_.store, prepare, [](const absl::Status&) {});
}

grpc::ServerUnaryReactor* FleetServer::UpdateTarget(grpc::CallbackServerContext* call,
                                                    const fleet::UpdateTargetRequest* request,
                                                    fleet::Target* response) {
  const auto make = [=](const core::DevicePlace& name,
                        const Change& change) -> absl::StatusOr<Store::Apply> {
    if (request->update_mask().paths().empty()) {
      return base::InvalidArgument("update_mask: name what is to be changed");
    }
    return [=](Database& database, Changed& changed) -> absl::Status {
      PLATEN_ASSIGN_OR_RETURN(
          *response,
          edge::UpdateTarget(
              database, name, request->target(), request->update_mask(), change, changed));
      return absl::OkStatus();
    };
  };
  return Order(call, request->target().name(), "targets", request->reason(), false, make);
}

grpc::ServerUnaryReactor* FleetServer::MergeDevices(grpc::CallbackServerContext* call,
                                                    const fleet::MergeDevicesRequest* request,
                                                    fleet::Device* response) {
  const auto make = [=](const core::DevicePlace& name,
                        const Change& change) -> absl::StatusOr<Store::Apply> {
    PLATEN_ASSIGN_OR_RETURN(
        const core::DevicePlace other,
        core::ParseDevicePlace(request->other(), "devices", core::Wildcards::kRefused));
    // Seen by whoever sees the first: devices of two sites are not merged.
    return [=](Database& database, Changed& changed) -> absl::Status {
      PLATEN_RETURN_IF_ERROR(edge::MergeDevices(database, name, other, change, changed));
      PLATEN_ASSIGN_OR_RETURN(const DeviceRow row, FindDevice(database, name));
      FillDevice(row, *response);
      return absl::OkStatus();
    };
  };
  return Order(call, request->name(), "devices", request->reason(), false, make);
}

grpc::ServerUnaryReactor* FleetServer::SplitDevice(grpc::CallbackServerContext* call,
                                                   const fleet::SplitDeviceRequest* request,
                                                   fleet::Device* response) {
  const auto make = [=](const core::DevicePlace& name,
                        const Change& change) -> absl::StatusOr<Store::Apply> {
    const base::DeviceId fresh = base::NewDeviceId();
    return [=](Database& database, Changed& changed) -> absl::Status {
      PLATEN_ASSIGN_OR_RETURN(const base::DeviceId made,
                              edge::SplitDevice(database, name, fresh, change, changed));
      PLATEN_ASSIGN_OR_RETURN(const DeviceRow row, FindDevice(database, {name.place, made}));
      FillDevice(row, *response);
      return absl::OkStatus();
    };
  };
  return Order(call, request->name(), "devices", request->reason(), false, make);
}

grpc::ServerUnaryReactor* FleetServer::ConfirmMeters(grpc::CallbackServerContext* call,
                                                     const fleet::ConfirmMetersRequest* request,
                                                     fleet::ConfirmMetersResponse* response) {
  const auto make = [=](const core::DevicePlace& name,
                        const Change& change) -> absl::StatusOr<Store::Apply> {
    const std::vector<std::string> oids(request->oids().begin(), request->oids().end());
    return [=](Database& database, Changed& changed) -> absl::Status {
      PLATEN_ASSIGN_OR_RETURN(
          *response,
          edge::ConfirmMeters(database, name, oids, request->validate_only(), change, changed));
      return absl::OkStatus();
    };
  };
  return Order(call, request->name(), "devices", request->reason(), true, make);
}

grpc::ServerUnaryReactor* FleetServer::EnterMeterReading(
    grpc::CallbackServerContext* call,
    const fleet::EnterMeterReadingRequest* request,
    fleet::MeterReadingRecord* response) {
  const auto make = [=](const core::DevicePlace& name,
                        const Change& change) -> absl::StatusOr<Store::Apply> {
    PLATEN_RETURN_IF_ERROR(core::CheckRequestId(request->request_id()));
    const std::string key = request->request_id().empty()
                                ? std::string()
                                : base::StrCat(change.author, "/", request->request_id());
    return [=](Database& database, Changed&) -> absl::Status {
      PLATEN_ASSIGN_OR_RETURN(*response, EnterReading(database, name, *request, key, change));
      return absl::OkStatus();
    };
  };
  return Order(call, request->name(), "devices", request->reason(), false, make);
}

grpc::ServerUnaryReactor* FleetServer::ListDeviceHistory(
    grpc::CallbackServerContext* call,
    const fleet::ListDeviceHistoryRequest* request,
    fleet::ListDeviceHistoryResponse* response) {
  return Read(call, [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(
        const core::DevicePlace place,
        core::ParseDevicePlace(request->parent(), "devices", core::Wildcards::kAllowed));
    HistoryQuery query{.device = place.device};
    PLATEN_ASSIGN_OR_RETURN(query.kinds, ParseKinds(*request));
    std::string kinds;
    for (const int kind : query.kinds) kinds += base::StrCat(kind, ",");
    const auto arguments = {
        std::string_view("history"), std::string_view(request->parent()), std::string_view(kinds)};
    PLATEN_ASSIGN_OR_RETURN(std::string after,
                            core::ReadPageToken(arguments, request->page_token()));
    PLATEN_ASSIGN_OR_RETURN(query.range,
                            MakeRange(place.place, caller, request->page_size(), std::move(after)));
    PLATEN_ASSIGN_OR_RETURN(Page<fleet::DeviceHistoryRecord> page, reader.ListDeviceHistory(query));
    *response->mutable_records() = {std::move_iterator(page.items.begin()),
                                    std::move_iterator(page.items.end())};
    if (!page.next.empty()) {
      response->set_next_page_token(core::MakePageToken(arguments, page.next));
    }
    return absl::OkStatus();
  });
}

}  // namespace platen::gateway::edge
