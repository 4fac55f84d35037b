#include "services/notifier/edge/channels/email/email_channel.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::notifier::edge {
namespace {

using core::SendOutcome;
using testing::HasSubstr;
using testing::Not;

struct Case {
  std::string name;
  TransferAnswer answer;
  SendOutcome expected;
};

TEST(ClassifySmtpTest, TakesTheServerAtItsWord) {
  const std::vector<Case> cases = {
      {"taken",
       {.completed = true, .status = 250, .replies = {"220", "250", "250", "354", "250 2.0.0"}},
       SendOutcome::kDelivered},
      {"no connection", {.failure = "Couldn't connect to server"}, SendOutcome::kRetry},
      {"greylisted", {.status = 451, .replies = {"220", "250", "451 4.7.1"}}, SendOutcome::kRetry},
      {"mailbox unknown", {.status = 550, .replies = {"220", "250", "550"}}, SendOutcome::kRefused},
      {"content refused", {.status = 554, .replies = {"220", "250", "554"}}, SendOutcome::kRefused},
      {"refused in the greeting", {.status = 554, .replies = {"554"}}, SendOutcome::kRetry},
      {"STARTTLS refused",
       {.status = 502, .replies = {"220", "250", "502"}, .tls_failed = true},
       SendOutcome::kRetry},
      {"login refused",
       {.status = 535, .replies = {"220", "250", "535"}, .login_refused = true},
       SendOutcome::kRetry},
      {"login demanded", {.status = 530, .replies = {"220", "250", "530"}}, SendOutcome::kRetry},
      {"cut off after the mail", {.status = 354, .replies = {"220", "354"}}, SendOutcome::kRetry},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(ClassifySmtp(test.answer).outcome, test.expected) << test.name;
  }
}

TEST(ClassifySmtpTest, SaysHowManyRecipientsWereRefusedBesideTheOthers) {
  const core::SendResult result = ClassifySmtp(
      {.completed = true, .status = 250, .replies = {"220", "250", "550 5.1.1", "250", "250"}});
  EXPECT_EQ(result.outcome, SendOutcome::kDelivered);
  EXPECT_THAT(result.detail, HasSubstr("recipients refused: 1"));
}

TEST(ClassifySmtpTest, SaysHowFarItCame) {
  EXPECT_EQ(ClassifySmtp({.failure = "no connection"}).detail, "not sent: no connection");
  EXPECT_EQ(ClassifySmtp({.status = 354, .sent = true, .failure = "Timeout was reached"}).detail,
            "no answer: Timeout was reached");
  EXPECT_EQ(ClassifySmtp({.status = 451,
                          .replies = {"220", "354", "451 4.7.1"},
                          .sent = true,
                          .failure = "Failed sending data to the peer"})
                .detail,
            "the mail server does not take it now: 451 4.7.1");
}

config::v1::Email GoodConfig() {
  config::v1::Email config;
  config.set_server("smtp://mail.example.com:587");
  config.set_from("Platen <alarms@example.com>");
  config.add_to("desk@example.com");
  return config;
}

std::string FaultsOf(const config::v1::Email& config) {
  service::FaultList faults;
  ValidateEmail(config, false, "receivers[0].email", faults);
  return faults.ToString();
}

TEST(ValidateEmailTest, AcceptsAGoodOne) {
  EXPECT_EQ(FaultsOf(GoodConfig()), "");
  EXPECT_EQ(ToEmailOptions(GoodConfig())->frame.message_id_domain, "example.com");
}

TEST(ValidateEmailTest, ListsAllFaultsWithTheirPaths) {
  config::v1::Email config;
  config.set_server("http://user:secret@host");
  config.set_from("no address");
  config.add_to("a@b\r\nBcc: c@d");
  config.set_username("u");
  config.set_allow_plaintext(true);

  const std::string faults = FaultsOf(config);

  for (const char* path : {".server", ".from", ".to[0]", ".password_file", ".allow_plaintext"}) {
    EXPECT_THAT(faults, HasSubstr(std::string("receivers[0].email") + path));
  }
  EXPECT_THAT(faults, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace platen::notifier::edge
