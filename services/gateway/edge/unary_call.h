// How calls of the partner API with one answer are carried out: who asks is looked up, questions
// go to a reader's thread, orders to the writing thread; gRPC's own threads never wait.
#pragma once

#include <functional>

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "services/gateway/edge/peers.h"
#include "services/gateway/edge/read_pool.h"
#include "services/gateway/edge/store.h"

namespace platen::gateway::edge {

// Runs `answer` on a reader's thread for a caller that may read. `peers` and `readers` outlive the
// call.
grpc::ServerUnaryReactor* AnswerFromStore(
    grpc::CallbackServerContext* call,
    Peers& peers,
    ReadPool& readers,
    std::function<absl::Status(Reader&, const core::Caller&)> answer);

// Runs what `prepare` makes of the caller in one of the store's transactions; the call ends once
// that is durable, or with what `prepare` says, after `ended` was told.
grpc::ServerUnaryReactor* ChangeStore(
    grpc::CallbackServerContext* call,
    Peers& peers,
    Store& store,
    const std::function<absl::StatusOr<Store::Apply>(const core::Caller&)>& prepare,
    std::function<void(const absl::Status&)> ended);

}  // namespace platen::gateway::edge
