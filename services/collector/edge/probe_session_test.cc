#include "services/collector/edge/probe_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/snmp/memory/sim_network.h"
#include "libs/snmp/recording_mib.h"

namespace platen::collector::edge {
namespace {

using snmp::memory::SimNetwork;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kPrinter =
    "1.3.6.1.2.1.1.1.0|4|Acme 9\n"
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1\n"
    "1.3.6.1.2.1.25.3.2.1.2.1|6|1.3.6.1.2.1.25.3.1.5\n"
    "1.3.6.1.2.1.25.3.2.1.3.1|4|Acme Laser 9\n"
    "1.3.6.1.2.1.43.11.1.1.6.1.1|4|Black Toner\n"
    "1.3.6.1.2.1.43.11.1.1.8.1.1|2|100\n"
    "1.3.6.1.2.1.43.11.1.1.9.1.1|2|40\n"
    "1.3.6.1.4.1.99999.7.0|4|SERIAL7\n";

core::ProfileSet AcmeProfiles() {
  core::Profile acme;
  acme.name = "acme";
  acme.manufacturer = "Acme";
  acme.match.sys_object_ids = {*snmp::Oid::Parse("1.3.6.1.4.1.99999")};
  acme.identity.push_back(
      {core::IdentityField::kSerial, {.oid = *snmp::Oid::Parse("1.3.6.1.4.1.99999.7.0")}});
  return core::ProfileSet({acme});
}

class ProbeSessionTest : public testing::Test {
 protected:
  static snmp::Endpoint HostAt(std::uint32_t number) {
    return snmp::Endpoint::V4(0xc0000200 + number, 161);
  }

  // A printer that answers the community "public"; counts how many requests are open at the most.
  void ServePrinter(std::uint32_t number) {
    network_.Serve(HostAt(number), [this](const snmp::InDatagram& in) {
      snmp::MessageView request;
      std::vector<SimNetwork::Bytes> answers;
      if (decoder_.Decode(in.bytes, request) != snmp::DecodeFault::kNone) return answers;
      if (request.head.community != "public") return answers;
      std::vector<std::uint8_t> buffer(1472);
      const auto answer = snmp::Answer(request, mib_, {}, buffer);
      answers.emplace_back(answer.begin(), answer.end());
      return answers;
    });
  }

  std::vector<event::v1::DeviceSnapshot> Run(std::vector<snmp::Endpoint> hosts, bool sweep) {
    ProbeOptions options;
    options.sweep = sweep;
    options.reader.communities = {{"default", community_}};
    const auto port = network_.Open({.address = snmp::Endpoint::V4(0xc0000264, 0), .ports = 4});
    ProbeSession session(options, *port, clock_, profiles_, {1, 2});
    std::vector<event::v1::DeviceSnapshot> snapshots;
    session.Run(hosts, [&snapshots](const event::v1::DeviceSnapshot& snapshot) {
      snapshots.push_back(snapshot);
    });
    return snapshots;
  }

  std::string community_ = "public";
  const core::ProfileSet profiles_ = AcmeProfiles();
  const snmp::Recording recording_ = snmp::ReadRecording(kPrinter);
  snmp::RecordingMib mib_{recording_};
  snmp::MessageDecoder decoder_;
  base::SimClock clock_;
  SimNetwork network_{clock_, 1};
};

TEST_F(ProbeSessionTest, APrinterIsReadInFullByStandardAndProfile) {
  ServePrinter(1);

  const auto snapshots = Run({HostAt(1)}, false);

  ASSERT_EQ(snapshots.size(), 1U);
  EXPECT_EQ(snapshots[0].address(), "192.0.2.1");
  EXPECT_EQ(snapshots[0].identity().model(), "Acme Laser 9");
  EXPECT_EQ(snapshots[0].identity().serial_number(), "SERIAL7");
  EXPECT_EQ(snapshots[0].profile(), "acme@1");
  EXPECT_TRUE(snapshots[0].complete());
}

TEST_F(ProbeSessionTest, ARangeTellsOfThoseWhoAnswer) {
  ServePrinter(3);
  ServePrinter(9);
  std::vector<snmp::Endpoint> hosts;
  for (std::uint32_t i = 1; i <= 20; ++i) hosts.push_back(HostAt(i));

  const auto snapshots = Run(hosts, true);

  std::vector<std::string> addresses;
  for (const auto& snapshot : snapshots) addresses.push_back(snapshot.address());
  EXPECT_THAT(addresses, UnorderedElementsAre("192.0.2.3", "192.0.2.9"));
  EXPECT_EQ(snapshots[0].supplies_size(), 1);
}

TEST_F(ProbeSessionTest, AWrongCommunityIsSilence) {
  ServePrinter(1);
  community_ = "wrong";

  EXPECT_TRUE(Run({HostAt(1)}, false).empty());
}

TEST_F(ProbeSessionTest, ALossyWayIsReadAllTheSame) {
  ServePrinter(1);
  network_.set_faults({.loss = 0.2, .duplicate = 0.1});

  const auto snapshots = Run({HostAt(1)}, false);

  ASSERT_EQ(snapshots.size(), 1U);
  EXPECT_EQ(snapshots[0].supplies(0).level().value(), 40);
  EXPECT_GT(network_.counts().lost, 0U);
}

}  // namespace
}  // namespace platen::collector::edge
