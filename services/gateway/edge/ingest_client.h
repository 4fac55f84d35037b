// The client's side of an ingest stream, for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "platen/ingest/v1/ingest.grpc.pb.h"

namespace platen::gateway::testing {

// One stream as a relay would hold it. Reads block: gRPC's deadline ends a test that waits in vain.
class Client {
 public:
  explicit Client(int port)
      : Client(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials())) {}

  explicit Client(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(platen::ingest::v1::IngestService::NewStub(channel)) {
    context_.set_deadline(
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(60, GPR_TIMESPAN)));
    stream_ = stub_->Exchange(&context_);
  }

  ~Client() { context_.TryCancel(); }

  bool Hello(bool wants_directives = false, const std::string& installation = "default") {
    platen::ingest::v1::ExchangeRequest request;
    request.mutable_hello()->set_installation(installation);
    request.mutable_hello()->set_instance("relay-1");
    request.mutable_hello()->set_lane(platen::event::v1::LANE_TELEMETRY);
    request.mutable_hello()->set_route("default");
    request.mutable_hello()->set_wants_directives(wants_directives);
    stream_->Write(request);
    return Next().has_welcome();
  }

  void Send(std::uint64_t number, const std::vector<platen::event::v1::Event>& events) {
    platen::ingest::v1::BatchPayload payload;
    for (const platen::event::v1::Event& event : events)
      payload.add_events(event.SerializeAsString());
    platen::ingest::v1::ExchangeRequest request;
    platen::ingest::v1::Batch& batch = *request.mutable_batch();
    batch.set_number(number);
    batch.set_compression(platen::ingest::v1::COMPRESSION_NONE);
    batch.set_payload(payload.SerializeAsString());
    batch.set_payload_bytes(static_cast<std::uint32_t>(batch.payload().size()));
    batch.set_events(static_cast<std::uint32_t>(events.size()));
    stream_->Write(request);
  }

  void Ack(std::uint64_t directive) {
    platen::ingest::v1::ExchangeRequest request;
    request.mutable_directive_ack()->set_number(directive);
    stream_->Write(request);
  }

  // Empty at the stream's end.
  platen::ingest::v1::ExchangeResponse Next() {
    platen::ingest::v1::ExchangeResponse response;
    if (!stream_->Read(&response)) response.Clear();
    return response;
  }

  grpc::Status End() {
    stream_->WritesDone();
    while (Next().message_case() != platen::ingest::v1::ExchangeResponse::MESSAGE_NOT_SET) {
    }
    return stream_->Finish();
  }

 private:
  std::unique_ptr<platen::ingest::v1::IngestService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<platen::ingest::v1::ExchangeRequest,
                                           platen::ingest::v1::ExchangeResponse>>
      stream_;
};

}  // namespace platen::gateway::testing
