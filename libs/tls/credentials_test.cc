// Mutual TLS over real sockets on loopback: each cell of the trust between our own parts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "libs/tls/test_fixture.h"

namespace platen::tls {
namespace {

using std::chrono::hours;
using testing::Call;
using testing::CredentialsTest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::KeyKind;
using testing::Leaf;
using testing::LeafOptions;
using testing::Named;
using testing::OpenStream;
using testing::RawConnect;
using testing::RawTlsOptions;
using testing::RawTlsOutcome;
using testing::TestCa;
using testing::TestServer;

TEST_F(CredentialsTest, ThePolicyIsInstalled) {
  ASSERT_TRUE(testing::policy_installed.ok()) << testing::policy_installed;
}

TEST_F(CredentialsTest, ConnectsWithGoodCertificates) {
  const auto server_side = Make("server", "platen.test");
  const auto client_side = Make("client");
  const TestServer server(server_side->ForServer());

  const grpc::Status status = Call(MakeChannel(server.target(), *client_side));

  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(refusals().empty());
}

TEST_F(CredentialsTest, SpeaksTls13AndTls12WithAes256Only) {
  const Leaf leaf = ca_.Issue(Named("relay"));
  const RawTlsOutcome tls13 = Connect({.leaf = leaf});
  EXPECT_TRUE(tls13.served) << tls13.error;
  EXPECT_EQ(tls13.version, "TLSv1.3");
  EXPECT_EQ(tls13.suite, "TLS_AES_256_GCM_SHA384");

  const RawTlsOutcome tls12 = Connect({.version_max = TLS1_2_VERSION, .leaf = leaf});
  EXPECT_TRUE(tls12.served) << tls12.error;
  EXPECT_EQ(tls12.version, "TLSv1.2");
  EXPECT_EQ(tls12.suite, "ECDHE-ECDSA-AES256-GCM-SHA384");
}

TEST_F(CredentialsTest, RefusesOlderVersions) {
  const Leaf leaf = ca_.Issue(Named("relay"));
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    EXPECT_FALSE(Connect({.version_min = version, .version_max = version, .leaf = leaf}).handshake);
  }
}

TEST_F(CredentialsTest, RefusesOtherSuites) {
  const Leaf leaf = ca_.Issue(Named("relay"));
  EXPECT_FALSE(Connect({.version_max = TLS1_2_VERSION,
                        .tls12_suites = "ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0",
                        .leaf = leaf})
                   .handshake);
  EXPECT_FALSE(Connect({.version_max = TLS1_2_VERSION,
                        .tls12_suites = "ECDHE-ECDSA-CHACHA20-POLY1305:@SECLEVEL=0",
                        .leaf = leaf})
                   .handshake);
  EXPECT_FALSE(Connect({.tls12_suites = "ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0",
                        .tls13_suites = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
                        .leaf = leaf})
                   .handshake);
}

TEST_F(CredentialsTest, OffersAes256Only) {
  const auto credentials = Make("client");
  const std::vector<std::string> offered = testing::OfferedSuites(
      [&](int port) { Call(MakeChannel("localhost:" + std::to_string(port), *credentials)); });
  EXPECT_THAT(offered,
              ElementsAre("TLS_AES_256_GCM_SHA384",
                          "ECDHE-ECDSA-AES256-GCM-SHA384",
                          "ECDHE-RSA-AES256-GCM-SHA384"));
}

TEST_F(CredentialsTest, AServerRefusesAClientWithoutCertificate) {
  const RawTlsOutcome outcome = Connect({});
  EXPECT_FALSE(outcome.served);
}

TEST_F(CredentialsTest, AServerRefusesEachKindOfBadClient) {
  TestCa other("Other CA");
  const Leaf revoked = ca_.Issue(Named("relay"));
  ca_.Revoke(revoked.cert_pem);
  Write("ca.crl", ca_.Crl());
  LeafOptions expired = Named("relay");
  expired.not_after = -std::chrono::minutes(1);
  LeafOptions future = Named("relay");
  future.not_before = hours(1);
  LeafOptions sha1 = Named("relay");
  sha1.digest = "SHA1";
  LeafOptions small = Named("relay");
  small.key = KeyKind::kRsa1024;
  LeafOptions server_only = Named("relay");
  server_only.extended_key_usage = "serverAuth";
  const std::vector<std::pair<std::string, Leaf>> cases = {
      {"untrusted", other.Issue(Named("relay"))},
      {"revoked", revoked},
      {"expired", ca_.Issue(expired)},
      {"not_yet_valid", ca_.Issue(future)},
      {"weak_signature", ca_.Issue(sha1)},
      {"weak_key", ca_.Issue(small)},
      {"wrong_use", ca_.Issue(server_only)}};
  const auto credentials = Make("server");
  const TestServer server(credentials->ForServer());
  for (const auto& [reason, leaf] : cases) {
    const RawTlsOutcome outcome = RawConnect(server.port(), {.leaf = leaf});
    EXPECT_FALSE(outcome.served) << reason;
    ASSERT_FALSE(refusals().empty())
        << reason << ": handshake " << outcome.handshake << " " << outcome.error;
    EXPECT_EQ(refusals().back(), reason);
  }
}

TEST_F(CredentialsTest, AClientRefusesEachKindOfBadServerWithTheReasonInOneLine) {
  TestCa other("Other CA");
  EXPECT_THAT(
      CallAt(other.Issue(Named("gateway"))).error_message(),
      HasSubstr("server certificate 'CN=gateway' refused: its chain leads to no authority"));
  LeafOptions options = Named("gateway");
  options.not_after = -std::chrono::minutes(1);
  EXPECT_THAT(CallAt(ca_.Issue(options)).error_message(),
              HasSubstr("refused: it has expired; renew it"));
  options = Named("gateway");
  options.not_before = hours(1);
  EXPECT_THAT(CallAt(ca_.Issue(options)).error_message(),
              HasSubstr("refused: it is not valid yet"));
  options = Named("gateway");
  options.digest = "SHA1";
  EXPECT_THAT(CallAt(ca_.Issue(options)).error_message(),
              HasSubstr("refused: signed with SHA-1 (ecdsa-with-SHA1); re-issue it with SHA-256"));
  options = Named("gateway");
  options.key = KeyKind::kRsa1024;
  EXPECT_THAT(CallAt(ca_.Issue(options)).error_message(),
              HasSubstr("refused: its RSA key has 1024 bits"));
  options = Named("elsewhere");
  options.alternative_names = {"DNS:elsewhere.platen.test"};
  EXPECT_THAT(CallAt(ca_.Issue(options)).error_message(),
              HasSubstr("refused: it is not for 'localhost' but for: elsewhere.platen.test"));
  const Leaf revoked = ca_.Issue(Named("gateway"));
  ca_.Revoke(revoked.cert_pem);
  Write("ca.crl", ca_.Crl());
  EXPECT_THAT(CallAt(revoked).error_message(), HasSubstr("refused: it has been revoked"));
}

TEST_F(CredentialsTest, AStaleRevocationListRefusesEverybody) {
  Write("ca.crl", ca_.Crl({.last_update = -hours(2), .next_update = -hours(1)}));
  EXPECT_FALSE(Connect({.leaf = ca_.Issue(Named("relay"))}).served);
  EXPECT_THAT(refusals(), ElementsAre("crl_stale"));
  EXPECT_THAT(CallAt(ca_.Issue(Named("gateway"))).error_message(),
              HasSubstr("revocation list of its issuer is stale; renew tls.crl_file"));
}

TEST_F(CredentialsTest, AMissingRevocationListRefusesEverybody) {
  Write("ca.crl", TestCa("Other CA").Crl());
  EXPECT_FALSE(Connect({.leaf = ca_.Issue(Named("relay"))}).served);
  EXPECT_THAT(refusals(), ElementsAre("crl_missing"));
}

TEST_F(CredentialsTest, AServerRefusesClientsOutsideItsDomain) {
  const auto credentials = Make("server", "other.test");
  const TestServer server(credentials->ForServer());
  EXPECT_FALSE(RawConnect(server.port(), {.leaf = ca_.Issue(Named("relay"))}).served);
  EXPECT_THAT(refusals(), ElementsAre("wrong_name"));
  LeafOptions spiffe = Named("relay");
  spiffe.alternative_names = {"URI:spiffe://other.test/relay"};
  EXPECT_TRUE(RawConnect(server.port(), {.leaf = ca_.Issue(spiffe)}).served);
}

TEST_F(CredentialsTest, AClientDialsOnlyWithinItsDomain) {
  const auto server_side = Make("server");
  const auto client_side = Make("client", "platen.test");
  const TestServer server(server_side->ForServer());
  EXPECT_THAT(Call(MakeChannel(server.target(), *client_side)).error_message(),
              HasSubstr("'localhost' is not in the domain 'platen.test'"));
}

TEST_F(CredentialsTest, AnEarlierSessionOpensNoDoor) {
  const auto credentials = Make("server");
  const TestServer server(credentials->ForServer());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const RawTlsOptions options{.version_max = version, .leaf = ca_.Issue(Named("relay"))};
    const RawTlsOutcome again = testing::RawResume(server.port(), options, [] {});
    EXPECT_TRUE(again.served);
    EXPECT_FALSE(again.resumed) << "gRPC's server resumes none";
    EXPECT_FALSE(testing::RawResume(server.port(), options, [&] {
                   ca_.Revoke(options.leaf->cert_pem);
                   Write("ca.crl", ca_.Crl());
                   EXPECT_TRUE(credentials->ReloadNow().ok());
                 }).served);
  }
  EXPECT_THAT(refusals(), ElementsAre("revoked", "revoked"));
}

TEST_F(CredentialsTest, HandlersLearnWhoCalls) {
  const auto server_side = Make("server");
  const auto client_side = Make("client");
  absl::StatusOr<PeerIdentity> peer;
  const TestServer server(server_side->ForServer(),
                          [&](grpc::GenericCallbackServerContext* context, std::shared_ptr<void>*) {
                            peer = PeerOf(*context->auth_context());
                            return grpc::Status::OK;
                          });

  OpenStream stream(MakeChannel(server.target(), *client_side));

  ASSERT_TRUE(stream.WaitUntilOpen());
  ASSERT_TRUE(peer.ok());
  EXPECT_EQ(peer->common_name, "relay");
  EXPECT_EQ(peer->spiffe_id, "spiffe://platen.test/relay");
  const auto gateway = PeerOf(*stream.context().auth_context());
  ASSERT_TRUE(gateway.ok());
  EXPECT_EQ(gateway->common_name, "gateway");
}

}  // namespace
}  // namespace platen::tls
