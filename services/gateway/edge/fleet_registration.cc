// FleetServer's orders: what is registered and removed.
#include <utility>

#include "libs/base/status.h"
#include "services/gateway/core/target_check.h"
#include "services/gateway/edge/fleet_server.h"
#include "services/gateway/edge/grpc_status.h"

namespace platen::gateway::edge {
namespace {

namespace fleet = platen::fleet::v1;

constexpr int kBatchMax = 1000;

absl::Status CheckMayRegisterFor(const core::Caller& caller, const core::Place& place) {
  PLATEN_RETURN_IF_ERROR(core::CheckMayRegister(caller));
  if (caller.MaySee(place.tenant)) return absl::OkStatus();
  return base::Error(
      absl::StatusCode::kPermissionDenied, caller.name, " may not see tenant ", place.tenant);
}

absl::Status CheckLiesIn(const core::Place& place, const std::string& parent) {
  if (parent.empty()) return absl::OkStatus();
  PLATEN_ASSIGN_OR_RETURN(const core::Place whole,
                          core::ParsePlace(parent, core::Wildcards::kAllowed));
  if ((whole.tenant.empty() || whole.tenant == place.tenant) &&
      (whole.site.empty() || whole.site == place.site)) {
    return absl::OkStatus();
  }
  return base::InvalidArgument("parent ", core::PlaceName(place), " does not lie in ", parent);
}

}  // namespace

absl::StatusOr<Registration> FleetServer::MakeRegistration(
    const fleet::CreateTargetRequest& request,
    const std::string& parent,
    const core::Caller& caller) {
  Registration registration;
  PLATEN_ASSIGN_OR_RETURN(registration.place,
                          core::ParsePlace(request.parent().empty() ? parent : request.parent(),
                                           core::Wildcards::kRefused));
  PLATEN_RETURN_IF_ERROR(CheckLiesIn(registration.place, parent));
  PLATEN_RETURN_IF_ERROR(CheckMayRegisterFor(caller, registration.place));
  PLATEN_RETURN_IF_ERROR(core::CheckRequestId(request.request_id()));
  PLATEN_ASSIGN_OR_RETURN(registration.target, core::CheckTarget(request.target()));
  registration.device = base::NewDeviceId();
  if (!request.request_id().empty()) {
    registration.request_key = base::StrCat(caller.name, "/", request.request_id());
  }
  return registration;
}

grpc::ServerUnaryReactor* FleetServer::Register(
    grpc::CallbackServerContext* call,
    const std::string& parent,
    std::vector<const fleet::CreateTargetRequest*> requests,
    std::function<void(const std::vector<Registered>&)> answer) {
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  const auto prepare = [&]() -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(const core::Caller caller,
                            context_.peers.Authenticate(*call->auth_context()));
    PLATEN_RETURN_IF_ERROR(core::CheckMayRegister(caller));
    std::vector<Registration> batch;
    const bool check_only = !requests.empty() && requests.front()->validate_only();
    for (std::size_t i = 0; i < requests.size(); ++i) {
      absl::StatusOr<Registration> one = MakeRegistration(*requests[i], parent, caller);
      if (one.ok() && requests[i]->validate_only() != check_only) {
        one = base::InvalidArgument("validate_only is the same in all requests");
      }
      if (!one.ok()) {
        return requests.size() == 1
                   ? one.status()
                   : base::Annotate(one.status(), base::StrCat("requests[", i, "]"));
      }
      batch.push_back(*std::move(one));
    }
    return context_.store.RegisterTargets(
        std::move(batch),
        check_only ? Registering::kCheckOnly : Registering::kKeep,
        [reactor,
         answer = std::move(answer)](const absl::StatusOr<std::vector<Registered>>& registered) {
          if (registered.ok()) answer(*registered);
          reactor->Finish(ToGrpc(registered.status()));
        });
  };
  if (const absl::Status status = prepare(); !status.ok()) reactor->Finish(ToGrpc(status));
  return reactor;
}

grpc::ServerUnaryReactor* FleetServer::CreateTarget(grpc::CallbackServerContext* call,
                                                    const fleet::CreateTargetRequest* request,
                                                    fleet::Target* response) {
  return Register(call, {}, {request}, [response](const std::vector<Registered>& registered) {
    *response = registered.front().target;
  });
}

grpc::ServerUnaryReactor* FleetServer::BatchCreateTargets(
    grpc::CallbackServerContext* call,
    const fleet::BatchCreateTargetsRequest* request,
    fleet::BatchCreateTargetsResponse* response) {
  if (request->requests_size() == 0 || request->requests_size() > kBatchMax) {
    grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
    reactor->Finish(ToGrpc(base::InvalidArgument("requests: 1 to ", kBatchMax, " in one call")));
    return reactor;
  }
  std::vector<const fleet::CreateTargetRequest*> requests;
  for (const fleet::CreateTargetRequest& one : request->requests()) requests.push_back(&one);
  return Register(call,
                  request->parent(),
                  std::move(requests),
                  [response](const std::vector<Registered>& registered) {
                    for (const Registered& one : registered) *response->add_targets() = one.target;
                  });
}

grpc::ServerUnaryReactor* FleetServer::DeleteTarget(grpc::CallbackServerContext* call,
                                                    const fleet::DeleteTargetRequest* request,
                                                    google::protobuf::Empty*) {
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  const auto prepare = [&]() -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(const core::Caller caller,
                            context_.peers.Authenticate(*call->auth_context()));
    PLATEN_ASSIGN_OR_RETURN(
        const core::DevicePlace name,
        core::ParseDevicePlace(request->name(), "targets", core::Wildcards::kRefused));
    PLATEN_RETURN_IF_ERROR(CheckMayRegisterFor(caller, name.place));
    PLATEN_RETURN_IF_ERROR(core::CheckRequestId(request->request_id()));
    return context_.store.RemoveTarget(
        name.place, name.device, [reactor](const absl::Status& status) {
          reactor->Finish(ToGrpc(status));
        });
  };
  if (const absl::Status status = prepare(); !status.ok()) reactor->Finish(ToGrpc(status));
  return reactor;
}

}  // namespace platen::gateway::edge
