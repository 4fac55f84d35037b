#include "services/gateway/edge/ingest_server.h"

#include <utility>

#include "libs/service/log.h"
#include "services/gateway/edge/exchange_stream.h"

namespace platen::gateway::edge {

IngestServer::IngestServer(IngestContext context) : context_(std::move(context)) {}

grpc::ServerBidiReactor<platen::ingest::v1::ExchangeRequest, platen::ingest::v1::ExchangeResponse>*
IngestServer::Exchange(grpc::CallbackServerContext* call) {
  auto stream = std::make_shared<ExchangeStream>(context_, *call);
  grpc::Status refused = grpc::Status::OK;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(streams_, [](const auto& weak) { return weak.expired(); });
    if (draining_) {
      refused = {grpc::StatusCode::UNAVAILABLE, "the gateway is stopping"};
    } else if (streams_.size() >= context_.options.streams_max) {
      refused = {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many streams are open"};
    } else {
      streams_.push_back(stream);
    }
  }
  ExchangeStream* raw = stream.get();
  raw->Begin(std::move(stream), refused);
  return raw;
}

void IngestServer::OnDirectives(const std::string& installation) {
  const std::lock_guard lock(mutex_);
  for (const auto& weak : streams_) {
    if (const auto stream = weak.lock()) stream->OnDirectives(installation);
  }
}

void IngestServer::Tick() {
  const std::lock_guard lock(mutex_);
  for (const auto& weak : streams_) {
    if (const auto stream = weak.lock()) stream->OnTick(context_.clock.Now());
  }
}

void IngestServer::Drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  for (const auto& weak : streams_) {
    if (const auto stream = weak.lock()) stream->Drain();
  }
}

std::size_t IngestServer::streams() const {
  const std::lock_guard lock(mutex_);
  std::size_t open = 0;
  for (const auto& weak : streams_) open += weak.expired() ? 0 : 1;
  return open;
}

}  // namespace platen::gateway::edge
