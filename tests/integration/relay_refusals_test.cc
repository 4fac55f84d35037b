// What the relay says of a gateway that it does not trust, that does not trust it, or that is away:
// the reason in words, and the same at each try, so that the log has it once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/tls/test_fixture.h"
#include "services/relay/edge/gateway_uplink.h"
#include "services/relay/edge/tls_channels.h"
#include "services/relay/gateway_log.h"
#include "tests/support/connect_proxy.h"
#include "tests/support/stub_gateway.h"

namespace platen::relay {
namespace {

using edge::FaultName;
using edge::GatewayTrouble;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tls::testing::Leaf;
using tls::testing::LeafOptions;
using tls::testing::Named;

class RelayRefusalsTest : public tls::testing::CredentialsTest {
 protected:
  // The lines that three tries on two lanes leave in the log.
  std::vector<std::string> Lines(const std::string& target, tls::Credentials& credentials) {
    std::vector<std::string> lines;
    GatewayLog log([&lines](std::string_view /*message*/, std::string_view reason) {
      lines.emplace_back(reason);
    });
    edge::TlsChannels channels(target, credentials);
    for (const char* lane : {"alerts", "logs", "alerts", "logs", "alerts", "logs"}) {
      edge::GatewayUplink uplink({}, channels);
      const auto down = Open(uplink);
      if (!down) return {"the gateway took the stream"};
      fault_ = FaultName(down->fault);
      log.OnDown(lane, *down, /*lasted=*/false);
    }
    return lines;
  }

  // Why the stream ended; empty where it is up.
  static std::optional<GatewayTrouble> Open(edge::GatewayUplink& uplink) {
    uplink.Open();
    while (true) {
      auto event = uplink.Poll(std::chrono::seconds(1));
      if (!event) continue;
      if (const auto* down = std::get_if<edge::StreamDown>(&*event)) return down->trouble;
      return std::nullopt;
    }
  }

  std::vector<std::string> LinesAbout(const Leaf& gateway) {
    const tls::testing::RawTlsServer server({.leaf = gateway});
    return Lines(server.target(), *Make("client"));
  }

  std::vector<std::string> LinesOfRelay(const Leaf& relay) {
    Write("client", relay);
    const auto own = Make("client");
    const auto theirs = Make("server");
    const platen::testing::StubGateway gateway({}, theirs->ForServer());
    return Lines(gateway.target(), *own);
  }

  std::string fault_;
};

TEST_F(RelayRefusalsTest, AGatewayWithABadCertificateIsOneLineWithTheReason) {
  LeafOptions options = Named("gateway");
  options.digest = "SHA1";
  EXPECT_THAT(LinesAbout(ca_.Issue(options)),
              ElementsAre("server certificate 'CN=gateway' refused: signed with SHA-1 "
                          "(ecdsa-with-SHA1); re-issue it with SHA-256"));
  EXPECT_EQ(fault_, "refused");
  options = Named("gateway");
  options.not_after = -std::chrono::minutes(1);
  EXPECT_THAT(LinesAbout(ca_.Issue(options)),
              ElementsAre("server certificate 'CN=gateway' refused: it has expired; renew it"));
  options = Named("gateway");
  options.alternative_names = {"DNS:elsewhere.platen.test"};
  EXPECT_THAT(LinesAbout(ca_.Issue(options)),
              ElementsAre(HasSubstr("refused: it is not for 'localhost' but for: elsewhere")));
  tls::testing::TestCa stranger("Stranger");
  EXPECT_THAT(LinesAbout(stranger.Issue(Named("gateway"))),
              ElementsAre(HasSubstr("refused: its chain leads to no authority")));
}

TEST_F(RelayRefusalsTest, ARelayThatIsRefusedSaysSo) {
  const std::string line =
      "it closes the connection right after the handshake: it refuses this relay's certificate "
      "(tls.cert_file); its log has the reason";
  tls::testing::TestCa stranger("Stranger");
  EXPECT_THAT(LinesOfRelay(stranger.Issue(Named("relay"))), ElementsAre(line));
  EXPECT_EQ(fault_, "refuses_us");
  const Leaf revoked = ca_.Issue(Named("relay"));
  ca_.Revoke(revoked.cert_pem);
  Write("ca.crl", ca_.Crl());
  EXPECT_THAT(LinesOfRelay(revoked), ElementsAre(line));
  EXPECT_THAT(LinesOfRelay(ca_.Issue(Named("relay"))), ElementsAre("the gateway took the stream"));
}

TEST_F(RelayRefusalsTest, AGatewayThatIsAwayIsOneLine) {
  const auto own = Make("client");
  std::string target;
  {
    const tls::testing::RawTlsServer server({.leaf = ca_.Issue()});
    target = server.target();
  }

  EXPECT_THAT(Lines(target, *own),
              ElementsAre("it can't be reached: Connection refused; is it running, and "
                          "routes[].gateway right?"));
  EXPECT_EQ(fault_, "unreachable");
  EXPECT_THAT(Lines("gateway.invalid:7443", *own),
              ElementsAre(HasSubstr("its name can't be resolved")));
}

TEST_F(RelayRefusalsTest, AProxyOpensTheWayForWhoItKnowsAndSaysSoToOthers) {
  Write("server", ca_.Issue(Named("gateway")));
  const auto own = Make("client");
  const auto theirs = Make("server");
  const platen::testing::StubGateway gateway({}, theirs->ForServer());
  const platen::testing::ConnectProxy proxy("relay:p:w/rd %41");
  {
    edge::TlsChannels channels(gateway.target(), *own, {proxy.address(), "relay", "p:w/rd %41"});
    edge::GatewayUplink uplink({}, channels);
    EXPECT_FALSE(Open(uplink));
    EXPECT_EQ(proxy.opened(), 1);
  }

  edge::TlsChannels channels(gateway.target(), *own, {proxy.address(), "relay", "wrong"});
  edge::GatewayUplink uplink({}, channels);
  const auto down = Open(uplink);
  ASSERT_TRUE(down);
  EXPECT_THAT(std::string(down->status.message()), HasSubstr("407"));
  EXPECT_EQ(proxy.opened(), 1);
  EXPECT_GE(proxy.refused(), 1);
}

TEST_F(RelayRefusalsTest, AGatewayWhoseCertificateIsRevokedMeanwhileIsCutWithTheReason) {
  const Leaf leaf = ca_.Issue(Named("gateway"));
  Write("server", leaf);
  const auto own = Make("client");
  const auto theirs = Make("server");
  const platen::testing::StubGateway gateway({}, theirs->ForServer());
  edge::TlsChannels channels(gateway.target(), *own);
  edge::GatewayUplink uplink({}, channels);
  ASSERT_FALSE(Open(uplink));

  ca_.Revoke(leaf.cert_pem);
  Write("ca.crl", ca_.Crl());
  ASSERT_TRUE(own->ReloadNow().ok());

  std::optional<edge::UplinkEvent> event;
  while (!(event = uplink.Poll(std::chrono::seconds(1)))) continue;
  const auto* down = std::get_if<edge::StreamDown>(&*event);
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(FaultName(down->trouble.fault), "refused");
  // By the reload, or by the look that each stream gets when it begins: whichever came last.
  EXPECT_THAT(std::string(down->trouble.status.message()), HasSubstr("revoked"));
}

}  // namespace
}  // namespace platen::relay
