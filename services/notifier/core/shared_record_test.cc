#include "services/notifier/core/shared_record.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "services/notifier/core/deliver_core_fixture.h"
#include "services/notifier/core/report.h"

namespace platen::notifier::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

alerting::NotificationEffect Effect(alerting::Token token, v1::Notification message) {
  const std::string receiver = message.receiver();
  return {.token = token,
          .keyed = {.key = receiver,
                    .notification = std::make_shared<v1::Notification>(std::move(message))}};
}

// By the last digit of the receiver's name.
std::int32_t EvenOrOdd(std::string_view key) {
  return (key.back() - '0') % 2;
}

std::vector<std::string> Messages(const std::vector<SharedRecord>& records,
                                  std::int32_t partition) {
  std::vector<std::string> messages;
  for (const SharedRecord& record : records) {
    if (record.partition != partition) continue;
    v1::Notification read;
    EXPECT_TRUE(read.ParseFromString(record.notification.SerializeAsString()));
    for (const auto& message : Unpack(std::move(read))) messages.push_back(message->DebugString());
  }
  return messages;
}

v1::Notification Full(const std::string& receiver) {
  v1::Notification message = Message(receiver, "jam/1");
  message.set_title("jam in tray 2");
  message.set_rule("rules/jam");
  message.add_emails(receiver + "@example.com");
  message.mutable_group()->set_key("site/" + receiver);
  return message;
}

TEST(SharedRecordTest, WhatIsSaidToManyIsARecordForEachPartitionAndReadsAsItWasSaid) {
  std::vector<alerting::NotificationEffect> effects;
  std::map<std::int32_t, std::vector<std::string>> said;
  for (alerting::Token token = 1; token <= 6; ++token) {
    v1::Notification message = Full(base::StrCat("desk", token));
    if (token == 3) message.clear_group();
    if (token == 5) message.clear_emails();
    if (token > 3) message.set_rule("rules/other");
    said[EvenOrOdd(message.receiver())].push_back(message.DebugString());
    effects.push_back(Effect(token, std::move(message)));
  }

  const std::vector<SharedRecord> records = Pack(std::move(effects), EvenOrOdd);

  ASSERT_THAT(records, SizeIs(2));
  EXPECT_THAT(records[0].tokens, ElementsAre(1, 3, 5));
  EXPECT_THAT(records[1].tokens, ElementsAre(2, 4, 6));
  EXPECT_EQ(Messages(records, 0), said[0]);
  EXPECT_EQ(Messages(records, 1), said[1]);
}

TEST(SharedRecordTest, AMessageForOneReceiverIsTheRecord) {
  const v1::Notification message = Full("desk1");

  const std::vector<SharedRecord> records = Pack({Effect(1, message)}, EvenOrOdd);

  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].notification.SerializeAsString(), message.SerializeAsString());
}

TEST(SharedRecordTest, WhatIsSaidLaterComesLater) {
  v1::Notification cleared_one = Message("desk1", "jam/1", v1::NOTIFICATION_KIND_CLEARED);
  v1::Notification cleared_three = Message("desk3", "jam/1", v1::NOTIFICATION_KIND_CLEARED);

  const std::vector<SharedRecord> records = Pack({Effect(1, Message("desk1", "jam/1")),
                                                  Effect(2, Message("desk3", "jam/1")),
                                                  Effect(3, std::move(cleared_one)),
                                                  Effect(4, std::move(cleared_three)),
                                                  Effect(5, Message("desk1", "cover/1"))},
                                                 EvenOrOdd);

  ASSERT_THAT(records, SizeIs(3));
  EXPECT_THAT(records[0].tokens, ElementsAre(1, 2));
  EXPECT_THAT(records[1].tokens, ElementsAre(3, 4));
  EXPECT_THAT(records[2].tokens, ElementsAre(5));
}

TEST(SharedRecordTest, ARecordHasABound) {
  std::vector<alerting::NotificationEffect> effects;
  for (alerting::Token token = 1; token <= kAddresseesMax + 1; ++token) {
    effects.push_back(Effect(token, Full(base::StrCat("desk", token, "1"))));
  }

  const std::vector<SharedRecord> records = Pack(std::move(effects), EvenOrOdd);

  ASSERT_THAT(records, SizeIs(2));
  EXPECT_THAT(records[0].tokens, SizeIs(kAddresseesMax));
  EXPECT_THAT(records[1].tokens, SizeIs(1));
}

TEST(SharedRecordTest, ARecordWithAMessageWithoutAnIdIsNone) {
  v1::Notification record;
  record.add_addressees()->set_receiver("desk1");
  record.add_addressees()->set_id(std::string(16, 'i'));

  EXPECT_THAT(Unpack(record), IsEmpty());
  EXPECT_THAT(Unpack(v1::Notification()), IsEmpty());
}

class SharedRecordDeliveryTest : public DeliverCoreTest {
 protected:
  void ReadShared(std::int64_t offset, const std::vector<std::string>& receivers) {
    std::vector<alerting::NotificationEffect> effects;
    for (const std::string& receiver : receivers) {
      effects.push_back(Effect(1, Message(receiver, "jam/1")));
    }
    const auto records = Pack(std::move(effects), [](std::string_view) { return 0; });
    ASSERT_THAT(records, SizeIs(1));
    Read(offset, records[0].notification);
  }
};

