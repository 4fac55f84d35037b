#include "libs/snmp/agent.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/snmp/message_writer.h"
#include "libs/snmp/recording_mib.h"
#include "libs/snmp/request_template.h"

namespace platen::snmp {
namespace {

class AgentTest : public testing::Test {
 protected:
  // Answers a request for `names`; rows come back as "name=value" in .snmprec.
  MessageView Ask(Version version,
                  PduType type,
                  const std::vector<Oid>& names,
                  BulkSize bulk = {}) {
    const RequestTemplate request(version, type, names, bulk);
    request_bytes_.resize(request.size(6));
    request.Render("public", 77, request_bytes_);
    MessageView asked;
    EXPECT_EQ(request_decoder_.Decode(request_bytes_, asked), DecodeFault::kNone);
    const auto answer = Answer(asked, mib_, options_, buffer_);
    MessageView answered;
    if (!answer.empty()) {
      EXPECT_EQ(decoder_.Decode(answer, answered), DecodeFault::kNone);
      EXPECT_EQ(answered.head.request_id, 77);
      EXPECT_EQ(answered.head.community, "public");
      EXPECT_LE(answer.size(), options_.message_bytes_max);
    }
    return answered;
  }

  static std::vector<std::string> Rows(const MessageView& message) {
    std::vector<std::string> rows;
    for (const VarbindView& varbind : message.varbinds) rows.push_back(ToSnmprec(varbind));
    return rows;
  }

  const Recording recording_ = ReadRecording(
      "1.3.6.1.1|2|1\n"
      "1.3.6.1.2|70|2\n"
      "1.3.6.1.3|4|three\n");
  RecordingMib mib_{recording_};
  AgentOptions options_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(4096);
  std::vector<std::uint8_t> request_bytes_;
  MessageDecoder request_decoder_;
  MessageDecoder decoder_;
};

using Lines = std::vector<std::string>;

TEST_F(AgentTest, AnswersAGetWithValuesAndExceptions) {
  const auto answer = Ask(Version::kV2c, PduType::kGet, {"1.3.6.1.3"_oid, "1.3.6.1.9"_oid});

  EXPECT_EQ(answer.head.error_status, 0);
  EXPECT_EQ(Rows(answer), (Lines{"1.3.6.1.3|4|three", "1.3.6.1.9|129|"}));
}

TEST_F(AgentTest, FailsAWholeV1GetForOneMissingName) {
  const auto answer = Ask(Version::kV1, PduType::kGet, {"1.3.6.1.3"_oid, "1.3.6.1.9"_oid});

  EXPECT_EQ(answer.head.error_status, static_cast<int>(ErrorStatus::kNoSuchName));
  EXPECT_EQ(answer.head.error_index, 2);
  EXPECT_EQ(Rows(answer), (Lines{"1.3.6.1.3|5|", "1.3.6.1.9|5|"}));
}

TEST_F(AgentTest, StepsToTheNextName) {
  EXPECT_EQ(Rows(Ask(Version::kV2c, PduType::kGetNext, {"1.3.6.1"_oid, "1.3.6.1.3"_oid})),
            (Lines{"1.3.6.1.1|2|1", "1.3.6.1.3|130|"}));
}

TEST_F(AgentTest, PassesOverCounter64InV1) {
  EXPECT_EQ(Rows(Ask(Version::kV1, PduType::kGetNext, {"1.3.6.1.1"_oid})),
            (Lines{"1.3.6.1.3|4|three"}));
  EXPECT_EQ(Ask(Version::kV1, PduType::kGet, {"1.3.6.1.2"_oid}).head.error_status,
            static_cast<int>(ErrorStatus::kNoSuchName));
}

TEST_F(AgentTest, FillsABulkRowByRowUntilAllHaveEnded) {
  const auto answer = Ask(Version::kV2c,
                          PduType::kGetBulk,
                          {"1.3.6.1"_oid, "1.3.6.1.1"_oid, "1.3.6.1.2"_oid},
                          {.non_repeaters = 1, .max_repetitions = 5});

  EXPECT_EQ(Rows(answer),
            (Lines{"1.3.6.1.1|2|1",
                   "1.3.6.1.2|70|2",
                   "1.3.6.1.3|4|three",
                   "1.3.6.1.3|4|three",
                   "1.3.6.1.3|130|",
                   "1.3.6.1.3|130|",
                   "1.3.6.1.3|130|"}));
}

TEST_F(AgentTest, CutsABulkToItsLimitAndCallsAGetTooBig) {
  options_.message_bytes_max = MaxHeadBytes(6) + 20;

  EXPECT_EQ(Rows(Ask(Version::kV2c, PduType::kGetBulk, {"1.3.6.1"_oid}, {.max_repetitions = 5})),
            (Lines{"1.3.6.1.1|2|1"}));
  const auto answer = Ask(Version::kV2c, PduType::kGet, {"1.3.6.1.1"_oid, "1.3.6.1.3"_oid});
  EXPECT_EQ(answer.head.error_status, static_cast<int>(ErrorStatus::kTooBig));
  EXPECT_TRUE(answer.varbinds.empty());
}

TEST_F(AgentTest, RefusesToSetAndIgnoresTheRest) {
  EXPECT_EQ(Ask(Version::kV2c, PduType::kSet, {"1.3.6.1.1"_oid}).head.error_status,
            static_cast<int>(ErrorStatus::kNotWritable));
  EXPECT_EQ(Ask(Version::kV2c, PduType::kTrap, {"1.3.6.1.1"_oid}).head.type,
            PduType::kGet);  // Nothing came.
}

}  // namespace
}  // namespace platen::snmp
