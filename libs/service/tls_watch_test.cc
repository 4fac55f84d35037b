// Peers that are refused, over real sockets on loopback.
#include "libs/service/tls_watch.h"

#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "libs/base/sim_clock.h"
#include "libs/base/status.h"
#include "libs/service/log.h"
#include "libs/tls/test_fixture.h"
#include "libs/tls/test_grpc.h"

namespace platen::service {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

class TlsWatchTest : public tls::testing::CredentialsTest {
 protected:
  std::string Refused(const std::string& reason, int count) const {
    return base::StrCat("platen_tls_peers_refused_total{reason=\"", reason, "\"} ", count);
  }

  tls::TlsFiles Files(const std::string& name) const {
    return {.cert_file = directory_ / (name + ".crt"),
            .key_file = directory_ / (name + ".key"),
            .ca_file = directory_ / "ca.pem",
            .crl_file = directory_ / "ca.crl"};
  }

  base::SimClock lines_clock_;
  Metrics metrics_;
  TlsWatch watch_{{.role = "gateway"}, metrics_, lines_clock_};
};

TEST_F(TlsWatchTest, PeersThatDoNotComeToTheirCertificateAreCountedToo) {
  const auto credentials = Make("server");
  const tls::testing::TestServer server(credentials->ForServer());

  testing::internal::CaptureStderr();
  tls::testing::RawConnect(server.port(), {});
  tls::testing::RawConnect(server.port(),
                           {.version_max = TLS1_2_VERSION, .tls12_suites = "AES128-SHA"});
  tls::testing::RawConnect(server.port(), {.version_max = TLS1_1_VERSION});
  const std::string log = testing::internal::GetCapturedStderr();

  const std::string figures = metrics_.Text();
  EXPECT_THAT(figures, HasSubstr(Refused("no_certificate", 1)));
  EXPECT_THAT(figures, HasSubstr(Refused("no_common_cipher", 1)));
  EXPECT_THAT(figures, HasSubstr(Refused("no_common_version", 1)));
  EXPECT_THAT(Lines(log), Each(StartsWith("peer refused"))) << "nothing of gRPC's own";
}

TEST_F(TlsWatchTest, AFloodOfRefusedPeersIsCountedAndAFewLines) {
  const auto hooks = watch_.Hooks();
  tls::Verdict verdict{.refusal = tls::Refusal::kRevoked, .message = "it was revoked"};

  testing::internal::CaptureStderr();
  for (int i = 0; i < 1000; ++i) hooks.on_refused(verdict);
  verdict.refusal = tls::Refusal::kExpired;
  hooks.on_refused(verdict);
  lines_clock_.Advance(std::chrono::seconds(1));
  verdict.refusal = tls::Refusal::kRevoked;
  hooks.on_refused(verdict);
  const std::vector<std::string> lines = Lines(testing::internal::GetCapturedStderr());

  EXPECT_THAT(metrics_.Text(), HasSubstr(Refused("revoked", 1001)));
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_THAT(lines[3], HasSubstr("reason=expired"));
  EXPECT_THAT(lines[4], HasSubstr("not_logged=997"));
}

TEST_F(TlsWatchTest, AnOwnCertificateThatPeersWillRefuseIsAWarningAtStartAndAtEachReload) {
  tls::CredentialsOptions options{.files = Files("server"), .hooks = watch_.Hooks()};
  const tls::testing::Leaf leaf = ca_.Issue(tls::testing::Named("gateway"));
  Write("server", leaf);

  testing::internal::CaptureStderr();
  const auto credentials = *tls::Credentials::Create(options, clock_);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(metrics_.Text(), HasSubstr("platen_certificate_accepted{role=\"gateway\"} 1"));

  ca_.Revoke(leaf.cert_pem);
  Write("ca.crl", ca_.Crl());
  testing::internal::CaptureStderr();
  ASSERT_TRUE(credentials->ReloadNow().ok());
  ASSERT_TRUE(credentials->ReloadNow().ok()) << "nothing has changed";
  const std::string revoked = testing::internal::GetCapturedStderr();
  Write("server", tls::testing::TestCa("Other CA").Issue(tls::testing::Named("gateway")));
  testing::internal::CaptureStderr();
  ASSERT_TRUE(credentials->ReloadNow().ok());
  const std::string foreign = testing::internal::GetCapturedStderr();

  EXPECT_THAT(revoked, HasSubstr(options.files.cert_file));
  EXPECT_THAT(revoked, HasSubstr("revoked"));
  EXPECT_EQ(Lines(revoked).size(), 2u) << "with the line about the reload: " << revoked;
  EXPECT_THAT(foreign, HasSubstr("authority"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("platen_certificate_accepted{role=\"gateway\"} 0"));
}

TEST_F(TlsWatchTest, FilesThatAreReplacedAreCountedByWhetherTheyCouldBeUsed) {
  const auto credentials =
      *tls::Credentials::Create({.files = Files("server"), .hooks = watch_.Hooks()}, clock_);
  testing::internal::CaptureStderr();

  Write("server", ca_.Issue(tls::testing::Named("gateway")));
  ASSERT_TRUE(credentials->ReloadNow().ok());
  Write("server.crt", "-----BEGIN CERTIFICATE-----\nhalf");
  ASSERT_FALSE(credentials->ReloadNow().ok());
  ASSERT_FALSE(credentials->ReloadNow().ok()) << "still the same";
  testing::internal::GetCapturedStderr();

  EXPECT_THAT(metrics_.Text(), HasSubstr("platen_certificate_reloads_total{result=\"taken\"} 1"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("platen_certificate_reloads_total{result=\"refused\"} 1"));
}

TEST_F(TlsWatchTest, AnOverdueRevocationListIsAWarningAtStart) {
  Write("ca.crl", ca_.Crl({.next_update = -std::chrono::minutes(1)}));

  testing::internal::CaptureStderr();
  const auto credentials =
      tls::Credentials::Create({.files = Files("server"), .hooks = watch_.Hooks()}, clock_);
  const std::string log = testing::internal::GetCapturedStderr();

  EXPECT_TRUE(credentials.ok());
  EXPECT_EQ(Lines(log).size(), 1u) << log;
  EXPECT_THAT(log, HasSubstr("ca.crl: a revocation list is overdue"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("platen_certificate_accepted{role=\"gateway\"} 0"));
}

TEST_F(TlsWatchTest, WhatGrpcLogsIsALineOfOurs) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  {
    const InstalledLog log({.format = LogFormat::kJson});
    gpr_log("/build/src/core/server.cc", 7, GPR_LOG_SEVERITY_ERROR, "no \"luck\" at %d", 3);
  }
  const std::string out = testing::internal::GetCapturedStdout();

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(out, HasSubstr("\"level\":\"warning\""));
  EXPECT_THAT(
      out, HasSubstr(R"("says":"no \"luck\" at 3","file":"server.cc","line":7,"not_logged":0})"));
}

}  // namespace
}  // namespace platen::service
