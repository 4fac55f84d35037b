#include "services/relay/edge/gateway_fault.h"

#include <array>

#include "libs/base/status.h"

namespace platen::relay::edge {
namespace {

using absl::StatusCode;

constexpr std::array<std::string_view, kGatewayFaults> kNames = {
    "ended", "unreachable", "refused", "refuses_us", "protocol"};

// What gRPC 1.51 puts before the cause, in layers.
constexpr std::string_view kNoConnection = "failed to connect to all addresses";
constexpr std::string_view kVerdict = "server certificate";
constexpr std::string_view kNoName = "DNS resolution failed";

// How a TLS 1.3 server refuses a client: the client has finished its handshake by then, and sees
// the connection go before the server has spoken.
bool ClosedAfterHandshake(std::string_view text) {
  for (const std::string_view sign : {"Socket closed", "Connection reset by peer", "Broken pipe"}) {
    if (text.ends_with(sign)) return text.find("last error: UNAVAILABLE") != text.npos;
  }
  return false;
}

std::string_view AfterLastColon(std::string_view text) {
  const std::size_t colon = text.rfind(": ");
  return colon == text.npos ? text : text.substr(colon + 2);
}

GatewayTrouble ExplainNoConnection(std::string_view text) {
  if (const std::size_t verdict = text.find(kVerdict); verdict != text.npos) {
    return {GatewayFault::kRefused,
            base::Error(StatusCode::kUnauthenticated, text.substr(verdict))};
  }
  if (ClosedAfterHandshake(text)) {
    return {GatewayFault::kRefusesUs,
            base::Error(StatusCode::kUnauthenticated,
                        "it closes the connection right after the handshake: it refuses this "
                        "relay's certificate (tls.cert_file); its log has the reason")};
  }
  return {GatewayFault::kUnreachable,
          base::Unavailable("it can't be reached: ",
                            AfterLastColon(text),
                            "; is it running, and routes[].gateway right?")};
}

}  // namespace

std::string_view FaultName(GatewayFault fault) {
  return kNames.at(static_cast<std::size_t>(fault));
}

GatewayTrouble Explain(const absl::Status& status) {
  const std::string_view text(status.message().data(), status.message().size());
  switch (status.code()) {
    case StatusCode::kUnavailable:
      if (text.starts_with(kNoConnection)) return ExplainNoConnection(text);
      if (text.starts_with(kNoName)) {
        return {GatewayFault::kUnreachable,
                base::Unavailable("its name can't be resolved: ",
                                  AfterLastColon(text),
                                  "; is routes[].gateway right?")};
      }
      return {GatewayFault::kEnded, base::Unavailable("it ended the stream: ", text)};
    case StatusCode::kUnauthenticated: {
      // The judge here names a server's certificate, the one over there ours.
      const bool ours = text.find(kVerdict) == text.npos;
      return {ours ? GatewayFault::kRefusesUs : GatewayFault::kRefused, status};
    }
    case StatusCode::kPermissionDenied:
      return {GatewayFault::kRefusesUs,
              base::Error(status.code(), "it refuses this relay: ", text)};
    case StatusCode::kDeadlineExceeded:
      return {GatewayFault::kUnreachable, base::Unavailable("it does not answer: ", text)};
    case StatusCode::kInvalidArgument:
    case StatusCode::kUnimplemented:
      return {GatewayFault::kProtocol,
              base::Error(status.code(), "it does not understand this relay: ", text)};
    default:
      return {GatewayFault::kEnded, base::Error(status.code(), "it ended the stream: ", text)};
  }
}

}  // namespace platen::relay::edge
