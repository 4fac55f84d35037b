#include "services/collector/edge/discovery_session.h"

#include <deque>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/snmp/agent.h"
#include "libs/snmp/memory/sim_network.h"
#include "libs/snmp/recording_mib.h"

namespace platen::collector::edge {
namespace {

using snmp::memory::SimNetwork;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kPrinter =
    "1.3.6.1.2.1.1.1.0|4|Acme 9\n"
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1\n"
    "1.3.6.1.2.1.1.3.0|67|100\n"
    "1.3.6.1.2.1.1.5.0|4|PRN9\n"
    "1.3.6.1.2.1.25.3.2.1.2.1|6|1.3.6.1.2.1.25.3.1.5\n"
    "1.3.6.1.2.1.25.3.2.1.3.1|4|Acme Laser 9\n"
    "1.3.6.1.2.1.25.3.5.1.1.1|2|3\n"
    "1.3.6.1.2.1.43.5.1.1.16.1|4|Laser\n"
    "1.3.6.1.2.1.43.10.2.1.4.1.1|65|12345\n"
    "1.3.6.1.4.1.99999.7.0|4|SERIAL7\n";

constexpr std::string_view kSwitch =
    "1.3.6.1.2.1.1.1.0|4|A switch\n"
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.88888.1\n"
    "1.3.6.1.2.1.1.3.0|67|100\n"
    "1.3.6.1.2.1.2.2.1.6.1|4x|001122334455\n";

core::ProfileSet AcmeProfiles() {
  core::Profile acme;
  acme.name = "acme";
  acme.manufacturer = "Acme";
  acme.match.sys_object_ids = {*snmp::Oid::Parse("1.3.6.1.4.1.99999")};
  acme.identity.push_back(
      {core::IdentityField::kSerial, {.oid = *snmp::Oid::Parse("1.3.6.1.4.1.99999.7.0")}});
  return core::ProfileSet({acme});
}

class DiscoverySessionTest : public testing::Test {
 protected:
  static snmp::Endpoint HostAt(std::uint32_t number) {
    return snmp::Endpoint::V4(0xc0000200 + number, 161);
  }

  // Somebody at 192.0.2.`number` who answers the community "public" in one version; the first
  // `lost` requests never reach it.
  void Serve(std::uint32_t number,
             std::string_view recording,
             snmp::Version version = snmp::Version::kV2c,
             int lost = 0) {
    const snmp::Recording& rows = recordings_.emplace_back(snmp::ReadRecording(recording));
    snmp::RecordingMib& mib = mibs_.emplace_back(rows);
    network_.Serve(HostAt(number), [this, &mib, number, version, lost](const snmp::InDatagram& in) {
      ++requests_[number];
      snmp::MessageView request;
      std::vector<SimNetwork::Bytes> answers;
      if (decoder_.Decode(in.bytes, request) != snmp::DecodeFault::kNone) return answers;
      for (const snmp::VarbindView& each : request.varbinds) names_.insert(each.name.ToString());
      if (requests_[number] <= lost || request.head.community != "public") return answers;
      if (request.head.version != version) return answers;
      std::vector<std::uint8_t> buffer(1472);
      const auto answer = snmp::Answer(request, mib, {}, buffer);
      answers.emplace_back(answer.begin(), answer.end());
      return answers;
    });
  }

  core::Discovered Run(std::string_view ranges, DiscoveryOptions options = {}) {
    options.addresses = *core::AddressSet::Parse(ranges, core::RangeEnds::kLeftOut);
    if (options.community.empty()) options.community = "public";
    const auto port = network_.Open({.address = snmp::Endpoint::V4(0xc0000264, 0), .ports = 4});
    DiscoverySession session(options, *port, profiles_, {1, 2});
    while (!session.done()) {
      session.Poll(clock_.Now());
      if (const auto next = session.next()) port->Wait(*next - clock_.Now());
    }
    sent_ = port->counts().sent;
    return session.Take();
  }

