// Why a stream to the gateway ended or could not begin, in an operator's words. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace platen::relay::edge {

// Counted by FaultName().
enum class GatewayFault {
  kEnded,        // The gateway ended the stream: its age, a restart.
  kUnreachable,  // Nobody listens, the name is unknown, or no answer comes.
  kRefused,      // Its certificate is not accepted here.
  kRefusesUs,    // It does not accept our certificate, or does not allow that name anything.
  kProtocol,     // One of the two says what the other does not understand.
};
inline constexpr std::size_t kGatewayFaults = 5;

// "refuses_us".
std::string_view FaultName(GatewayFault fault);

struct GatewayTrouble {
  GatewayFault fault = GatewayFault::kEnded;
  // kUnauthenticated, kPermissionDenied, kUnavailable, …; the message is one line, the same for
  // the same cause at each try: it holds no address and no port.
  absl::Status status;
};

// From how gRPC says it. `status` is the call's, not OK.
GatewayTrouble Explain(const absl::Status& status);

}  // namespace platen::relay::edge
