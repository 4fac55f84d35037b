// A gateway that stores nothing: the server's side of platen.ingest.v1, for tests and benchmarks of
// its clients. It keeps the protocol's order, and otherwise answers as it is told.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platen/ingest/v1/ingest.pb.h"

namespace grpc {
class Server;
class ServerCredentials;
}  // namespace grpc

namespace platen::testing {

struct StubGatewayOptions {
  std::uint32_t window_batches = 4;
  std::uint32_t payload_bytes_max = 4u << 20;
  // Said to every stream that wants directives, right after Welcome.
  std::vector<ingest::v1::Directive> directives;
  // The answer to a batch (number filled in by the stub). Empty: everything is accepted. Called on
  // gRPC's threads, one stream's batches in order.
  std::function<ingest::v1::BatchAck(const ingest::v1::Batch&)> answer;
};

// Thread-safe.
class StubGateway {
 public:
  // Listens on a free loopback port.
  StubGateway(StubGatewayOptions options,
              const std::shared_ptr<grpc::ServerCredentials>& credentials);
  ~StubGateway();

  // "localhost:port".
  std::string target() const;

  // Ends every open stream with UNAVAILABLE.
  void CutStreams();

  std::vector<ingest::v1::Hello> hellos() const;
  std::vector<ingest::v1::DirectiveAck> directive_acks() const;

 private:
  class Service;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// The events of a batch, decompressed. Aborts where it can't be read.
std::vector<std::string> EventsOf(const ingest::v1::Batch& batch);

}  // namespace platen::testing