  const core::ProfileSet profiles_ = AcmeProfiles();
  std::deque<snmp::Recording> recordings_;
  std::deque<snmp::RecordingMib> mibs_;
  snmp::MessageDecoder decoder_;
  std::map<std::uint32_t, int> requests_;
  std::set<std::string> names_;  // All that anybody was asked for.
  std::uint64_t sent_ = 0;
  base::SimClock clock_;
  SimNetwork network_{clock_, 1};
};

TEST_F(DiscoverySessionTest, APrinterIsFoundWithWhoItIs) {
  Serve(7, kPrinter);

  const core::Discovered found = Run("192.0.2.0/26");

  ASSERT_THAT(found.printers, SizeIs(1));
  const collector::v1::FoundPrinter& printer = found.printers[0];
  EXPECT_EQ(printer.address(), "192.0.2.7");
  EXPECT_EQ(printer.port(), 161U);
  EXPECT_EQ(printer.version(), event::v1::SnmpAccess::VERSION_V2C);
  EXPECT_EQ(printer.profile(), "acme@1");
  EXPECT_EQ(printer.identity().serial_number(), "SERIAL7");
  EXPECT_EQ(printer.identity().sys_name(), "PRN9");
  EXPECT_EQ(found.questions, sent_);
}

TEST_F(DiscoverySessionTest, NothingButWhoItIsIsRead) {
  Serve(7, kPrinter);
  Run("192.0.2.7");
  for (const std::string& name : names_) {
    EXPECT_FALSE(name.starts_with("1.3.6.1.2.1.43.10.") || name.starts_with("1.3.6.1.2.1.43.11.") ||
                 name.starts_with("1.3.6.1.2.1.43.18."))
        << name;
  }
}

TEST_F(DiscoverySessionTest, WhoIsNoPrinterIsCountedAndNotReadFurther) {
  Serve(8, kSwitch);
  const core::Discovered found = Run("192.0.2.0/28");
  EXPECT_THAT(found.printers, IsEmpty());
  EXPECT_EQ(found.others, 1U);
  EXPECT_THAT(names_, Not(testing::Contains(testing::StartsWith("1.3.6.1.2.1.2."))));
}

TEST_F(DiscoverySessionTest, ExcludedAddressesGetNoDatagram) {
  Serve(7, kPrinter);
  Serve(9, kPrinter);
  const core::Discovered found = Run("192.0.2.6-192.0.2.8");
  EXPECT_THAT(found.printers, SizeIs(1));
  EXPECT_EQ(requests_[9], 0);
}

TEST_F(DiscoverySessionTest, WhoSpeaksVersion1AloneIsFoundAtTheSecondTry) {
  Serve(7, kPrinter, snmp::Version::kV1);
  const core::Discovered found = Run("192.0.2.0/28");
  ASSERT_THAT(found.printers, SizeIs(1));
  EXPECT_EQ(found.printers[0].version(), event::v1::SnmpAccess::VERSION_V1);
  EXPECT_EQ(found.printers[0].identity().serial_number(), "SERIAL7");
}

TEST_F(DiscoverySessionTest, WhoWasNotHeardAtFirstIsAskedAgain) {
  Serve(7, kPrinter, snmp::Version::kV2c, 1);
  DiscoveryOptions options;
  options.version = event::v1::SnmpAccess::VERSION_V2C;
  EXPECT_THAT(Run("192.0.2.0/28", options).printers, SizeIs(1));
}

TEST_F(DiscoverySessionTest, SilenceCostsOneDatagramATry) {
  DiscoveryOptions options;
  options.tries = 2;
  EXPECT_THAT(Run("192.0.2.0/26", options).printers, IsEmpty());
  EXPECT_EQ(sent_, 62U * 2);
}

TEST_F(DiscoverySessionTest, AnotherCommunityFindsNobody) {
  Serve(7, kPrinter);
  DiscoveryOptions options;
  options.community = "another-one";
  EXPECT_THAT(Run("192.0.2.0/28", options).printers, IsEmpty());
  EXPECT_EQ(requests_[7], 2);
}

TEST_F(DiscoverySessionTest, NoMoreIsSentThanTheRateAllows) {
  for (std::uint32_t number = 1; number <= 14; ++number) Serve(number, kPrinter);
  DiscoveryOptions options;
  options.per_second = 20;
  const base::MonotonicTime begin = clock_.Now();
  EXPECT_THAT(Run("192.0.2.0/28", options).printers, SizeIs(14));
  // All of it counts: whether somebody is there, and who. A second's worth may go at once.
  EXPECT_LE(static_cast<double>(sent_), 20 + 20 * base::ToSeconds(clock_.Now() - begin));
}

TEST_F(DiscoverySessionTest, ALineThatBearsLittleIsAskedNoFaster) {
  DiscoveryOptions options;
  options.per_second = 1000;
  options.tries = 1;
  options.links.links = {{.network = *Network::Parse("192.0.2.0/26"), .requests_per_second = 2}};
  const base::MonotonicTime begin = clock_.Now();
  Run("192.0.2.0/26", options);
  EXPECT_EQ(sent_, 62U);
  EXPECT_GE(clock_.Now() - begin, std::chrono::seconds(29));
}

TEST_F(DiscoverySessionTest, MoreAddressesThanPlacesAreAllAsked) {
  for (const std::uint32_t number : {1U, 2000U, 4000U}) Serve(number, kPrinter);
  DiscoveryOptions options;
  options.per_second = 10'000;
  const core::Discovered found = Run("192.0.2.0-192.0.17.255", options);
  EXPECT_THAT(found.printers, SizeIs(3));
  EXPECT_EQ(found.asked.size(), 4096U);
}

}  // namespace
}  // namespace platen::collector::edge
