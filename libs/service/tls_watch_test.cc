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
using testing::Not;
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
