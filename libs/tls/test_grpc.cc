#include "libs/tls/test_grpc.h"

#include <condition_variable>
#include <future>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>

namespace platen::tls::testing {
namespace {

// Long enough for a loaded machine; no test waits for it to pass.
constexpr auto kCallDeadline = std::chrono::seconds(60);

class UnaryReactor final : public grpc::ServerGenericBidiReactor {
 public:
  UnaryReactor() { StartRead(&request_); }

  void OnReadDone(bool /*ok*/) override { StartWriteAndFinish(&response_, {}, grpc::Status::OK); }

  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_{nullptr, 0};
};

class StreamReactor final : public grpc::ServerGenericBidiReactor {
 public:
  StreamReactor(grpc::GenericCallbackServerContext* context, const OnStream& on_stream) {
    const grpc::Status status =
        on_stream == nullptr ? grpc::Status::OK : on_stream(context, &keep_);
    if (status.ok()) {
      StartSendInitialMetadata();
    } else {
      Finish(status);
      finished_ = true;
    }
  }

  void OnCancel() override {
    if (!finished_) Finish(grpc::Status::CANCELLED);
  }

  void OnDone() override { delete this; }

 private:
  std::shared_ptr<void> keep_;
  bool finished_ = false;
};

}  // namespace

class TestServer::Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(OnStream on_stream) : on_stream_(std::move(on_stream)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    if (context->method() == "/test/Unary") return new UnaryReactor();
    return new StreamReactor(context, on_stream_);
  }

 private:
  const OnStream on_stream_;
};

TestServer::TestServer(const std::shared_ptr<grpc::ServerCredentials>& credentials,
                       OnStream on_stream)
    : service_(std::make_unique<Service>(std::move(on_stream))) {
  grpc::ServerBuilder builder;
  builder.RegisterCallbackGenericService(service_.get());
  builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
  server_ = builder.BuildAndStart();
}

TestServer::~TestServer() {
  server_->Shutdown(std::chrono::system_clock::time_point());
  server_->Wait();
}

std::string TestServer::target() const {
  return "localhost:" + std::to_string(port_);
}

grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallDeadline);
  const grpc::ByteBuffer request(nullptr, 0);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/test/Unary", {}, &request, &response, [&](grpc::Status status) {
    done.set_value(std::move(status));
  });
  return done.get_future().get();
}

class OpenStream::Reactor final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit Reactor(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {
    stub_.PrepareBidiStreamingCall(&context, "/test/Stream", {}, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadInitialMetadataDone(bool ok) override { Note(ok ? &open_ : nullptr); }

  void OnDone(const grpc::Status& status) override {
    status_ = status;
    Note(&ended_);
  }

  bool WaitUntilOpen() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_ || ended_; });
    return open_;
  }

  grpc::Status WaitUntilEnded() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
    return status_;
  }

  bool ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  grpc::ClientContext context;

 private:
  void Note(bool* what) {
    const std::lock_guard lock(mutex_);
    if (what != nullptr) *what = true;
    changed_.notify_all();
  }

  grpc::GenericStub stub_;
  grpc::ByteBuffer response_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  bool ended_ = false;
  grpc::Status status_;
};

OpenStream::OpenStream(const std::shared_ptr<grpc::Channel>& channel)
    : reactor_(std::make_unique<Reactor>(channel)) {}

OpenStream::~OpenStream() {
  reactor_->context.TryCancel();
  reactor_->WaitUntilEnded();
}

bool OpenStream::WaitUntilOpen() {
  return reactor_->WaitUntilOpen();
}

grpc::Status OpenStream::WaitUntilEnded() {
  return reactor_->WaitUntilEnded();
}

bool OpenStream::ended() const {
  return reactor_->ended();
}

grpc::ClientContext& OpenStream::context() {
  return reactor_->context;
}

}  // namespace platen::tls::testing
