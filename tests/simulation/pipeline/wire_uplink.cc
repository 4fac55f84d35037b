#include "tests/simulation/pipeline/wire_uplink.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"

namespace platen::simulation {
namespace {

// How long nothing may come through before the connection counts as dead (gRPC's keepalive).
constexpr base::Duration kKeepalive = std::chrono::seconds(3);

}  // namespace

void WireUplink::Open() {
  down_told_ = false;
  mute_since_.reset();
  wire_ = clock_.Now() < cut_.until ? nullptr : gateway_.Connect(wants_directives_);
}

// The other end hears of it, or finds out.
void WireUplink::Hang() {
  if (wire_ != nullptr && random_.Chance(0.5)) wire_->broken = true;
  wire_.reset();
}

void WireUplink::Close(const relay::edge::GatewayTrouble& /*why*/) {
  Hang();
}

void WireUplink::Reset() {
  Hang();
}

void WireUplink::Put(std::variant<ingest::v1::Batch, ingest::v1::DirectiveAck> message) {
  if (wire_ == nullptr || wire_->broken) return;
  base::MonotonicTime arrival = clock_.Now() + std::chrono::milliseconds(random_.Below(40));
  arrival = std::max(arrival, cut_.until);
  if (!wire_->up.empty()) arrival = std::max(arrival, wire_->up.back().arrival);
  wire_->up.push_back({arrival, std::move(message)});
}

std::size_t WireUplink::Send(const relay::core::SendWindow::Next& next) {
  const relay::edge::EncodedBatch encoded = encoder_.Encode(next, ingest::v1::COMPRESSION_NONE);
  ingest::v1::ExchangeRequest request;
  request.ParseFromString(encoded.head + *encoded.payload);
  Put(std::move(*request.mutable_batch()));
  return next.batch->payload().size();
}

void WireUplink::AnswerDirective(std::uint64_t number, const std::string& refusal) {
  ingest::v1::DirectiveAck ack;
  ack.set_number(number);
  ack.set_refusal(refusal);
  Put(std::move(ack));
}

std::optional<relay::edge::UplinkEvent> WireUplink::Poll(std::chrono::milliseconds /*max_wait*/) {
  const base::MonotonicTime now = clock_.Now();
  const bool cut = now < cut_.until;
  if (!cut) {
    mute_since_.reset();
  } else if (!mute_since_) {
    mute_since_ = now;
  }
  const bool dead = mute_since_ && now - *mute_since_ >= kKeepalive;
  if (wire_ == nullptr || wire_->broken || dead) {
    wire_.reset();  // The gateway may go on with what it has.
    if (std::exchange(down_told_, true)) return std::nullopt;
    return relay::edge::StreamDown{{.status = base::Unavailable("the stream broke")}};
  }
  if (cut || wire_->down.empty() || wire_->down.front().arrival > now) return std::nullopt;
  const ingest::v1::ExchangeResponse message = std::move(wire_->down.front().message);
  wire_->down.pop_front();
  if (message.has_welcome()) {
    return relay::edge::StreamUp{message.welcome().server(),
                                 message.welcome().window_batches(),
                                 message.welcome().max_payload_bytes()};
  }
  if (message.has_directive()) return message.directive();
  return relay::edge::DecodeAnswer(message.batch_ack());
}

}  // namespace platen::simulation
