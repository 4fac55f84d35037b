#include "services/collector/core/dns_sd.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint16_t kId = 0x1234;

std::string Number(std::size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string Label(std::string_view label) {
  return std::string(1, static_cast<char>(label.size())) + std::string(label);
}

const std::string kEnd(1, '\0');
const std::string kIpp = Label("_ipp") + Label("_tcp") + Label("local") + kEnd;
const std::string kInstance = Label("Hall, 2.OG") + kIpp;
const std::string kHost = Label("Printer7") + Label("local") + kEnd;

std::string Record(std::string_view name, int type, std::string_view data) {
  return std::string(name) + Number(static_cast<std::size_t>(type)) + Number(0x8001) + Number(0) +
         Number(120) + Number(data.size()) + std::string(data);
}

std::string Answer(std::size_t records, std::string_view body, std::size_t flags = 0x8400) {
  return Number(kId) + Number(flags) + Number(0) + Number(records) + Number(0) + Number(0) +
         std::string(body);
}

const std::string kPtr = Record(kIpp, 12, kInstance);
const std::string kSrv = Record(kInstance, 33, Number(0) + Number(0) + Number(631) + kHost);

absl::StatusOr<std::vector<DnsSdPrinter>> Parse(std::string_view datagram) {
  return ParseDnsSdAnswer({reinterpret_cast<const std::uint8_t*>(datagram.data()), datagram.size()},
                          kId);
}

std::string WhyRefused(std::string_view datagram) {
  return std::string(Parse(datagram).status().message());
}

snmp::Endpoint At(std::string_view address) {
  return *snmp::Endpoint::Parse(address, 0);
}

std::string V4(std::string_view address) {
  const snmp::Endpoint endpoint = At(address);
  return {endpoint.address.begin() + 12, endpoint.address.end()};
}

std::string V6(std::string_view address) {
  const snmp::Endpoint endpoint = At(address);
  return {endpoint.address.begin(), endpoint.address.end()};
}

TEST(DnsSdTest, AsksForThePrintersServicesInOneDatagram) {
  const auto query = DnsSdQuery(kId);
  const std::string bytes(query.begin(), query.end());
  EXPECT_THAT(bytes, ::testing::StartsWith(Number(kId) + Number(0) + Number(4) + Number(0)));
  EXPECT_THAT(bytes, HasSubstr(kIpp + Number(12) + Number(0x8001)));
  EXPECT_THAT(bytes, HasSubstr(Label("_pdl-datastream") + Label("_tcp") + Label("local") + kEnd));
  EXPECT_THAT(Parse(bytes).status().message(), HasSubstr("no answer"));
}

TEST(DnsSdTest, APrinterHasItsModelPlaceAndAddresses) {
  const std::string text =
      Record(kInstance,
             16,
             Label("txtvers=1") + Label("TY=Acme 9") + Label("ty=other") + Label("note=Hall"));
  const auto printers =
      Parse(Answer(6,
                   kPtr + kSrv + text + Record(kHost, 1, V4("192.0.2.7")) +
                       Record(Label("printer7") + Label("LOCAL") + kEnd, 28, V6("2001:db8::7")) +
                       Record(kHost, 1, V4("192.0.2.7"))));
  ASSERT_TRUE(printers.ok()) << printers.status();
  ASSERT_THAT(*printers, SizeIs(1));
  EXPECT_EQ(printers->front().name, "Hall, 2.OG");
  EXPECT_EQ(printers->front().service, "_ipp._tcp");
  EXPECT_EQ(printers->front().model, "Acme 9");
  EXPECT_EQ(printers->front().note, "Hall");
  EXPECT_EQ(printers->front().host, "Printer7.local");
  EXPECT_THAT(printers->front().addresses, ElementsAre(At("192.0.2.7"), At("2001:db8::7")));
}

TEST(DnsSdTest, NamesMayPointBack) {
  // The service's name stands at 12; its instance is a label before it.
  const std::string instance = Label("Hall") + "\xc0\x0c";
  const auto printers = Parse(Answer(1, Record(kIpp, 12, instance)));
  ASSERT_TRUE(printers.ok()) << printers.status();
  ASSERT_THAT(*printers, SizeIs(1));
  EXPECT_EQ(printers->front().name, "Hall");
  EXPECT_THAT(printers->front().addresses, IsEmpty());
}

TEST(DnsSdTest, TheProductIsTheModelWhereThereIsNoOther) {
  const auto printers = Parse(Answer(2, kPtr + Record(kInstance, 16, Label("product=(Acme 9)"))));
  ASSERT_TRUE(printers.ok()) << printers.status();
  EXPECT_EQ(printers->front().model, "Acme 9");
}

TEST(DnsSdTest, AddressesOfNobodyOfAllAndOfALinkAreNone) {
  const auto printers = Parse(
      Answer(7,
             kPtr + kSrv + Record(kHost, 1, V4("0.0.0.0")) + Record(kHost, 1, V4("224.0.0.251")) +
                 Record(kHost, 1, V4("255.255.255.255")) + Record(kHost, 28, V6("fe80::7")) +
                 Record(kHost, 28, V6("ff02::fb"))));
  ASSERT_TRUE(printers.ok()) << printers.status();
  EXPECT_THAT(printers->front().addresses, IsEmpty());
}

TEST(DnsSdTest, OtherServicesAndOtherHostsAreNoPrinters) {
  const std::string web = Label("_http") + Label("_tcp") + Label("local") + kEnd;
  const auto printers =
      Parse(Answer(4,
                   Record(web, 12, Label("Hall") + web) + Record(kIpp, 12, Label("Hall") + web) +
                       kSrv + Record(kHost, 1, V4("192.0.2.7"))));
  ASSERT_TRUE(printers.ok()) << printers.status();
  EXPECT_THAT(*printers, IsEmpty());
}

TEST(DnsSdTest, PointersToPointersAreRefusedWhereTheyAreMany) {
  const std::size_t first = 12 + kIpp.size() + 10;
  const auto answer = [&](std::size_t pointers) {
    const auto pointer = [](std::size_t at) { return Number(0xc000 | at); };
    std::string chain = pointer(12);
    for (std::size_t i = 1; i < pointers; ++i) chain += pointer(first + 2 * (i - 1));
    // In a record of no meaning, for the name of the second.
    return Answer(2, Record(kIpp, 99, chain) + Record(pointer(first + 2 * (pointers - 1)), 99, ""));
  };
  EXPECT_TRUE(Parse(answer(100)).ok());
  EXPECT_THAT(WhyRefused(answer(127)), HasSubstr("too many pointers"));
}

TEST(DnsSdTest, NamesThatGoInCirclesOrForwardAreRefused) {
  EXPECT_THAT(WhyRefused(Answer(1, "\xc0\x0c")), HasSubstr("points forward"));  // At itself.
  EXPECT_THAT(WhyRefused(Answer(1, "\xc0\xff")), HasSubstr("points forward"));
  // A label, and then its own beginning again.
  EXPECT_THAT(WhyRefused(Answer(1, Label("a") + "\xc0\x0c")), HasSubstr("points forward"));
  // A record's data, at itself.
  EXPECT_THAT(WhyRefused(Answer(1, Record(kIpp, 12, "\xc0\x27"))), HasSubstr("points forward"));
}

TEST(DnsSdTest, LabelsThatAreNoneAreRefused) {
  EXPECT_THAT(WhyRefused(Answer(1, "\x40")), HasSubstr("unknown kind"));
  EXPECT_THAT(WhyRefused(Answer(1,
                                "\x3f"
                                "abc")),
              HasSubstr("beyond the end"));
  EXPECT_THAT(WhyRefused(Answer(1, "\xc0")), HasSubstr("beyond the end"));
  std::string name;
  for (int i = 0; i < 5; ++i) name += Label(std::string(63, 'a'));
  EXPECT_THAT(WhyRefused(Answer(1, Record(name + kEnd, 1, "abcd"))), HasSubstr("too long"));
}

TEST(DnsSdTest, LengthsThatDoNotFitAreRefused) {
  EXPECT_THAT(
      WhyRefused(Answer(
          1, kIpp + Number(12) + Number(1) + Number(0) + Number(0) + Number(0xffff) + kInstance)),
      HasSubstr("beyond the end"));
  EXPECT_THAT(WhyRefused(Answer(1, Record(kHost, 1, "abc"))), HasSubstr("another length"));
  EXPECT_THAT(WhyRefused(Answer(1, Record(kHost, 28, "abcd"))), HasSubstr("another length"));
  EXPECT_THAT(WhyRefused(Answer(1, Record(kIpp, 12, kInstance + "x"))),
              HasSubstr("another length"));
  EXPECT_THAT(WhyRefused(Answer(1, Record(kInstance, 16, "\x09ty=A"))),
              HasSubstr("beyond its record"));
  EXPECT_THAT(WhyRefused(Answer(1, kPtr + "x")), HasSubstr("follows the last record"));
  EXPECT_THAT(WhyRefused(Answer(0xffff, kPtr)), HasSubstr("too many records"));
  EXPECT_THAT(WhyRefused(std::string(kDnsMessageBytesMax + 1, 'x')), HasSubstr("too long"));
}

TEST(DnsSdTest, EveryTruncationIsRefused) {
  const std::string whole = Answer(3, kPtr + kSrv + Record(kHost, 1, V4("192.0.2.7")));
  ASSERT_TRUE(Parse(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Parse(whole.substr(0, size)).ok()) << size;
  }
}

TEST(DnsSdTest, AnswersToOthersAndErrorsAreRefused) {
  std::string other = Answer(1, kPtr);
  other[0] = 0;
  EXPECT_THAT(WhyRefused(other), HasSubstr("another query"));
  EXPECT_THAT(WhyRefused(Answer(1, kPtr, 0x8403)), HasSubstr("no plain answer"));
  EXPECT_THAT(WhyRefused(Answer(1, kPtr, 0xa000)), HasSubstr("no plain answer"));
}

}  // namespace
}  // namespace platen::collector::core
