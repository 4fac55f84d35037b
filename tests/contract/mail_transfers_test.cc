// What Transfers owes beyond the contract of the e-mail channel: no mail server waits for another.
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/edge/channels/email/email_channel.h"
#include "services/notifier/edge/channels/test_notification.h"
#include "services/notifier/edge/transfers.h"
#include "tests/contract/mail_server.h"

namespace platen::notifier::edge {
namespace {

using core::SendOutcome;
using testing::HasSubstr;

std::future<core::SendResult> Begin(Transfers& transfers, const HoldingMailServer& server) {
  EmailChannel channel({.server = "smtp://127.0.0.1:" + std::to_string(server.port()),
                        .frame = {.from = "Platen <alarms@example.com>",
                                  .to = {"desk@example.com"},
                                  .message_id_domain = "example.com"},
                        .allow_plaintext = true},
                       transfers);
  auto outcome = std::make_shared<std::promise<core::SendResult>>();
  channel.Send({.notification = std::make_shared<const v1::Notification>(
                    JamNotification(v1::NOTIFICATION_KIND_RAISED))},
               // A second call would throw, and end the test.
               [outcome](core::SendResult result) { outcome->set_value(std::move(result)); });
  return outcome->get_future();
}

std::vector<std::future<core::SendResult>> BeginMany(Transfers& transfers,
                                                     const HoldingMailServer& server,
                                                     std::size_t count) {
  std::vector<std::future<core::SendResult>> outcomes;
  for (std::size_t i = 0; i < count; ++i) outcomes.push_back(Begin(transfers, server));
  return outcomes;
}

TEST(MailTransfersTest, AServerThatIsSlowToAnswerAfterDataDelaysNoOther) {
  HoldingMailServer slow(true);
  HoldingMailServer well(false);
  Transfers transfers;
  auto waits = Begin(transfers, slow);
  slow.AwaitHeld(1);

  EXPECT_EQ(Begin(transfers, well).get().outcome, SendOutcome::kDelivered);

  slow.Release();
  EXPECT_EQ(waits.get().outcome, SendOutcome::kDelivered) << "it still had its time";
}

TEST(MailTransfersTest, AServerThatHangsTakesItsShareOnly) {
  HoldingMailServer slow(true);
  HoldingMailServer well(false);
  Transfers transfers;
  auto waiting = BeginMany(transfers, slow, 3 * Transfers::kThreadsMax);
  slow.AwaitHeld(Transfers::kServerShare);

  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Begin(transfers, well).get().outcome, SendOutcome::kDelivered);
  }
  EXPECT_EQ(slow.held(), Transfers::kServerShare);

  slow.Release();
  for (auto& outcome : waiting) EXPECT_EQ(outcome.get().outcome, SendOutcome::kDelivered);
  EXPECT_EQ(slow.connections(), Transfers::kServerShare) << "they were kept";
}

TEST(MailTransfersTest, ManyServersThatHangLeaveRoomForOthers) {
  constexpr std::size_t kShares = Transfers::kThreadsMax / Transfers::kServerShare;
  std::vector<std::unique_ptr<HoldingMailServer>> slow(2 * kShares);
  HoldingMailServer well(false);
  Transfers transfers;
  std::vector<std::vector<std::future<core::SendResult>>> waiting;
  for (auto& server : slow) {
    server = std::make_unique<HoldingMailServer>(true);
    waiting.push_back(BeginMany(transfers, *server, 2 * Transfers::kServerShare));
  }
  for (auto& server : slow) server->AwaitHeld(1);

  EXPECT_EQ(Begin(transfers, well).get().outcome, SendOutcome::kDelivered);

  for (auto& server : slow) server->Release();
  for (auto& outcomes : waiting) {
    for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().outcome, SendOutcome::kDelivered);
  }
}

TEST(MailTransfersTest, KeepsTheConnectionForTheNextMail) {
  HoldingMailServer server(false);
  Transfers transfers;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Begin(transfers, server).get().outcome, SendOutcome::kDelivered);
  }
  EXPECT_EQ(server.connections(), 1u);
}

TEST(MailTransfersTest, SaysAtOnceThatTooManyWait) {
  HoldingMailServer slow(true);
  Transfers transfers;
  auto held = BeginMany(transfers, slow, Transfers::kServerShare);
  slow.AwaitHeld(Transfers::kServerShare);
  auto waiting = BeginMany(transfers, slow, Transfers::kWaitingMax);

  const core::SendResult result = Begin(transfers, slow).get();

  EXPECT_EQ(result.outcome, SendOutcome::kRetry);
  EXPECT_THAT(result.detail, HasSubstr("too many mails wait"));
}

TEST(MailTransfersTest, AnswersWhatIsUnderWayAndWhatWaitsWhenItEnds) {
  HoldingMailServer slow(true);
  std::vector<std::future<core::SendResult>> outcomes;
  {
    Transfers transfers;
    outcomes = BeginMany(transfers, slow, 2 * Transfers::kServerShare);
    slow.AwaitHeld(Transfers::kServerShare);
  }
  for (auto& outcome : outcomes) {
    const core::SendResult result = outcome.get();
    EXPECT_EQ(result.outcome, SendOutcome::kRetry);
    EXPECT_THAT(result.detail, HasSubstr("the notifier is stopping"));
  }
  EXPECT_EQ(slow.mails(), 0u);
}

}  // namespace
}  // namespace platen::notifier::edge
