#include "services/gateway/edge/unary_call.h"

#include <utility>

#include "libs/base/status.h"
#include "services/gateway/edge/grpc_status.h"

namespace platen::gateway::edge {

grpc::ServerUnaryReactor* AnswerFromStore(
    grpc::CallbackServerContext* call,
    Peers& peers,
    ReadPool& readers,
    std::function<absl::Status(Reader&, const core::Caller&)> answer) {
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  absl::StatusOr<core::Caller> caller = peers.Authenticate(*call->auth_context());
  absl::Status status = caller.status();
  if (status.ok()) status = core::CheckMayRead(*caller);
  if (status.ok()) {
    status =
        readers.Submit([reactor, caller = *std::move(caller), answer = std::move(answer)](
                           Reader& reader) { reactor->Finish(ToGrpc(answer(reader, caller))); });
  }
  if (!status.ok()) reactor->Finish(ToGrpc(status));
  return reactor;
}

grpc::ServerUnaryReactor* ChangeStore(
    grpc::CallbackServerContext* call,
    Peers& peers,
    Store& store,
    const std::function<absl::StatusOr<Store::Apply>(const core::Caller&)>& prepare,
    std::function<void(const absl::Status&)> ended) {
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  const auto end = [reactor, ended = std::move(ended)](const absl::Status& status) {
    ended(status);
    reactor->Finish(ToGrpc(status));
  };
  const auto submit = [&]() -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(const core::Caller caller, peers.Authenticate(*call->auth_context()));
    PLATEN_ASSIGN_OR_RETURN(Store::Apply apply, prepare(caller));
    return store.Change(std::move(apply), end);
  };
  if (const absl::Status status = submit(); !status.ok()) end(status);
  return reactor;
}

}  // namespace platen::gateway::edge
