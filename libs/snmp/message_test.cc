#include "libs/snmp/message.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/snmp/message_writer.h"

namespace platen::snmp {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Any element, with a length in one, or with `long_form` in three bytes.
Bytes Tlv(std::uint8_t tag, const Bytes& contents, bool long_form = false) {
  Bytes out = {tag};
  if (long_form) {
    out.insert(out.end(), {0x82, static_cast<std::uint8_t>(contents.size() >> 8)});
  } else {
    EXPECT_LT(contents.size(), 128u);
  }
  out.push_back(static_cast<std::uint8_t>(contents.size()));
  out.insert(out.end(), contents.begin(), contents.end());
  return out;
}

Bytes Join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

// A v2c response of one varbind 1.3.6 with `value` under it.
Bytes ResponseWith(const Bytes& value) {
  const Bytes varbinds = Tlv(0x30, Tlv(0x30, Join({{0x06, 2, 0x2b, 6}, value})));
  const Bytes pdu = Join({{0x02, 1, 7}, {0x02, 1, 0}, {0x02, 1, 0}, varbinds});
  return Tlv(0x30, Join({{0x02, 1, 1}, {0x04, 1, 'c'}, Tlv(0xa2, pdu)}));
}

struct Decoded {
  DecodeFault fault = DecodeFault::kNone;
  MessageView message;
};

class MessageTest : public testing::Test {
 protected:
  Decoded Decode(const Bytes& datagram) {
    Decoded decoded;
    decoded.fault = decoder_.Decode(datagram, decoded.message);
    return decoded;
  }

  // The value of ResponseWith(`value`); fails the test if it is refused.
  Value DecodeValue(const Bytes& value) {
    kept_ = ResponseWith(value);
    const Decoded decoded = Decode(kept_);
    EXPECT_EQ(decoded.fault, DecodeFault::kNone) << Name(decoded.fault);
    return decoded.message.varbinds.empty() ? Value() : Value(decoded.message.varbinds[0].value);
  }

  DecodeFault FaultOf(const Bytes& value) { return Decode(ResponseWith(value)).fault; }

