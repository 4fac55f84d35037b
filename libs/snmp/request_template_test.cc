#include "libs/snmp/request_template.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace platen::snmp {
namespace {

const std::vector<Oid> kNames = {"1.3.6.1.2.1.1.3.0"_oid, "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid};

class RequestTemplateTest : public testing::Test {
 protected:
  MessageView Rendered(const RequestTemplate& request,
                       std::string_view community,
                       std::int32_t id) {
    bytes_.resize(request.size(community.size()));
    const auto datagram = request.Render(community, id, bytes_);
    EXPECT_EQ(datagram.size(), bytes_.size());
    MessageView message;
    EXPECT_EQ(decoder_.Decode(datagram, message), DecodeFault::kNone);
    return message;
  }

  std::vector<std::uint8_t> bytes_;
  MessageDecoder decoder_;
};

TEST_F(RequestTemplateTest, RendersForAnyCommunityAndId) {
  const RequestTemplate request(Version::kV2c, PduType::kGet, kNames);
  for (const std::size_t length : {0u, 6u, 100u, 127u, 128u, 250u, 300u}) {
    const std::string community(length, 'c');

    const MessageView message = Rendered(request, community, 0x01020304);

    EXPECT_EQ(message.head.community, community);
    EXPECT_EQ(message.head.request_id, 0x01020304);
    ASSERT_EQ(message.varbinds.size(), 2u);
    EXPECT_EQ(message.varbinds[1].name, kNames[1].view());
  }
}

TEST_F(RequestTemplateTest, KeepsItsLengthWhateverTheId) {
  const RequestTemplate request(Version::kV1, PduType::kGetNext, kNames);
  for (const std::int32_t id : {1, 255, 65536, 0x7fffffff}) {
    const MessageView message = Rendered(request, "public", id);
    EXPECT_EQ(message.head.request_id, id);
    EXPECT_EQ(message.head.version, Version::kV1);
  }
}

TEST_F(RequestTemplateTest, CarriesTheBulkSize) {
  const RequestTemplate request(
      Version::kV2c, PduType::kGetBulk, kNames, {.non_repeaters = 1, .max_repetitions = 20});

  const MessageView message = Rendered(request, "public", 1);

  EXPECT_EQ(message.head.error_status, 1);
  EXPECT_EQ(message.head.error_index, 20);
  EXPECT_EQ(request.max_answers(), 21u);
}

TEST_F(RequestTemplateTest, KnowsItsNamesAlsoWhenMoved) {
  RequestTemplate original(Version::kV2c, PduType::kGet, kNames);
  const RequestTemplate request = std::move(original);

  ASSERT_EQ(request.name_count(), 2u);
  EXPECT_EQ(request.name(0), kNames[0].view());
  EXPECT_EQ(request.name(1), kNames[1].view());
  EXPECT_EQ(request.max_answers(), 2u);
}

TEST_F(RequestTemplateTest, RefusesABufferTooSmall) {
  const RequestTemplate request(Version::kV2c, PduType::kGet, kNames);
  std::array<std::uint8_t, 30> small{};

  EXPECT_TRUE(request.Render("public", 1, small).empty());
}

}  // namespace
}  // namespace platen::snmp