TEST_F(SharedRecordDeliveryTest, HasEndedWhenAllItsMessagesHave) {
  ReadShared(7, {"desk", "erp"});
  EXPECT_THAT(Sending(), ElementsAre("desk jam/1", "erp jam/1"));

  Answer("erp", kDelivered);
  EXPECT_EQ(committed_, 0);
  Answer("desk", kRefused);

  EXPECT_EQ(committed_, 8);
  EXPECT_THAT(reports_, SizeIs(2));
}

// It is kept, and later told: its record must end once only, and not for the other.
TEST_F(SharedRecordDeliveryTest, OneThatWasParkedAndToldDoesNotEndItForTheOther) {
  ReadShared(7, {"desk", "erp"});
  for (int i = 0; i < 3; ++i) {
    Answer("desk", kAway);
    Wait(std::chrono::seconds(20));
  }
  ASSERT_THAT(parked_, SizeIs(1));
  Answer("desk", kDelivered);
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(committed_, 0) << "the other one is still being told";

  Answer("erp", kDelivered);

  EXPECT_EQ(committed_, 8);
}

TEST_F(SharedRecordDeliveryTest, AfterARestartTheParkedOneIsKnownAndTheOtherIsTold) {
  ReadShared(7, {"desk", "erp"});
  for (int i = 0; i < 3; ++i) {
    Answer("desk", kAway);
    Wait(std::chrono::seconds(20));
  }

  Start();
  ReadShared(7, {"desk", "erp"});
  EXPECT_THAT(Sending(), ElementsAre("desk jam/1", "erp jam/1"));
  Answer("desk", kDelivered);
  EXPECT_EQ(committed_, 0);
  Answer("erp", kDelivered);

  EXPECT_EQ(committed_, 8);
  EXPECT_THAT(parked_, IsEmpty());
}

class SharedReportTest : public SharedRecordDeliveryTest {
 protected:
  SharedReportTest() {
    for (const char* receiver : {"crm", "hub", "log"}) receivers_[receiver].channel = "webhook";
    Start();
  }

  // What came of the tries for these receivers, all at once.
  void AnswerTogether(const std::map<std::string, SendResult>& results) {
    std::vector<std::pair<Token, SendResult>> answers;
    for (const SendEffect& send : std::exchange(sends_, {})) {
      const auto result = results.find(send.notification->receiver());
      if (result == results.end()) {
        sends_.push_back(send);
      } else {
        answers.emplace_back(send.token, result->second);
      }
    }
    ASSERT_THAT(answers, SizeIs(results.size()));
    Take(core_->OnResults(now_, answers));
  }

  static std::vector<std::string> ReceiversOf(const NotificationReport& report) {
    std::vector<std::string> receivers{report.receiver()};
    for (const auto& fellow : report.fellows()) receivers.push_back(fellow.receiver());
    return receivers;
  }
};

TEST_F(SharedReportTest, OfThoseWhoWereToldTogetherThereIsOne) {
  hold_kafka_ = true;
  ReadShared(7, {"crm", "erp", "hub"});

  AnswerTogether({{"crm", kDelivered}, {"erp", kDelivered}, {"hub", kDelivered}});

  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_THAT(ReceiversOf(reports_[0]), ElementsAre("crm", "erp", "hub"));
  EXPECT_EQ(reports_[0].fellows(1).notification_id(),
            base::HexEncode(Message("hub", "jam/1").id()));
  EXPECT_EQ(committed_, 0);
  Acknowledge();
  EXPECT_EQ(committed_, 8);
}

TEST_F(SharedReportTest, WhoFaredOtherwiseHasOneAlone) {
  ReadShared(7, {"crm", "desk", "erp", "hub", "log"});
  ReadShared(8, {"hub"});

  AnswerTogether({{"crm", kDelivered},
                  {"desk", kDelivered},
                  {"erp", kRefused},
                  {"hub", {.outcome = SendOutcome::kDelivered, .detail = "HTTP 202"}},
                  {"log", kDelivered}});

  ASSERT_THAT(reports_, SizeIs(4));
  EXPECT_THAT(ReceiversOf(reports_[0]), ElementsAre("crm", "log"));
  EXPECT_THAT(ReceiversOf(reports_[1]), ElementsAre("desk")) << "it has another channel";
  EXPECT_THAT(ReceiversOf(reports_[2]), ElementsAre("erp"));
  EXPECT_THAT(ReceiversOf(reports_[3]), ElementsAre("hub"));
}

// A hand-over may cut them apart otherwise, and what is said of fewer is not what was said.
TEST(ReportTogetherTest, IsAnotherEventForEachSetOfThem) {
  const auto report_of = [](const std::vector<std::string>& receivers) {
    const v1::Notification first = Message(receivers.front(), "jam/1");
    const DeliveryEnd end{.notification = first,
                          .outcome = NotificationReport::OUTCOME_DELIVERED,
                          .attempts = 1,
                          .channel = "webhook"};
    event::v1::Event report = MakeReport({}, end, 7);
    for (std::size_t i = 1; i < receivers.size(); ++i) {
      EXPECT_TRUE(CanShare(report, end));
      AddFellow(Message(receivers[i], "jam/1"), report);
    }
    return report.occurrence().instance().condition();
  };
  const std::set<std::string> conditions = {report_of({"crm"}),
                                            report_of({"erp"}),
                                            report_of({"crm", "erp"}),
                                            report_of({"crm", "hub"}),
                                            report_of({"crm", "erp", "hub"})};
  EXPECT_THAT(conditions, SizeIs(5));
}

}  // namespace
}  // namespace platen::notifier::core
