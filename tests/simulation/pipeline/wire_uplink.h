// A relay's way to the gateway over a Wire: what is on it may be cut, late, or lost with it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "services/relay/edge/batch_codec.h"
#include "services/relay/edge/uplink.h"
#include "tests/simulation/pipeline/gateway_host.h"

namespace platen::simulation {

// Shared by the uplinks of one relay.
struct WireCut {
  base::MonotonicTime until;
};

// Thread-confined. What it is made with must outlive it.
class WireUplink final : public relay::edge::Uplink {
 public:
  WireUplink(GatewayHost& gateway,
             const WireCut& cut,
             base::Random& random,
             const base::SimClock& clock,
             bool wants_directives)
      : gateway_(gateway),
        cut_(cut),
        random_(random),
        clock_(clock),
        wants_directives_(wants_directives) {}

  ~WireUplink() override { Hang(); }

  void Open() override;
  void Close(const relay::edge::GatewayTrouble& why) override;
  std::size_t Send(const relay::core::SendWindow::Next& next) override;
  void AnswerDirective(std::uint64_t number, const std::string& refusal) override;
  std::optional<relay::edge::UplinkEvent> Poll(std::chrono::milliseconds max_wait) override;

  // The connection breaks; what had arrived may still be handled.
  void Reset();

 private:
  void Put(std::variant<ingest::v1::Batch, ingest::v1::DirectiveAck> message);
  void Hang();

  GatewayHost& gateway_;
  const WireCut& cut_;
  base::Random& random_;
  const base::SimClock& clock_;
  const bool wants_directives_;
  relay::edge::BatchEncoder encoder_;
  std::shared_ptr<Wire> wire_;
  bool down_told_ = true;
  std::optional<base::MonotonicTime> mute_since_;
};

}  // namespace platen::simulation
