// ingest.v1 over gRPC: takes batches into the store, gives directives back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platen/ingest/v1/ingest.grpc.pb.h"

#include "libs/base/time.h"
#include "services/gateway/edge/gateway_metrics.h"
#include "services/gateway/edge/peers.h"
#include "services/gateway/edge/pipeline_view.h"
#include "services/gateway/edge/read_pool.h"
#include "services/gateway/edge/store.h"

namespace platen::gateway::edge {

struct IngestOptions {
  std::string server_name;
  std::uint32_t window_batches = 8;
  base::Duration max_stream_age = std::chrono::hours(1);
  // Open streams at the most; beyond, new ones get RESOURCE_EXHAUSTED.
  std::size_t streams_max = 512;
  // A stream that says no Hello, or takes no answer, for this long is ended.
  base::Duration patience = std::chrono::seconds(30);
};

// What every stream needs. All outlive the server.
struct IngestContext {
  IngestOptions options;
  Store& store;
  ReadPool& readers;
  Peers& peers;
  PipelineView& view;
  GatewayMetrics& metrics;
  const base::Clock& clock;
};

class ExchangeStream;

// Thread-safe. REQUIRES: the grpc::Server that it is registered with is shut down before it goes.
class IngestServer final : public platen::ingest::v1::IngestService::CallbackService {
 public:
  explicit IngestServer(IngestContext context);

  grpc::ServerBidiReactor<platen::ingest::v1::ExchangeRequest,
                          platen::ingest::v1::ExchangeResponse>*
  Exchange(grpc::CallbackServerContext* call) override;

  // An installation has new directives: its stream goes and gets them.
  void OnDirectives(const std::string& installation);

  // To be called about every second: ends streams that are too old or stuck.
  void Tick();

  // Ends all streams with UNAVAILABLE once what they brought is answered; takes no new ones.
  void Drain();

  std::size_t streams() const;

 private:
  const IngestContext context_;
  mutable std::mutex mutex_;
  bool draining_ = false;
  std::vector<std::weak_ptr<ExchangeStream>> streams_;
};

}  // namespace platen::gateway::edge
