#include "services/collector/core/slp.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::uint16_t kId = 0x1234;

std::string Number(std::size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string Text(std::string_view text) {
  return Number(text.size()) + std::string(text);
}

std::string Message(char function, std::string_view body, std::size_t flags = 0) {
  const std::string rest =
      Number(flags) + std::string(3, '\0') + Number(kId) + Text("en") + std::string(body);
  return std::string{2, function, 0} + Number(5 + rest.size()) + rest;
}

const std::string kNoSignature(1, '\0');

std::string Service(std::string_view url) {
  return std::string(1, '\0') + Number(600) + Text(url) + kNoSignature;
}

std::string Services(std::size_t count, std::string_view services, std::size_t flags = 0) {
  return Message(2, Number(0) + Number(count) + std::string(services), flags);
}

std::span<const std::uint8_t> Bytes(std::string_view datagram) {
  return {reinterpret_cast<const std::uint8_t*>(datagram.data()), datagram.size()};
}

std::string WhyRefused(std::string_view datagram) {
  return std::string(ParseSlpServices(Bytes(datagram), kId).status().message());
}

std::optional<snmp::Endpoint> AddressIn(std::string_view url) {
  const auto answer = ParseSlpServices(Bytes(Services(1, Service(url))), kId);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? answer->services.at(0).address : std::nullopt;
}

TEST(SlpTest, AsksForPrintersInTheDefaultScope) {
  const std::string body =
      Text("") + Text("service:printer") + Text("DEFAULT") + Text("") + Text("");
  const auto to_agent = SlpServiceRequest(kId, SlpAsked::kAgent);
  EXPECT_EQ(std::string(to_agent.begin(), to_agent.end()), Message(1, body));
  const auto to_group = SlpServiceRequest(kId, SlpAsked::kGroup);
  EXPECT_EQ(std::string(to_group.begin(), to_group.end()), Message(1, body, 0x2000));
}

TEST(SlpTest, ServicesHaveTheAddressesOfTheirUrls) {
  const auto at = [](std::string_view address) { return *snmp::Endpoint::Parse(address, 0); };
  EXPECT_EQ(AddressIn("service:printer:lpr://192.0.2.7/queue"), at("192.0.2.7"));
  EXPECT_EQ(AddressIn("service:printer:raw-tcp://u@192.0.2.7:9100"), at("192.0.2.7"));
  EXPECT_EQ(AddressIn("service:printer:ipp://[2001:db8::7]:631/ipp;x=y"), at("2001:db8::7"));
  EXPECT_EQ(AddressIn("service:printer:ipp://printer7/ipp"), std::nullopt);
  EXPECT_EQ(AddressIn("service:printer"), std::nullopt);
  EXPECT_EQ(AddressIn("service:printer:lpr://224.0.0.1/q"), std::nullopt);
  EXPECT_EQ(AddressIn("service:printer:lpr://255.255.255.255/q"), std::nullopt);
  EXPECT_EQ(AddressIn("service:printer:lpr://[fe80::7]/q"), std::nullopt);
  EXPECT_EQ(AddressIn("service:printer:lpr://"), std::nullopt);
}

TEST(SlpTest, AnAgentMayHaveMoreThanItSays) {
  const auto answer = ParseSlpServices(Bytes(Services(1, Service("service:a://b"), 0x8000)), kId);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->services, SizeIs(1));
  EXPECT_TRUE(answer->has_more);
}

TEST(SlpTest, SignaturesAreSkipped) {
  const std::string service = std::string(1, '\0') + Number(600) + Text("service:a://b") + "\x01" +
                              Number(2) + Number(6) + "xy";
  EXPECT_TRUE(ParseSlpServices(Bytes(Services(1, service)), kId).ok());
  std::string none = service;
  none[none.size() - 3] = 3;  // Shorter than its own head.
  EXPECT_THAT(WhyRefused(Services(1, none)), HasSubstr("no length"));
  std::string beyond = service;
  beyond[beyond.size() - 3] = 7;
  EXPECT_THAT(WhyRefused(Services(1, beyond)), HasSubstr("beyond the end"));
}

TEST(SlpTest, LengthsThatDoNotFitAreRefused) {
  const std::string service = Service("service:a://b");
  EXPECT_THAT(WhyRefused(Services(2, service)), HasSubstr("beyond the end"));
  EXPECT_THAT(WhyRefused(Services(0xffff, service)), HasSubstr("too many"));
  EXPECT_THAT(WhyRefused(Services(1, service + "x")), HasSubstr("follows the answer"));
  EXPECT_THAT(WhyRefused(Services(1, service) + "x"), HasSubstr("its length"));
  EXPECT_THAT(WhyRefused(std::string(kSlpMessageBytesMax + 1, 'x')), HasSubstr("too long"));
  std::string extended = Services(1, service);
  extended[9] = 20;  // Where the answer is.
  EXPECT_THAT(WhyRefused(extended), HasSubstr("within the answer"));
  extended[8] = 9;
  EXPECT_THAT(WhyRefused(extended), HasSubstr("beyond the end"));
}

TEST(SlpTest, EveryTruncationIsRefused) {
  const std::string services = Services(2, Service("service:a://b") + Service("service:c://d"));
  ASSERT_TRUE(ParseSlpServices(Bytes(services), kId).ok());
  for (std::size_t size = 0; size < services.size(); ++size) {
    // Also where its length says so.
    std::string part = services.substr(0, size);
    EXPECT_FALSE(ParseSlpServices(Bytes(part), kId).ok()) << size;
    if (size > 4) part[4] = static_cast<char>(size);
    EXPECT_FALSE(ParseSlpServices(Bytes(part), kId).ok()) << size;
  }
}

TEST(SlpTest, AnswersToOthersAndErrorsAreRefused) {
  std::string other = Services(0, "");
  ASSERT_TRUE(ParseSlpServices(Bytes(other), kId).ok());
  other[11] = 0;
  EXPECT_THAT(WhyRefused(other), HasSubstr("another request"));
  EXPECT_THAT(WhyRefused(Message(7, Number(0) + Text("") + kNoSignature)),
              HasSubstr("no such answer"));
  std::string older = Services(0, "");
  older[0] = 1;
  EXPECT_THAT(WhyRefused(older), HasSubstr("another version"));
  EXPECT_EQ(ParseSlpServices(Bytes(Message(2, Number(4))), kId).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace platen::collector::core
