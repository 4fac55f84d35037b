// Mutual TLS over real sockets on loopback: each cell of the trust between our own parts.

#include "libs/tls/credentials.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "libs/base/real_clock.h"
#include "libs/tls/openssl_policy.h"
#include "libs/tls/test_ca.h"
#include "libs/tls/test_grpc.h"

namespace platen::tls {
namespace {

using std::chrono::hours;
using ::testing::AllOf;
using ::testing::AnyOf;
using testing::Call;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::KeyKind;
using testing::Leaf;
using testing::LeafOptions;
using testing::OpenStream;
using testing::RawConnect;
using testing::RawTlsOptions;
using testing::RawTlsOutcome;
using testing::RawTlsServer;
using testing::TestCa;
using testing::TestServer;

// As a service's main does, before anything uses OpenSSL.
const absl::Status installed = InstallOpenSslPolicy();

LeafOptions Named(const std::string& name) {
  return {.common_name = name,
          .alternative_names = {
              "DNS:" + name + ".platen.test", "DNS:localhost", "URI:spiffe://platen.test/" + name}};
}

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "platen-tls-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    Write("server", ca_.Issue(Named("gateway")));
    Write("client", ca_.Issue(Named("relay")));
    Write("ca.pem", ca_.cert_pem());
    Write("ca.crl", ca_.Crl());
  }

  ~CredentialsTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ / name) << content;
  }

  void Write(const std::string& name, const Leaf& leaf) const {
    Write(name + ".crt", leaf.cert_pem);
    Write(name + ".key", leaf.key_pem);
  }

  std::unique_ptr<Credentials> Make(const std::string& name, const std::string& domain = "") {
    CredentialsOptions options{.files = {.cert_file = directory_ / (name + ".crt"),
                                         .key_file = directory_ / (name + ".key"),
                                         .ca_file = directory_ / "ca.pem",
                                         .crl_file = directory_ / "ca.crl"},
                               .domain = domain,
                               // The tests call ReloadNow() themselves.
                               .reload_interval = std::chrono::seconds(30)};
    options.hooks.on_refused = [this](const Verdict& verdict) {
      const std::lock_guard lock(mutex_);
      refusals_.push_back(std::string(RefusalName(*verdict.refusal)));
      message_ = verdict.message;
    };
    options.hooks.on_reload = [this](const absl::Status& outcome) {
      const std::lock_guard lock(mutex_);
      reloads_.push_back(std::string(outcome.message()));
    };
    auto credentials = Credentials::Create(std::move(options), clock_);
    if (!credentials.ok()) ADD_FAILURE() << credentials.status();
    return credentials.ok() ? *std::move(credentials) : nullptr;
  }

  // A server that trusts ca_, and a raw client with this certificate.
  RawTlsOutcome Connect(const RawTlsOptions& options) {
    const auto credentials = Make("server");
    const TestServer server(credentials->ForServer());
    return RawConnect(server.port(), options);
  }

  // A gRPC client that trusts ca_, at a raw server with this certificate.
  grpc::Status CallAt(const Leaf& leaf) {
    const auto credentials = Make("client");
    const RawTlsServer server({.leaf = leaf});
    return Call(MakeChannel(server.target(), *credentials));
  }

  std::vector<std::string> refusals() {
    const std::lock_guard lock(mutex_);
    return refusals_;
  }

  const base::RealClock clock_;
  std::filesystem::path directory_;
  TestCa ca_;
  std::mutex mutex_;
  std::vector<std::string> refusals_;
  std::vector<std::string> reloads_;
  std::string message_;
};

TEST_F(CredentialsTest, ThePolicyIsInstalled) {
  ASSERT_TRUE(installed.ok()) << installed;
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

}  // namespace
}  // namespace platen::tls
