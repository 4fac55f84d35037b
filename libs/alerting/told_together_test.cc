// Many are told of one beginning at once, by several rules: one message, which knows of each by
// which.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "libs/alerting/group.h"
#include "libs/alerting/telling.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class ToldTogetherTest : public testing::Test {
 protected:
  ToldTogetherTest() {
    event_.set_tenant("acme");
    event_.set_site("hq");
    event_.set_device_id(std::string(16, 'd'));
    event_.mutable_alert()->set_alert_id("jam/1");
    record_.open = true;
    record_.event = event_.SerializeAsString();
  }

  void Put(const std::string& name, const std::string& content) {
    rules::v1::Record record;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(content, &record)) << content;
    record.set_name(name);
    ASSERT_TRUE(book_.Put(record).ok());
  }

  std::vector<notifier::v1::OutboxEntry> LookAtIt() {
    const Scene scene{.now = base::WallFromMillis(1'795'435'200'000), .book = book_};
    MakePlans(scene, event_, record_);
    return Look(scene, "jam/1", record_).entries;
  }

  // "receiver by rule" of each.
  static std::vector<std::string> Said(const notifier::v1::OutboxEntry& entry) {
    std::vector<std::string> said;
    for (const KeyedNotification& each : Group(entry)) {
      said.push_back(
          base::StrCat(each.notification->receiver(), " by ", each.notification->rule()));
    }
    return said;
  }

  rules::RuleBook book_;
  event::v1::Event event_;
  AlertRecord record_;
};

TEST_F(ToldTogetherTest, IsOneMessageWithTheRuleOfEach) {
  Put("rules/archive", "rule { order: -2 goes_on: true receivers: 'archive' }");
  Put("rules/erp", "rule { order: -1 goes_on: true receivers: ['archive', 'erp'] }");
  Put("rules/jams", "rule { receivers: ['desk', 'erp'] }");

  const auto entries = LookAtIt();

  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_THAT(Said(entries[0]),
              ElementsAre("archive by rules/archive", "erp by rules/erp", "desk by rules/jams"));
}

TEST_F(ToldTogetherTest, KnowsWhoWasToldHoweverManyTheyAre) {
  for (int rule = 0; rule < 40; ++rule) {
    std::string receivers;
    for (int i = 0; i < 30; ++i) {
      receivers += base::StrCat(" receivers: 'a-receiver-with-a-long-name-", rule * 15 + i, "'");
    }
    Put(base::StrCat("rules/r", rule), "rule { goes_on: true" + receivers + " }");
  }

  const auto entries = LookAtIt();

  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_THAT(entries[0].receivers(), SizeIs(39 * 15 + 30)) << "each once";
}

}  // namespace
}  // namespace platen::alerting
