#include "services/notifier/edge/channels/http_channel.h"

#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::notifier::edge {
namespace {

using core::SendOutcome;
using testing::HasSubstr;
using testing::Not;

TEST(ClassifyHttpTest, TakesTheServerAtItsWord) {
  struct Case {
    int status;
    SendOutcome expected;
  };

  for (const Case& test : std::vector<Case>{{200, SendOutcome::kDelivered},
                                            {204, SendOutcome::kDelivered},
                                            {301, SendOutcome::kRefused},
                                            {307, SendOutcome::kRefused},
                                            {400, SendOutcome::kRefused},
                                            {401, SendOutcome::kRefused},
                                            {404, SendOutcome::kRefused},
                                            {408, SendOutcome::kRetry},
                                            {410, SendOutcome::kRefused},
                                            {425, SendOutcome::kRetry},
                                            {429, SendOutcome::kRetry},
                                            {500, SendOutcome::kRetry},
                                            {503, SendOutcome::kRetry},
                                            {0, SendOutcome::kRetry}}) {
    const TransferAnswer answer{.completed = test.status != 0, .status = test.status};
    EXPECT_EQ(ClassifyHttp(answer).outcome, test.expected) << test.status;
  }
}

TEST(ClassifyHttpTest, PassesOnHowLongToWait) {
  EXPECT_EQ(ClassifyHttp({.completed = true, .status = 429, .retry_after = std::chrono::seconds(7)})
                .retry_after,
            std::chrono::seconds(7));
}

TEST(ClassifyHttpTest, BelievesTheStatusThoughTheBodyWasCutOff) {
  EXPECT_EQ(ClassifyHttp({.completed = false, .status = 200}).outcome, SendOutcome::kDelivered);
}

TEST(ClassifyHttpTest, SaysHowFarItCame) {
  EXPECT_EQ(ClassifyHttp({.failure = "no connection"}).detail, "not sent: no connection");
  EXPECT_EQ(ClassifyHttp({.sent = true, .failure = "cut off"}).detail, "no answer: cut off");
  EXPECT_EQ(ClassifyHttp({.answered = true, .failure = "no HTTP"}).detail, "bad answer: no HTTP");
}

std::string FaultsOf(const config::v1::HttpTerms& terms) {
  service::FaultList faults;
  ValidateHttpTerms(terms, "http", faults);
  return faults.ToString();
}

TEST(ValidateHttpTermsTest, WantsACertificateWithItsKey) {
  config::v1::HttpTerms terms;
  EXPECT_EQ(FaultsOf(terms), "");
  const std::string file = testing::TempDir() + "/some.pem";
  std::ofstream(file) << "pem";
  terms.set_key_file(file);
  EXPECT_THAT(FaultsOf(terms), HasSubstr("http.cert_file"));
  terms.set_cert_file(file);
  EXPECT_EQ(FaultsOf(terms), "");
  terms.mutable_timeout()->set_seconds(3600);
  EXPECT_THAT(FaultsOf(terms), HasSubstr("http.timeout"));
}

TEST(SecretUrlTest, IsReadFromItsFileAndNeverSaid) {
  const std::string path = testing::TempDir() + "/secret-url";
  config::v1::Credential url;
  url.set_secret_file(path);
  std::ofstream(path) << "https://hooks.example.com/geheim\n";
  EXPECT_EQ(ToSecretTarget(url, {})->address.target, "/geheim");

  std::ofstream(path) << "http://hooks.example.com/geheim\n";
  const std::string refusal(ToSecretTarget(url, {}).status().message());
  EXPECT_THAT(refusal, HasSubstr(path));
  EXPECT_THAT(refusal, HasSubstr("plain HTTP"));
  EXPECT_THAT(refusal, Not(HasSubstr("geheim")));
}

}  // namespace
}  // namespace platen::notifier::edge
