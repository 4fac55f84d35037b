#include "services/relay/edge/gateway_fault.h"

#include <string>

#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace platen::relay::edge {
namespace {

std::string Words(const absl::Status& status) {
  const GatewayTrouble trouble = Explain(status);
  return base::StrCat(FaultName(trouble.fault), ": ", trouble.status.message());
}

constexpr std::string_view kConnecting = "failed to connect to all addresses; last error: ";

TEST(GatewayFaultTest, SaysWhatIsWrongWithTheGatewaysCertificate) {
  EXPECT_EQ(
      Words(base::Unavailable(kConnecting,
                              "UNKNOWN: ipv4:127.0.0.1:34949: Custom verification check failed "
                              "with error: UNAUTHENTICATED: server certificate 'CN=gateway' "
                              "refused: it has expired; renew it")),
      "refused: server certificate 'CN=gateway' refused: it has expired; renew it");
}

TEST(GatewayFaultTest, SaysThatTheGatewayIsAwayTheSameForEachOfItsAddresses) {
  const std::string words =
      "unreachable: it can't be reached: Connection refused; is it running, and routes[].gateway "
      "right?";
  EXPECT_EQ(Words(base::Unavailable(kConnecting,
                                    "UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to remote host: "
                                    "Connection refused")),
            words);
  EXPECT_EQ(Words(base::Unavailable(kConnecting,
                                    "UNKNOWN: ipv6:%5B::1%5D:1: Failed to connect to remote host: "
                                    "Connection refused")),
            words);
  EXPECT_EQ(Words(base::Unavailable(
                "DNS resolution failed for gateway.invalid:7443: C-ares status is not ARES_SUCCESS "
                "qtype=AAAA name=gateway.invalid is_balancer=0: Domain name not found")),
            "unreachable: its name can't be resolved: Domain name not found; is routes[].gateway "
            "right?");
}

TEST(GatewayFaultTest, SaysThatOurOwnCertificateIsRefused) {
  EXPECT_EQ(Words(base::Unavailable(kConnecting, "UNAVAILABLE: ipv4:127.0.0.1:4: Socket closed")),
            "refuses_us: it closes the connection right after the handshake: it refuses this "
            "relay's certificate (tls.cert_file); its log has the reason");
  EXPECT_EQ(Words(base::Error(absl::StatusCode::kUnauthenticated,
                              "client certificate 'CN=relay' refused: it has been revoked")),
            "refuses_us: client certificate 'CN=relay' refused: it has been revoked");
  EXPECT_EQ(Words(base::Error(absl::StatusCode::kPermissionDenied, "'relay' is no client here")),
            "refuses_us: it refuses this relay: 'relay' is no client here");
}

TEST(GatewayFaultTest, AnEndedStreamIsNoRefusal) {
  EXPECT_EQ(Words(base::Unavailable("the gateway is stopping")),
            "ended: it ended the stream: the gateway is stopping");
  EXPECT_EQ(Words(base::Unavailable("Socket closed")), "ended: it ended the stream: Socket closed");
}

}  // namespace
}  // namespace platen::relay::edge
