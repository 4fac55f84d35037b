// The seam to the gateway: one stream at a time, in both directions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "platen/ingest/v1/ingest.pb.h"

#include "absl/status/status.h"
#include "services/relay/core/relay_core.h"
#include "services/relay/edge/gateway_fault.h"

namespace platen::relay::edge {

// The gateway's terms have arrived: the stream takes batches.
struct StreamUp {
  std::string server;
  std::size_t window_batches = 1;
  std::size_t payload_bytes_max = 0;
};

// The stream has ended, or could not begin.
struct StreamDown {
  GatewayTrouble trouble;
};

using UplinkEvent = std::variant<StreamUp, core::BatchAnswer, ingest::v1::Directive, StreamDown>;

// Thread-confined. Requests return at once; what comes of them arrives by Poll().
class Uplink {
 public:
  virtual ~Uplink() = default;

  // Begins a stream. Ends with StreamDown, in any case. REQUIRES: none is open.
  virtual void Open() = 0;
  // Ends the stream, if one is open; its StreamDown still comes, and says `why`.
  virtual void Close(const GatewayTrouble& why) = 0;

  // REQUIRES of both: between StreamUp and StreamDown. What is sent is bounded by the window.
  // Send() answers how many bytes travel, compressed.
  virtual std::size_t Send(const core::SendWindow::Next& next) = 0;
  virtual void AnswerDirective(std::uint64_t number, const std::string& refusal) = 0;

  // The next event; waits at most `max_wait` for it.
  virtual std::optional<UplinkEvent> Poll(std::chrono::milliseconds max_wait) = 0;
};

}  // namespace platen::relay::edge
