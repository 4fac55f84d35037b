#include "tools/platenctl/record_words.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "libs/service/config.h"
#include "tools/platenctl/rule_words.h"

namespace platen::platenctl {
namespace {

template <class Message>
Message Of(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::string Words(const std::string& record) {
  return RecordWords(Of<platen::rules::v1::Record>(record));
}

std::string History(const std::string& event) {
  return AlertHistoryWords(Of<platen::event::v1::Event>(event));
}

TEST(RecordWordsTest, ARuleSaysWhatItTakesWhenAndWhoIsTold) {
  EXPECT_EQ(Words("rule { any_of { all_of { field: 'alert.category' is: 'jam' } } after { seconds: "
                  "600 } rate { more_than: 5 pages: 1000 } receivers: 'desk' escalation: 'up' }"),
            "alert.category is jam; after 10m; more than 5 in 1000 pages → desk, then up");
  EXPECT_EQ(Words("rule { off: true }"), "off");
  EXPECT_EQ(Words("rule {}"), "everything but supplies → nobody");
}

TEST(RecordWordsTest, ASilenceSaysUntilWhenAndWhy) {
  EXPECT_EQ(Words("silence { any_of { all_of { field: 'site' is: 'hq' } } end_time { seconds: "
                  "1798135200 } note: 'moving' }"),
            "site is hq, until 2026-12-24T18:00:00Z: moving");
}

TEST(RecordWordsTest, AHistorySaysWhyNobodyWasTold) {
  EXPECT_EQ(History("alert_decision { action: ACTION_SUPPRESSED reason: 'waiting' }"),
            "waits: " + ReasonWords("waiting"));
  EXPECT_EQ(History("alert_decision { action: ACTION_SUPPRESSED reason: 'below_rate' }"),
            "not told: " + ReasonWords("below_rate"));
  EXPECT_EQ(History("alert_decision { action: ACTION_ACKNOWLEDGED note: 'on my way' expire_time { "
                    "seconds: 1798135200 } }"),
            "acknowledged until 2026-12-24T18:00:00Z: on my way");
}

TEST(RecordWordsTest, AHistorySaysHowMessagesFared) {
  EXPECT_EQ(History("notification_report { receiver: 'desk' channel: 'email' outcome: "
                    "OUTCOME_DELIVERED attempts: 3 }"),
            "delivered to desk by email, at the 3. try");
  EXPECT_EQ(History("notification_report { receiver: 'desk' channel: 'webhook' outcome: "
                    "OUTCOME_DELIVERED attempts: 1 rule: 'rules/jam' fellows { receiver: 'erp' "
                    "rule: 'rules/erp' } fellows { receiver: 'hq' } }"),
            "delivered to desk, erp (rules/erp), hq by webhook (rules/jam)");
  EXPECT_EQ(History("notification_report { receiver: 'desk' channel: 'webhook' outcome: "
                    "OUTCOME_REFUSED detail: '400 Bad Request' }"),
            "refused by desk by webhook: 400 Bad Request");
  EXPECT_EQ(
      History("notification_report { receiver: 'desk' channel: 'email' rule: 'rules/jam' "
              "outcome: OUTCOME_DELAYED attempts: 3 detail: 'connection refused' "
              "next_try_time { seconds: 1798135200 } }"),
      "not delivered yet to desk by email (rules/jam), try 3 failed: connection refused; next "
      "try at 2026-12-24T18:00:00Z");
  EXPECT_EQ(History("notification_report { receiver: 'desk' outcome: OUTCOME_DELAYED detail: "
                    "'the configuration has no such receiver' }"),
            "not delivered yet to desk by its channel: the configuration has no such receiver");
}

TEST(RecordWordsTest, ARecordIsPrintedAsAFileThatIsReadBack) {
  const auto record = Of<platen::rules::v1::Record>(
      "name: 'tenants/acme/silences/move' author: 'jane' silence { note: 'moving: \"all\"' any_of "
      "{ "
      "all_of { field: 'site' is: 'hq' } } end_time { seconds: 1798135200 } }");
  platen::rules::v1::RuleFile file;
  service::FaultList faults;
  service::LoadConfigText(ToYaml(record), "printed", file, faults);
  ASSERT_TRUE(faults.empty()) << faults.ToString() << ToYaml(record);
  ASSERT_EQ(file.records_size(), 1);
  auto expected = record;
  expected.clear_author();
  EXPECT_EQ(file.records(0).SerializeAsString(), expected.SerializeAsString()) << ToYaml(record);
}

}  // namespace
}  // namespace platen::platenctl
