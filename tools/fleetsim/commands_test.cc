#include "tools/fleetsim/commands.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "libs/snmp/recording.h"
#include "libs/snmp/request_template.h"

namespace platen::fleetsim {
namespace {

using snmp::operator""_oid;

constexpr base::MonotonicTime kStart{std::chrono::hours(1)};

class CommandsTest : public testing::Test {
 protected:
  CommandsTest()
      : models_(*LoadModels(std::string(std::getenv("PLATEN_SOURCE_DIR")) +
                            "/tests/testdata/printers")),
        fleet_(*Fleet::Make({.devices = 300}, models_, kStart)) {}

  std::string Run(std::string_view line) { return RunCommand(now_, fleet_, line); }

  std::size_t Troubled() {
    std::size_t count = 0;
    for (const Device& device : fleet_.devices()) count += device.alerts().empty() ? 0 : 1;
    return count;
  }

  Reply Ask(std::uint32_t address, std::string_view community = "public") {
    const std::vector<snmp::Oid> names = {"1.3.6.1.2.1.1.5.0"_oid};
    const snmp::RequestTemplate request(snmp::Version::kV2c, snmp::PduType::kGet, names);
    std::vector<std::uint8_t> bytes(200);
    return fleet_.OnDatagram(now_, address, request.Render(community, 1, bytes));
  }

  std::vector<PrinterModel> models_;
  Fleet fleet_;
  base::MonotonicTime now_ = kStart;
};

TEST_F(CommandsTest, ChoosesDevicesByNumberAddressRangeListOrAll) {
  EXPECT_EQ(Run("jam 7"), "ok\n");
  EXPECT_EQ(Troubled(), 1u);
  EXPECT_EQ(Run("jam 127.16.0.1"), "ok\n");
  EXPECT_FALSE(fleet_.devices()[0].alerts().empty());
  EXPECT_EQ(Run("jam 10-12,20"), "ok\n");
  EXPECT_EQ(Troubled(), 6u);
  EXPECT_EQ(Run("clear all"), "ok\n");
  EXPECT_EQ(Troubled(), 0u);
}

TEST_F(CommandsTest, ClearsWhatIsNamedAndNothingElse) {
  Run("jam 0");
  Run("paper-out 0 1");
  Run("paper-out 0 2");

  EXPECT_EQ(Run("clear 0 paper-out 2"), "ok\n");
  EXPECT_EQ(fleet_.devices()[0].alerts().size(), 2u);
  EXPECT_EQ(Run("clear 0 jam"), "ok\n");
  EXPECT_EQ(fleet_.devices()[0].alerts().size(), 1u);
}

TEST_F(CommandsTest, SaysWhatIsWrongWithACommand) {
  for (const std::string_view line : {"",
                                      "dance 1",
                                      "jam",
                                      "jam 300",
                                      "jam 5-3",
                                      "jam 127.16.9.9",
                                      "jam x",
                                      "cover 1 99",
                                      "loss 1 101",
                                      "loss 1",
                                      "delay 1 x",
                                      "silence 1 maybe",
                                      "clear 1 nonsense",
                                      "print 1 -1"}) {
    EXPECT_TRUE(Run(line).starts_with("error: ")) << line << " → " << Run(line);
  }
}

TEST_F(CommandsTest, DumpsARecordingThatReadsBack) {
  Run("toner-low 5");
  const std::string dump = Run("dump 5");

  const snmp::Recording recording =
      snmp::ReadRecording(std::string_view(dump).substr(0, dump.size() - 3));

  EXPECT_EQ(recording.skipped, 0u);
  EXPECT_EQ(recording.rows.size(), fleet_.devices()[5].model().recording().rows.size() + 9);
}

TEST_F(CommandsTest, MakesDevicesSilentLossyAndSlow) {
  EXPECT_EQ(Ask(0x7f100001).outcome, Outcome::kAnswered);
  Run("silence 0 on");
  EXPECT_EQ(Ask(0x7f100001).outcome, Outcome::kSilent);
  Run("silence 0 off");
  Run("loss 0 100");
  EXPECT_EQ(Ask(0x7f100001).outcome, Outcome::kLost);
  Run("loss 0 0");
  Run("delay 0 250");
  EXPECT_EQ(Ask(0x7f100001).delay, std::chrono::milliseconds(250));
  Run("reboot 0");
  EXPECT_EQ(Ask(0x7f100001).outcome, Outcome::kSilent);
  now_ += std::chrono::seconds(6);
  EXPECT_EQ(Ask(0x7f100001).outcome, Outcome::kAnswered);
}

TEST_F(CommandsTest, ReportsStatusListAndCounts) {
  Ask(0x7f100002);
  Ask(0x7f100002, "guess");
  Run("jam 1");

  EXPECT_EQ(Run("list 1"), "1 127.16.0.2 canon-ir-adv-c5550 2X000002\nok\n");
  EXPECT_NE(Run("status 1").find("requests=2 "), std::string::npos);
  EXPECT_NE(Run("status 1").find("wrong=jam:1\n"), std::string::npos);
  EXPECT_NE(Run("counts").find("answered=1 malformed=0 wrong-community=1"), std::string::npos);
}

TEST_F(CommandsTest, GivesEachDeviceAnAddressThatLeadsBackToIt) {
  for (Device& device : fleet_.devices()) {
    const std::uint32_t address = fleet_.AddressOf(device);
    EXPECT_NE(address & 0xff, 0u);
    EXPECT_NE(address & 0xff, 255u);
    EXPECT_EQ(fleet_.DeviceAt(address), &device);
  }
  EXPECT_EQ(fleet_.DeviceAt(0x7f000001), nullptr);
  EXPECT_EQ(fleet_.DeviceAt(0x7f1000ff), nullptr);
  EXPECT_EQ(fleet_.DeviceAt(0x7f110001), nullptr);
}

TEST_F(CommandsTest, RefusesAFleetThatLeavesLoopback) {
  EXPECT_FALSE(Fleet::Make({.devices = 0}, models_, kStart).ok());
  EXPECT_FALSE(Fleet::Make({.devices = 1, .first_address = 0x0a000001}, models_, kStart).ok());
  EXPECT_FALSE(Fleet::Make({.devices = 300, .first_address = 0x7fffff01}, models_, kStart).ok());
}

}  // namespace
}  // namespace platen::fleetsim
