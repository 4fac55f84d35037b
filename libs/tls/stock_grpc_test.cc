// What gRPC 1.51 does about TLS when left alone: the facts that libs/tls is shaped by. Each test
// here is the reason for a part of that library, and fails when a newer gRPC makes the part
// unnecessary. No policy is installed in this process.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "libs/tls/staged_pair.h"
#include "libs/tls/test_ca.h"
#include "libs/tls/test_grpc.h"

namespace platen::tls::testing {
namespace {

using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::IdentityKeyCertPair;
using grpc::experimental::StaticDataCertificateProvider;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class StockGrpcTest : public ::testing::Test {
 protected:
  StockGrpcTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "platen-stock-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }

  ~StockGrpcTest() override { std::filesystem::remove_all(directory_); }

  // gRPC's own verification on both sides; revocation lists in `directory_`.
  std::shared_ptr<grpc::ServerCredentials> ServerWith(const Leaf& leaf) const {
    grpc::experimental::TlsServerCredentialsOptions options(Provider(leaf));
    options.watch_identity_key_cert_pairs();
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.set_certificate_verifier(
        std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
    options.set_crl_directory(directory_);
    return grpc::experimental::TlsServerCredentials(options);
  }

  std::shared_ptr<grpc::Channel> ChannelWith(const std::string& target, const Leaf& leaf) const {
    grpc::experimental::TlsChannelCredentialsOptions options;
    options.set_certificate_provider(Provider(leaf));
    options.watch_identity_key_cert_pairs();
    options.watch_root_certs();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(
        target, grpc::experimental::TlsCredentials(options), arguments);
  }

  std::shared_ptr<StaticDataCertificateProvider> Provider(const Leaf& leaf) const {
    return std::make_shared<StaticDataCertificateProvider>(
        ca_.cert_pem(),
        std::vector<IdentityKeyCertPair>{
            {.private_key = leaf.key_pem, .certificate_chain = leaf.cert_pem}});
  }

  // As OpenSSL looks for it: by the hash of the issuer's name.
  void PublishCrl() const { std::ofstream(directory_ / (ca_.NameHash() + ".r0")) << ca_.Crl(); }

  std::filesystem::path directory_;
  TestCa ca_;
  Leaf server_ = ca_.Issue();
  Leaf client_ = ca_.Issue({.common_name = "relay"});
};

TEST_F(StockGrpcTest, OffersAes128AndBeforeAes256InTls12) {
  const std::vector<std::string> offered = OfferedSuites(
      [&](int port) { Call(ChannelWith("localhost:" + std::to_string(port), client_)); });
  EXPECT_THAT(offered, Contains("TLS_AES_128_GCM_SHA256"));
  const auto position = [&](const std::string& name) {
    return std::find(offered.begin(), offered.end(), name);
  };
  EXPECT_LT(position("ECDHE-ECDSA-AES128-GCM-SHA256"), position("ECDHE-ECDSA-AES256-GCM-SHA384"));
}

TEST_F(StockGrpcTest, ServesAes128ToWhoeverAsks) {
  const TestServer server(ServerWith(server_));
  EXPECT_TRUE(RawConnect(server.port(), {.tls13_suites = "TLS_AES_128_GCM_SHA256", .leaf = client_})
                  .served);
}

TEST_F(StockGrpcTest, IgnoresAMissingRevocationList) {
  ca_.Revoke(client_.cert_pem);
  const TestServer server(ServerWith(server_));
  EXPECT_TRUE(RawConnect(server.port(), {.leaf = client_}).served)
      << "there is a list, but nobody gave it to gRPC";
  PublishCrl();
  const TestServer informed(ServerWith(server_));
  EXPECT_FALSE(RawConnect(informed.port(), {.leaf = client_}).served);
}

TEST_F(StockGrpcTest, NeverLooksAtAnOpenConnectionAgain) {
  const TestServer server(ServerWith(server_));
  const auto channel = ChannelWith(server.target(), client_);
  OpenStream stream(channel);
  ASSERT_TRUE(stream.WaitUntilOpen());
  ca_.Revoke(client_.cert_pem);
  PublishCrl();
  EXPECT_FALSE(RawConnect(server.port(), {.leaf = client_}).served)
      << "a new connection is refused";
  EXPECT_FALSE(stream.ended());
  EXPECT_TRUE(Call(channel).ok()) << "further calls are not";
}

TEST_F(StockGrpcTest, RefusesWithoutNamingCertificateOrCure) {
  const RawTlsServer server({.leaf = ca_.Issue({.digest = "SHA1"})});
  const grpc::Status status = Call(ChannelWith(server.target(), client_));
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.error_message(), Not(HasSubstr("SHA")));
}

TEST_F(StockGrpcTest, ServesNobodyWhileKeyAndCertificateDoNotMatch) {
  auto pair = StagedPair::Create(server_.key_pem, server_.cert_pem);
  ASSERT_TRUE(pair.ok());
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<FileWatcherCertificateProvider>(pair->path(), pair->path(), 1));
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  const TestServer server(grpc::experimental::TlsServerCredentials(options));
  EXPECT_TRUE(RawConnect(server.port(), {}).served);

  ASSERT_TRUE(pair->Replace(client_.key_pem, server_.cert_pem).ok());

  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (RawConnect(server.port(), {}).served && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_FALSE(RawConnect(server.port(), {}).served);
}

}  // namespace
}  // namespace platen::tls::testing