  MessageDecoder decoder_;
  Bytes kept_;
};

TEST_F(MessageTest, ReadsHeadAndVarbinds) {
  const Bytes datagram = ResponseWith({0x41, 1, 42});

  const auto [fault, message] = Decode(datagram);

  ASSERT_EQ(fault, DecodeFault::kNone);
  EXPECT_EQ(message.head.version, Version::kV2c);
  EXPECT_EQ(message.head.community, "c");
  EXPECT_EQ(message.head.type, PduType::kResponse);
  EXPECT_EQ(message.head.request_id, 7);
  ASSERT_EQ(message.varbinds.size(), 1u);
  EXPECT_EQ(message.varbinds[0].name, "1.3.6"_oid.view());
  EXPECT_EQ(message.varbinds[0].value, ValueView::Number(ValueType::kCounter32, 42));
}

TEST_F(MessageTest, ReadsEveryType) {
  EXPECT_EQ(DecodeValue({0x02, 1, 0xfd}), Value::Integer(-3));
  EXPECT_EQ(DecodeValue({0x04, 2, 'h', 'i'}), Value::Octets("hi"));
  EXPECT_EQ(DecodeValue({0x04, 0}), Value::Octets(""));
  EXPECT_EQ(DecodeValue({0x05, 0}), Value());
  EXPECT_EQ(DecodeValue({0x06, 3, 0x2b, 6, 1}), Value::ObjectId("1.3.6.1"_oid));
  EXPECT_EQ(DecodeValue({0x40, 4, 127, 0, 0, 1}),
            Value(ValueView::Bytes(ValueType::kIpAddress, std::string("\x7f\0\0\1", 4))));
  EXPECT_EQ(DecodeValue({0x41, 5, 0, 0xff, 0xff, 0xff, 0xff}),
            Value::Number(ValueType::kCounter32, 0xffffffff));
  EXPECT_EQ(DecodeValue({0x42, 1, 9}), Value::Number(ValueType::kGauge32, 9));
  EXPECT_EQ(DecodeValue({0x43, 2, 1, 0}), Value::Number(ValueType::kTimeTicks, 256));
  EXPECT_EQ(DecodeValue({0x44, 1, 'x'}), Value(ValueView::Bytes(ValueType::kOpaque, "x")));
  EXPECT_EQ(DecodeValue({0x46, 9, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}),
            Value::Number(ValueType::kCounter64, ~0ull));
  EXPECT_TRUE(DecodeValue({0x80, 0}).view().is_exception());
  EXPECT_TRUE(DecodeValue({0x81, 0}).view().is_exception());
  EXPECT_TRUE(DecodeValue({0x82, 0}).view().is_exception());
}

TEST_F(MessageTest, ToleratesUnusualButClearNumbers) {
  EXPECT_EQ(DecodeValue({0x02, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}), Value::Integer(5));
  EXPECT_EQ(DecodeValue({0x02, 9, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0}), Value::Integer(INT64_MIN));
  EXPECT_EQ(DecodeValue({0x41, 4, 0xff, 0xff, 0xff, 0xff}),
            Value::Number(ValueType::kCounter32, 0xffffffff));
  EXPECT_EQ(DecodeValue({0x41, 5, 1, 0, 0, 0, 0}),
            Value::Number(ValueType::kCounter32, 1ull << 32));
}

TEST_F(MessageTest, ToleratesLongLengthsAndAnEmptyOidAsAValue) {
  EXPECT_EQ(DecodeValue({0x02, 0x84, 0, 0, 0, 1, 5}), Value::Integer(5));
  EXPECT_EQ(DecodeValue({0x06, 0}), Value::ObjectId(OidView()));
}

TEST_F(MessageTest, RefusesWithTheReason) {
  EXPECT_EQ(FaultOf({0x02, 0}), DecodeFault::kBadNumber);
  EXPECT_EQ(FaultOf({0x02, 9, 0, 0x80, 0, 0, 0, 0, 0, 0, 0}), DecodeFault::kBadNumber);
  EXPECT_EQ(FaultOf({0x46, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0}), DecodeFault::kBadNumber);
  EXPECT_EQ(FaultOf({0x02, 0x80, 5, 0, 0}), DecodeFault::kBadLength);
  EXPECT_EQ(FaultOf({0x02, 0x85, 0, 0, 0, 0, 1, 5}), DecodeFault::kBadLength);
  EXPECT_EQ(FaultOf({0x04, 0x84, 0xff, 0xff, 0xff, 0xff}), DecodeFault::kTruncated);
  EXPECT_EQ(FaultOf({0x06, 2, 0x2b, 0x80}), DecodeFault::kBadOid);
  EXPECT_EQ(FaultOf({0x47, 1, 1}), DecodeFault::kUnknownValueType);
  EXPECT_EQ(FaultOf({0x05, 1, 0}), DecodeFault::kBadEmptyValue);
  EXPECT_EQ(FaultOf({0x05, 0, 0}), DecodeFault::kTrailingBytes);
  EXPECT_EQ(FaultOf({}), DecodeFault::kTruncated);
  EXPECT_EQ(Decode({}).fault, DecodeFault::kTruncated);
  EXPECT_EQ(Decode(Join({ResponseWith({0x05, 0}), {0}})).fault, DecodeFault::kTrailingBytes);
  EXPECT_EQ(Decode(Bytes(70000, 0x30)).fault, DecodeFault::kOversized);
}

// As RFC 1157 §4.1.6 has it: an enterprise, a generic and a specific number instead of ids.
Bytes TrapV1(const Bytes& agent, const Bytes& time = {0x43, 2, 1, 0}) {
  const Bytes pdu = Join({{0x06, 3, 0x2b, 6, 1},
                          agent,
                          {0x02, 1, 6},
                          {0x02, 1, 9},
                          time,
                          Tlv(0x30, Tlv(0x30, {0x06, 2, 0x2b, 6, 0x02, 1, 5}))});
  return Tlv(0x30, Join({{0x02, 1, 0}, {0x04, 1, 'c'}, Tlv(0xa4, pdu)}));
}

TEST_F(MessageTest, ReadsATrapOfVersion1) {
  const Bytes trap = TrapV1({0x40, 4, 192, 0, 2, 7});
  const Decoded decoded = Decode(trap);

  ASSERT_EQ(decoded.fault, DecodeFault::kNone) << Name(decoded.fault);
  EXPECT_EQ(decoded.message.head.type, PduType::kTrapV1);
  EXPECT_EQ(decoded.message.head.community, "c");
  EXPECT_EQ(decoded.message.head.trap_agent, 0xc0000207u);
  ASSERT_EQ(decoded.message.varbinds.size(), 1u);
  EXPECT_EQ(decoded.message.varbinds[0].value.AsInteger(), 5);
}

TEST_F(MessageTest, ATrapsAgentMayBeNobody) {
  const Bytes with = TrapV1({0x40, 4, 192, 0, 2, 7});
  ASSERT_EQ(Decode(with).fault, DecodeFault::kNone);
  const Bytes without = TrapV1({0x40, 0});
  const Decoded decoded = Decode(without);
  ASSERT_EQ(decoded.fault, DecodeFault::kNone);
  EXPECT_EQ(decoded.message.head.trap_agent, 0u);
}

TEST_F(MessageTest, RefusesATrapThatIsCutOrHasOtherTypes) {
  EXPECT_EQ(Decode(TrapV1({0x04, 4, 192, 0, 2, 7})).fault, DecodeFault::kWrongTag);
  EXPECT_EQ(Decode(TrapV1({0x40, 4, 192, 0, 2, 7}, {0x02, 1, 0})).fault, DecodeFault::kWrongTag);
  const Bytes whole = TrapV1({0x40, 4, 192, 0, 2, 7});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(Decode(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))).fault,
              DecodeFault::kNone);
  }
}

