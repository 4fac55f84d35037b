// The Uplink over gRPC: a client stream of platen.ingest.v1, opened anew each time.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "services/relay/edge/batch_codec.h"
#include "services/relay/edge/uplink.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace platen::relay::edge {

// Makes connections to one gateway. Thread-safe.
class GatewayChannels {
 public:
  virtual ~GatewayChannels() = default;

  // A channel with a connection of its own, so that a new certificate takes effect.
  virtual std::shared_ptr<grpc::Channel> NewChannel() = 0;

  // Called once the peer of an open call is known. Keeps an eye on it for as long as the result
  // lives: `cut` is called, once, when the peer is no longer trusted. An error is to end the call.
  virtual absl::StatusOr<std::shared_ptr<void>> Watch(const grpc::ClientContext& call,
                                                      std::function<void()> cut) = 0;
};

struct GatewayUplinkOptions {
  ingest::v1::Hello hello;
  // What to use where the gateway reads it.
  ingest::v1::Compression compression = ingest::v1::COMPRESSION_ZSTD;
};

// Thread-confined; gRPC's threads only put events into its mailbox. `channels` must outlive it.
class GatewayUplink final : public Uplink {
 public:
  GatewayUplink(GatewayUplinkOptions options, GatewayChannels& channels);
  // Cancels the stream and waits for its end.
  ~GatewayUplink() override;

  void Open() override;
  void Close(const GatewayTrouble& why) override;
  std::size_t Send(const core::SendWindow::Next& next) override;
  void AnswerDirective(std::uint64_t number, const std::string& refusal) override;
  std::optional<UplinkEvent> Poll(std::chrono::milliseconds max_wait) override;

 private:
  class Stream;

  // Where gRPC's threads leave what they got.
  struct Mailbox {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<ingest::v1::ExchangeResponse> responses;
    std::optional<GatewayTrouble> ended;
    std::shared_ptr<Stream> stream;  // Once it has ended.
  };

  UplinkEvent ToEvent(ingest::v1::ExchangeResponse response);

  const GatewayUplinkOptions options_;
  GatewayChannels& channels_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<Stream> stream_;
  ingest::v1::Compression compression_ = ingest::v1::COMPRESSION_NONE;
  BatchEncoder encoder_;
};

}  // namespace platen::relay::edge
