#include "tests/support/stub_gateway.h"

#include <deque>
#include <set>

#include <grpcpp/grpcpp.h>
#include <zstd.h>

#include "platen/ingest/v1/ingest.grpc.pb.h"

#include "absl/base/internal/raw_logging.h"

namespace platen::testing {

using ingest::v1::ExchangeRequest;
using ingest::v1::ExchangeResponse;

class StubGateway::Service final : public ingest::v1::IngestService::CallbackService {
 public:
  explicit Service(StubGatewayOptions options) : options_(std::move(options)) {}

  class Stream final : public grpc::ServerBidiReactor<ExchangeRequest, ExchangeResponse> {
   public:
    explicit Stream(Service& service) : service_(service) {
      {
        const std::lock_guard lock(service_.mutex_);
        service_.streams_.insert(this);
      }
      StartRead(&request_);
    }

    void Cut() {
      const std::lock_guard lock(mutex_);
      End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut by the test"));
    }

    void OnReadDone(bool ok) override {
      if (!ok) {
        const std::lock_guard lock(mutex_);
        return End(grpc::Status::OK);
      }
      if (request_.has_hello()) OnHello(request_.hello());
      if (request_.has_batch()) OnBatch(request_.batch());
      if (request_.has_directive_ack()) service_.Add(request_.directive_ack());
      StartRead(&request_);
    }

    void OnWriteDone(bool ok) override {
      const std::lock_guard lock(mutex_);
      outbox_.pop_front();
      if (!ok) outbox_.clear();
      if (!outbox_.empty() && !ended_) StartWrite(&outbox_.front());
    }

    void OnDone() override {
      {
        const std::lock_guard lock(service_.mutex_);
        service_.streams_.erase(this);
      }
      delete this;
    }

   private:
    void OnHello(const ingest::v1::Hello& hello) {
      service_.Add(hello);
      ExchangeResponse response;
      ingest::v1::Welcome& welcome = *response.mutable_welcome();
      welcome.set_server("stub");
      welcome.set_window_batches(service_.options_.window_batches);
      welcome.set_max_payload_bytes(service_.options_.payload_bytes_max);
      welcome.add_compressions(ingest::v1::COMPRESSION_NONE);
      welcome.add_compressions(ingest::v1::COMPRESSION_ZSTD);
      Write(std::move(response));
      if (!hello.wants_directives()) return;
      for (const ingest::v1::Directive& directive : service_.options_.directives) {
        ExchangeResponse said;
        *said.mutable_directive() = directive;
        Write(std::move(said));
      }
    }

    void OnBatch(const ingest::v1::Batch& batch) {
      ExchangeResponse response;
      ingest::v1::BatchAck& ack = *response.mutable_batch_ack();
      if (batch.number() > next_) {  // Behind a failed one.
        ack.mutable_rewind()->set_next_number(next_);
      } else if (service_.options_.answer) {
        ack = service_.options_.answer(batch);
      } else {
        ack.mutable_accepted();
      }
      if (ack.has_rewind()) {
        next_ = std::min(next_, batch.number());
        ack.mutable_rewind()->set_next_number(next_);
      } else {
        next_ = batch.number() + 1;
      }
      ack.set_number(batch.number());
      Write(std::move(response));
    }

    void Write(ExchangeResponse response) {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      outbox_.push_back(std::move(response));
      if (outbox_.size() == 1) StartWrite(&outbox_.front());
    }

    void End(const grpc::Status& status) {
      if (ended_) return;
      ended_ = true;
      Finish(status);
    }

    Service& service_;
    ExchangeRequest request_;
    std::uint64_t next_ = 1;
    std::mutex mutex_;
    std::deque<ExchangeResponse> outbox_;
    bool ended_ = false;
  };

  grpc::ServerBidiReactor<ExchangeRequest, ExchangeResponse>* Exchange(
      grpc::CallbackServerContext* /*context*/) override {
    return new Stream(*this);  // Deletes itself in OnDone().
  }

  template <class Message>
  void Add(const Message& message) {
    const std::lock_guard lock(mutex_);
    if constexpr (std::is_same_v<Message, ingest::v1::Hello>) {
      hellos_.push_back(message);
    } else {
      directive_acks_.push_back(message);
    }
  }

  void CutStreams() {
    const std::lock_guard lock(mutex_);
    for (Stream* stream : streams_) stream->Cut();
  }

  const StubGatewayOptions options_;
  std::mutex mutex_;
  std::set<Stream*> streams_;
  std::vector<ingest::v1::Hello> hellos_;
  std::vector<ingest::v1::DirectiveAck> directive_acks_;
};

StubGateway::StubGateway(StubGatewayOptions options,
                         const std::shared_ptr<grpc::ServerCredentials>& credentials)
    : service_(std::make_unique<Service>(std::move(options))) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("localhost:0", credentials, &port_);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  ABSL_RAW_CHECK(server_ != nullptr && port_ > 0, "the stub gateway found no port");
}

StubGateway::~StubGateway() {
  CutStreams();
  server_->Shutdown();
  server_->Wait();
}

std::string StubGateway::target() const {
  return "localhost:" + std::to_string(port_);
}

void StubGateway::CutStreams() {
  service_->CutStreams();
}

std::vector<ingest::v1::Hello> StubGateway::hellos() const {
  const std::lock_guard lock(service_->mutex_);
  return service_->hellos_;
}

std::vector<ingest::v1::DirectiveAck> StubGateway::directive_acks() const {
  const std::lock_guard lock(service_->mutex_);
  return service_->directive_acks_;
}

std::vector<std::string> EventsOf(const ingest::v1::Batch& batch) {
  std::string bytes = batch.payload();
  if (batch.compression() == ingest::v1::COMPRESSION_ZSTD) {
    bytes.assign(batch.payload_bytes(), '\0');
    const std::size_t size =
        ZSTD_decompress(bytes.data(), bytes.size(), batch.payload().data(), batch.payload().size());
    ABSL_RAW_CHECK(size == bytes.size(), "the batch's payload is not what it says");
  }
  ingest::v1::BatchPayload payload;
  ABSL_RAW_CHECK(payload.ParseFromString(bytes), "the batch's payload does not parse");
  return {payload.events().begin(), payload.events().end()};
}

}  // namespace platen::testing