TEST_F(MessageTest, RefusesOtherVersionsAndPdus) {
  Bytes v3 = ResponseWith({0x05, 0});
  v3[4] = 3;
  EXPECT_EQ(Decode(v3).fault, DecodeFault::kUnknownVersion);
  for (const int tag : {0x30, 0xa4, 0xa9}) {  // A trap of v1 is none of v2c.
    Bytes other = ResponseWith({0x05, 0});
    other[8] = static_cast<std::uint8_t>(tag);
    EXPECT_EQ(Decode(other).fault, DecodeFault::kUnknownPdu) << tag;
  }
}

TEST_F(MessageTest, RefusesMoreThan4096Varbinds) {
  Bytes varbinds;
  for (std::size_t i = 0; i <= kMaxVarbinds; ++i) {
    const Bytes one = {0x30, 6, 0x06, 2, 0x2b, 6, 0x05, 0};
    varbinds.insert(varbinds.end(), one.begin(), one.end());
  }
  const Bytes pdu = Join({{0x02, 1, 7}, {0x02, 1, 0}, {0x02, 1, 0}, Tlv(0x30, varbinds, true)});
  const Bytes datagram =
      Tlv(0x30, Join({{0x02, 1, 1}, {0x04, 1, 'c'}, Tlv(0xa2, pdu, true)}), true);

  EXPECT_EQ(Decode(datagram).fault, DecodeFault::kTooManyVarbinds);
}

TEST_F(MessageTest, RefusesEveryTruncation) {
  Bytes buffer(4096);
  MessageWriter writer(buffer, 6);
  for (std::uint32_t i = 0; i < 30; ++i)
    writer.Add({"1.3.6.1.2.1.43.11.1.1.9.1"_oid.Child(i), ValueView::Integer(i)});
  const auto whole =
      writer.Finish({.type = PduType::kResponse, .request_id = 1, .community = "public"});
  ASSERT_EQ(Decode(Bytes(whole.begin(), whole.end())).fault, DecodeFault::kNone);

  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(),
                    whole.begin() + static_cast<std::ptrdiff_t>(
                                        size));  // Its own heap block: ASan sees its end.
    EXPECT_NE(Decode(cut).fault, DecodeFault::kNone) << size;
  }
}

TEST_F(MessageTest, RefusesEveryTruncationInsideConsistentOuterLengths) {
  const Bytes value = {0x04, 5, 'h', 'e', 'l', 'l', 'o'};
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_NE(FaultOf(Bytes(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(size))),
              DecodeFault::kNone)
        << size;
  }
}

}  // namespace
}  // namespace platen::snmp
