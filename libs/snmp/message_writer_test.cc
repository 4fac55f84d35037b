#include "libs/snmp/message_writer.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace platen::snmp {
namespace {

class MessageWriterTest : public testing::Test {
 protected:
  // Writes, decodes again, and expects the same.
  void ExpectRoundTrip(const MessageHead& head, const std::vector<Varbind>& varbinds) {
    std::vector<std::uint8_t> buffer(kMaxMessageBytes);
    MessageWriter writer(buffer, head.community.size());
    for (const Varbind& varbind : varbinds) ASSERT_TRUE(writer.Add(varbind.view()));
    const auto bytes = writer.Finish(head);
    MessageView message;
    ASSERT_EQ(decoder_.Decode(bytes, message), DecodeFault::kNone);
    EXPECT_EQ(message.head.version, head.version);
    EXPECT_EQ(message.head.type, head.type);
    EXPECT_EQ(message.head.request_id, head.request_id);
    EXPECT_EQ(message.head.error_status, head.error_status);
    EXPECT_EQ(message.head.error_index, head.error_index);
    EXPECT_EQ(message.head.community, head.community);
    ASSERT_EQ(message.varbinds.size(), varbinds.size());
    for (std::size_t i = 0; i < varbinds.size(); ++i)
      EXPECT_EQ(message.varbinds[i], varbinds[i].view()) << i;
  }

  MessageDecoder decoder_;
};

TEST_F(MessageWriterTest, WritesWhatTheDecoderReads) {
  std::vector<Varbind> varbinds;
  const auto add = [&](Value value) {
    varbinds.emplace_back(
        "1.3.6.1.4.1"_oid.Child(static_cast<std::uint32_t>(varbinds.size() * 1000)),
        std::move(value));
  };
  for (const std::int64_t number : {std::int64_t{0},
                                    std::int64_t{127},
                                    std::int64_t{128},
                                    std::int64_t{-128},
                                    std::int64_t{-129},
                                    std::int64_t{1} << 31,
                                    std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()}) {
    add(Value::Integer(number));
  }
  for (const std::uint64_t number : {0ull, 127ull, 128ull, 0xffffffffull, ~0ull, 1ull << 63}) {
    add(Value::Number(ValueType::kCounter64, number));
  }
  add(Value::Octets(std::string(127, 'a')));
  add(Value::Octets(std::string(128, 'b')));
  add(Value::Octets(std::string(3000, 'c')));
  add(Value::ObjectId("1.3.6.1.4.1.18334.1"_oid));
  add(Value(ValueView::Empty(ValueType::kEndOfMibView)));

  ExpectRoundTrip({.type = PduType::kResponse,
                   .request_id = -5,
                   .error_status = 5,
                   .error_index = 200,
                   .community = "public"},
                  varbinds);
  ExpectRoundTrip(
      {.version = Version::kV1, .type = PduType::kGetNext, .request_id = 1, .community = ""}, {});
  ExpectRoundTrip(
      {.request_id = 0x7fffffff,
       .community = std::string_view("a longer community, which needs more room than most: "
                                     "one hundred and thirty bytes of it, so that its length takes "
                                     "two bytes instead of one.")},
      varbinds);
}

TEST_F(MessageWriterTest, AddsWholeVarbindsOrNothing) {
  std::vector<std::uint8_t> buffer(MaxHeadBytes(6) + 60);
  MessageWriter writer(buffer, 6);
  const Varbind varbind("1.3.6.1.2.1.1.1.0"_oid, Value::Octets("0123456789"));
  std::size_t added = 0;
  while (writer.Add(varbind.view())) ++added;

  EXPECT_EQ(added, 60 / EncodedSize(varbind.view()));
  const auto bytes =
      writer.Finish({.type = PduType::kResponse, .request_id = 1, .community = "public"});
  MessageView message;
  ASSERT_EQ(decoder_.Decode(bytes, message), DecodeFault::kNone);
  EXPECT_EQ(message.varbinds.size(), added);
}

TEST_F(MessageWriterTest, ClearedIsEmptyAgain) {
  std::vector<std::uint8_t> buffer(200);
  MessageWriter writer(buffer, 1);
  writer.Add(Varbind("1.3.6"_oid, Value::Integer(1)).view());

  writer.Clear();

  const auto bytes =
      writer.Finish({.type = PduType::kResponse, .error_status = 1, .community = "c"});
  MessageView message;
  ASSERT_EQ(decoder_.Decode(bytes, message), DecodeFault::kNone);
  EXPECT_TRUE(message.varbinds.empty());
}

TEST_F(MessageWriterTest, RefusesABufferTooSmallForTheHead) {
  std::vector<std::uint8_t> buffer(20);
  MessageWriter writer(buffer, 6);

  EXPECT_FALSE(writer.Add(Varbind("1.3.6"_oid, Value::Integer(1)).view()));
  EXPECT_TRUE(writer.Finish({.community = "public"}).empty());
}

}  // namespace
}  // namespace platen::snmp
