// What an operator reads of `--check-config` where a service's certificates are of no use: every
// fault in one run, each with its line in the file.
#include <cstdlib>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/tls/test_ca.h"
#include "tests/support/child_process.h"

namespace platen {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing_support::ChildProcess;
using tls::testing::Leaf;

// Both configurations have the files of their `tls` section in lines 3 to 6.
constexpr std::string_view kGateway = R"(
listen: "127.0.0.1:0"
store: {sqlite_file: gateway.sqlite}
)";
constexpr std::string_view kRelay = R"(
installation: campus
state_dir: state
kafka: {bootstrap_servers: "127.0.0.1:9092"}
routes:
  - {name: default, gateway: "gateway.platen.test:7443", directives: true}
)";

struct Service {
  std::string program;
  std::string_view rest;
};

class CheckConfigTest : public testing::TestWithParam<Service> {
 protected:
  // The lines that the service writes about this pair of certificate and key; the last one is its
  // exit code.
  std::vector<std::string> Check(const Leaf& own) {
    const std::string config =
        base::StrCat("instance: here\ntls:\n",
                     base::StrCat("  cert_file: ", directory_.Write("own.crt", own.cert_pem), "\n"),
                     base::StrCat("  key_file: ", directory_.Write("own.key", own.key_pem), "\n"),
                     base::StrCat("  ca_file: ", directory_.Write("ca.crt", ca_pem_), "\n"),
                     base::StrCat("  crl_file: ", directory_.Write("ca.crl", crl_pem_), "\n"),
                     GetParam().rest);
    const std::string file = directory_.Write("service.yaml", config);
    const std::string program =
        base::StrCat(std::getenv("PLATEN_BUILD_DIR"), "/bin/", GetParam().program);
    ChildProcess check(
        {"/bin/sh",
         "-c",
         base::StrCat("exec ", program, " --check-config --config ", file, " 2>&1")});
    std::vector<std::string> lines;
    while (auto line = check.ReadLine()) lines.push_back(WithoutDirectory(*std::move(line)));
    exit_code_ = check.Wait();
    return lines;
  }

  std::string WithoutDirectory(std::string line) const {
    const std::string directory = directory_.path() + "/";
    for (auto at = line.find(directory); at != std::string::npos; at = line.find(directory)) {
      line.erase(at, directory.size());
    }
    return line;
  }

  const testing_support::TemporaryDirectory directory_;
  tls::testing::TestCa ca_;
  std::string ca_pem_ = ca_.cert_pem();
  std::string crl_pem_ = ca_.Crl();
  int exit_code_ = -1;
};

TEST_P(CheckConfigTest, TakesAGoodPair) {
  EXPECT_THAT(Check(ca_.Issue()), IsEmpty());
  EXPECT_EQ(exit_code_, 0);
}

TEST_P(CheckConfigTest, SaysThatTheCertificateHasExpired) {
  const Leaf expired =
      ca_.Issue({.not_before = -std::chrono::hours(48), .not_after = -std::chrono::hours(24)});

  EXPECT_THAT(Check(expired),
              ElementsAre("service.yaml:3: tls.cert_file: own.crt ('CN=gateway'): it has expired; "
                          "renew it"));
  EXPECT_EQ(exit_code_, 1);
}

TEST_P(CheckConfigTest, SaysThatTheCertificateIsSignedWithSha1) {
  EXPECT_THAT(
      Check(ca_.Issue({.digest = "SHA1"})),
      ElementsAre("service.yaml:3: tls.cert_file: own.crt ('CN=gateway'): signed with SHA-1 "
                  "(ecdsa-with-SHA1); re-issue it with SHA-256"));
}

TEST_P(CheckConfigTest, SaysThatTheKeyIsAnotherCertificates) {
  EXPECT_THAT(Check({.cert_pem = ca_.Issue().cert_pem, .key_pem = ca_.Issue().key_pem}),
              ElementsAre("service.yaml:4: tls.key_file: own.key is not the key of own.crt; they "
                          "must be replaced together"));
}

TEST_P(CheckConfigTest, ListsEveryFaultInOneRun) {
  Leaf own = ca_.Issue({.digest = "SHA1",
                        .not_before = -std::chrono::hours(48),
                        .not_after = -std::chrono::hours(24)});
  own.key_pem = ca_.Issue().key_pem;
  ca_pem_ = "no certificate";
  crl_pem_ = "no list";

  EXPECT_THAT(
      Check(own),
      ElementsAre("service.yaml:3: tls.cert_file: own.crt ('CN=gateway'): signed with SHA-1 "
                  "(ecdsa-with-SHA1); re-issue it with SHA-256",
                  "service.yaml:3: tls.cert_file: own.crt ('CN=gateway'): it has expired; "
                  "renew it",
                  "service.yaml:4: tls.key_file: own.key is not the key of own.crt; they "
                  "must be replaced together",
                  "service.yaml:5: tls.ca_file: ca.crt: no certification authority in the "
                  "PEM",
                  "service.yaml:6: tls.crl_file: ca.crl: no revocation list in the PEM"));
  EXPECT_EQ(exit_code_, 1);
}

INSTANTIATE_TEST_SUITE_P(Services,
                         CheckConfigTest,
                         testing::Values(Service{"platen-gateway", kGateway},
                                         Service{"platen-relay", kRelay}),
                         [](const auto& service) {
                           return service.param.program == "platen-relay" ? "Relay" : "Gateway";
                         });

}  // namespace
}  // namespace platen
