#include "services/relay/edge/gateway_uplink.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "libs/base/status.h"

namespace platen::relay::edge {

using ingest::v1::ExchangeRequest;
using ingest::v1::ExchangeResponse;

namespace {

constexpr char kMethod[] = "/platen.ingest.v1.IngestService/Exchange";

grpc::ByteBuffer ToBuffer(const ExchangeRequest& request) {
  const grpc::Slice slice(request.SerializeAsString());
  return {&slice, 1};
}

// gRPC frees what it refers to on a thread of its own, at the latest when the stream has ended.
grpc::ByteBuffer ToBuffer(const EncodedBatch& batch) {
  using Shared = std::shared_ptr<const std::string>;
  const auto release = [](void* shared) { delete static_cast<Shared*>(shared); };
  const grpc::Slice slices[] = {grpc::Slice(batch.head),
                                grpc::Slice(const_cast<char*>(batch.payload->data()),
                                            batch.payload->size(),
                                            release,
                                            new Shared(batch.payload))};
  return {slices, std::size(slices)};
}

GatewayTrouble TroubleOf(const grpc::Status& status) {
  if (status.ok()) return Explain(base::Unavailable("without a reason"));
  return Explain(
      base::Error(static_cast<absl::StatusCode>(status.error_code()), status.error_message()));
}

// Its certificate was good when the stream began.
GatewayTrouble Distrusted() {
  return {
      GatewayFault::kRefused,
      base::Error(absl::StatusCode::kUnauthenticated,
                  "its certificate is no longer trusted: revoked, expired, or a revocation list "
                  "is stale")};
}

}  // namespace

// One call. gRPC's threads call the On…() methods, one of each kind at a time; it keeps itself
// alive until OnDone(). Writes come from another thread, so the call is held until the last read
// has failed: without the hold gRPC may end and free it under a write that begins.
//
// It never ends on one of gRPC's threads: with it may go the process's last channel, with that
// those threads, and in gRPC 1.51 a thread that ends itself goes on in a queue that is freed
// (grpc/grpc pull request 32584). OnDone() leaves it in the mailbox instead.
class GatewayUplink::Stream final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, ExchangeResponse>,
      public std::enable_shared_from_this<Stream> {
 public:
  Stream(std::shared_ptr<grpc::Channel> channel,
         std::shared_ptr<Mailbox> mailbox,
         GatewayChannels& channels)
      : stub_(std::move(channel)), mailbox_(std::move(mailbox)), channels_(channels) {}

  void Start(const ExchangeRequest& hello) {
    self_ = shared_from_this();
    stub_.PrepareBidiStreamingCall(&context_, kMethod, {}, this);
    AddHold();
    Write(ToBuffer(hello));
    StartRead(&response_);
    StartCall();
  }

  void Write(grpc::ByteBuffer request) {
    const std::lock_guard lock(mutex_);
    if (done_) return;
    outbox_.push_back(std::move(request));
    if (outbox_.size() == 1) StartWrite(&outbox_.front());
  }

  // The first reason is the one that is told.
  void Cancel(const GatewayTrouble& why) {
    {
      const std::lock_guard lock(mutex_);
      if (!cancelled_) cancelled_ = why;
    }
    context_.TryCancel();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    outbox_.pop_front();
    if (!ok) {  // The stream is ending: OnDone() says why.
      outbox_.clear();
      done_ = true;
      return;
    }
    if (!outbox_.empty()) StartWrite(&outbox_.front());
  }

  void OnReadInitialMetadataDone(bool ok) override {
    if (!ok) return;
    auto watch = channels_.Watch(context_, [this] { Cancel(Distrusted()); });
    if (watch.ok()) {
      watch_ = *std::move(watch);
    } else {
      Cancel(Explain(watch.status()));
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      {
        const std::lock_guard lock(mutex_);
        done_ = true;  // No write begins any more.
      }
      RemoveHold();
      return;
    }
    {
      const std::lock_guard lock(mailbox_->mutex);
      mailbox_->responses.push_back(std::move(response_));
    }
    mailbox_->arrived.notify_one();
    response_.Clear();
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    watch_.reset();
    std::optional<GatewayTrouble> cancelled;
    {
      const std::lock_guard lock(mutex_);
      cancelled = cancelled_;
    }
    // Once the mailbox has it, this object may end at any moment.
    const std::shared_ptr<Mailbox> mailbox = mailbox_;
    {
      const std::lock_guard lock(mailbox->mutex);
      mailbox->ended = cancelled ? *cancelled : TroubleOf(status);
      mailbox->stream = std::move(self_);
    }
    mailbox->arrived.notify_one();
  }

 private:
  grpc::ClientContext context_;
  grpc::TemplatedGenericStub<grpc::ByteBuffer, ExchangeResponse> stub_;
  const std::shared_ptr<Mailbox> mailbox_;
  GatewayChannels& channels_;
  std::shared_ptr<Stream> self_;
  std::shared_ptr<void> watch_;
  ExchangeResponse response_;

  std::mutex mutex_;
  std::optional<GatewayTrouble> cancelled_;  // Why, where we ended it.
  std::deque<grpc::ByteBuffer> outbox_;      // The first is being written.
  bool done_ = false;
};

GatewayUplink::GatewayUplink(GatewayUplinkOptions options, GatewayChannels& channels)
    : options_(std::move(options)), channels_(channels) {}

GatewayUplink::~GatewayUplink() {
  Close({});
  while (stream_ != nullptr) Poll(std::chrono::seconds(1));
}

void GatewayUplink::Open() {
  mailbox_ = std::make_shared<Mailbox>();
  // A new connection each time: gRPC would wait up to two minutes before it tries an old one again,
  // and an old one keeps its certificate.
  stream_ = std::make_shared<Stream>(channels_.NewChannel(), mailbox_, channels_);
  ExchangeRequest request;
  *request.mutable_hello() = options_.hello;
  stream_->Start(request);
}

void GatewayUplink::Close(const GatewayTrouble& why) {
  if (stream_ != nullptr) stream_->Cancel(why);
}

std::size_t GatewayUplink::Send(const core::SendWindow::Next& next) {
  if (stream_ == nullptr) return 0;
  const EncodedBatch batch = encoder_.Encode(next, compression_);
  stream_->Write(ToBuffer(batch));
  return batch.payload->size();
}

void GatewayUplink::AnswerDirective(std::uint64_t number, const std::string& refusal) {
  if (stream_ == nullptr) return;
  ExchangeRequest request;
  request.mutable_directive_ack()->set_number(number);
  request.mutable_directive_ack()->set_refusal(refusal);
  stream_->Write(ToBuffer(request));
}

UplinkEvent GatewayUplink::ToEvent(ExchangeResponse response) {
  if (response.has_welcome()) {
    const ingest::v1::Welcome& welcome = response.welcome();
    const auto& known = welcome.compressions();
    const bool reads = std::find(known.begin(), known.end(), options_.compression) != known.end();
    compression_ = reads ? options_.compression : ingest::v1::COMPRESSION_NONE;
    return StreamUp{welcome.server(), welcome.window_batches(), welcome.max_payload_bytes()};
  }
  if (response.has_batch_ack()) return DecodeAnswer(response.batch_ack());
  return std::move(*response.mutable_directive());
}

std::optional<UplinkEvent> GatewayUplink::Poll(std::chrono::milliseconds max_wait) {
  if (stream_ == nullptr) {
    std::this_thread::sleep_for(max_wait);
    return std::nullopt;
  }
  std::unique_lock lock(mailbox_->mutex);
  mailbox_->arrived.wait_for(
      lock, max_wait, [this] { return !mailbox_->responses.empty() || mailbox_->ended; });
  if (!mailbox_->responses.empty()) {
    ExchangeResponse response = std::move(mailbox_->responses.front());
    mailbox_->responses.pop_front();
    return ToEvent(std::move(response));
  }
  if (!mailbox_->ended) return std::nullopt;
  StreamDown down{*mailbox_->ended};
  const std::shared_ptr<Stream> ended = std::move(mailbox_->stream);
  stream_.reset();
  lock.unlock();  // The stream, which ends here, may hold the mailbox's last reference.
  mailbox_.reset();
  return down;
}

}  // namespace platen::relay::edge
