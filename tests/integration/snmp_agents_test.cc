// Our client against net-snmp's agent, and net-snmp's client against our simulator: two
// implementations that share nothing have to agree.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/snmp/client.h"
#include "libs/snmp/recording.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "tests/support/child_process.h"

namespace platen::snmp {
namespace {

using testing_support::ChildProcess;
using testing_support::Eventually;
using testing_support::ReadWholeFile;
using testing_support::TemporaryDirectory;

constexpr char kSnmpd[] = "/usr/sbin/snmpd";
constexpr char kSnmpwalk[] = "/usr/bin/snmpwalk";
constexpr char kSnmpget[] = "/usr/bin/snmpget";
constexpr char kAuthPassword[] = "a password to sign";
constexpr char kPrivPassword[] = "one to encrypt";

class SnmpAgentsTest : public testing::Test {
 protected:
  SnmpAgentsTest() {
    setenv("SNMP_PERSISTENT_DIR", directory_.path().c_str(), 1);
    network_ = *udp::OpenUdp({});
  }

  std::unique_ptr<Client> Connect(const Endpoint& agent,
                                  const std::string& community = "public",
                                  Version version = Version::kV2c,
                                  int retries = 3) {
    auto client = std::make_unique<Client>(*network_,
                                           clock_,
                                           SipKey{base::SecureRandom64(), base::SecureRandom64()},
                                           ClientOptions{.agent = agent,
                                                         .community = community,
                                                         .timeout = std::chrono::milliseconds(500),
                                                         .retries = retries});
    client->limits().version = version;
    return client;
  }

  // What net-snmp's own client reads.
  Recording Snmpwalk(const Endpoint& agent,
                     const std::string& version,
                     const std::string& subtree) {
    const std::string output = directory_.File("walk");
    ChildProcess walk({kSnmpwalk, version, "-On", "-c", "public", agent.ToString(), subtree},
                      output);
    EXPECT_EQ(walk.Wait(), 0);
    return ReadRecording(ReadWholeFile(output));
  }

  // Time passes between two readings: names are compared, and all values that are no times.
  static void ExpectSame(const std::vector<Varbind>& read, const std::vector<Varbind>& expected) {
    ASSERT_EQ(read.size(), expected.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      ASSERT_EQ(read[i].name, expected[i].name);
      if (expected[i].value.type() == ValueType::kTimeTicks) continue;
      EXPECT_EQ(read[i].value, expected[i].value) << read[i].name.ToString();
    }
  }

  base::RealClock clock_;
  const TemporaryDirectory directory_;
  std::unique_ptr<Datagrams> network_;
};

class NetSnmpAgentTest : public SnmpAgentsTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kSnmpd) || !std::filesystem::exists(kSnmpwalk))
      GTEST_SKIP() << "net-snmp is not here";
    // Its port must be named beforehand: one that was free a moment ago.
    agent_ = (*udp::OpenUdp({.ports = 1, .local = Endpoint::V4(0x7f000001, 0)}))->local(0);
    const std::string config = directory_.Write(
        "snmpd.conf",
        "agentaddress udp:" + agent_.ToString() + "\nrocommunity public 127.0.0.1\n" +
            "sysLocation second floor\nsysContact ops\nsysName agent-under-test\n");
    snmpd_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{
            kSnmpd, "-f", "-Lo", "-C", "-c", config, "-p", directory_.File("pid"), "-I", "-smux"},
        directory_.File("log"));
    ASSERT_TRUE(Eventually([&] { return Connect(agent_)->Get({{"1.3.6.1.2.1.1.5.0"_oid}}).ok(); }))
        << ReadWholeFile(directory_.File("log"));
  }

  Endpoint agent_;
  std::unique_ptr<ChildProcess> snmpd_;
};

TEST_F(NetSnmpAgentTest, ReadsInV2cWhatNetSnmpReads) {
  const auto client = Connect(agent_);

  const auto rows = client->WalkAll({{"1.3.6.1.2.1.1"_oid}});

  ASSERT_TRUE(rows.ok()) << rows.status();
  ExpectSame(*rows, Snmpwalk(agent_, "-v2c", "1.3.6.1.2.1.1").rows);
  EXPECT_GT(rows->size(), 8u);
}

TEST_F(NetSnmpAgentTest, ReadsInV1WhatNetSnmpReads) {
  const auto client = Connect(agent_, "public", Version::kV1);

  const auto rows = client->WalkAll({{"1.3.6.1.2.1.1"_oid}});

  ASSERT_TRUE(rows.ok()) << rows.status();
  ExpectSame(*rows, Snmpwalk(agent_, "-v1", "1.3.6.1.2.1.1").rows);
  EXPECT_EQ(client->limits().version, Version::kV1);
}

TEST_F(NetSnmpAgentTest, ReadsAWholeTreeToItsEnd) {
  const auto rows =
      Connect(agent_)->WalkAll({{"1.3.6.1.2.1.25"_oid, "1.3.6.1.2.1.2"_oid, "1.3.6.1.2.1.1"_oid}});

  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_GT(rows->size(), 100u);
}

TEST_F(NetSnmpAgentTest, LearnsOfMissingObjectsInBothVersions) {
  for (const Version version : {Version::kV1, Version::kV2c}) {
    const auto client = Connect(agent_, "public", version);

    const auto rows =
        client->Get({{"1.3.6.1.2.1.1.5.0"_oid, "1.3.6.1.2.1.1.99.0"_oid, "1.3.6.1.2.1.1.6.0"_oid}});

    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->size(), 3u);
    int found = 0;
    for (const Varbind& row : *rows) {
      if (row.name == "1.3.6.1.2.1.1.6.0"_oid) {
        EXPECT_EQ(row.value, Value::Octets("second floor"));
      }
      found += row.value.view().is_exception() ? 0 : 1;
    }
    EXPECT_EQ(found, 2);
  }
}

TEST_F(NetSnmpAgentTest, IsNotAnsweredUnderAnotherCommunity) {
  const auto rows = Connect(agent_, "guess", Version::kV2c, 0)->Get({{"1.3.6.1.2.1.1.5.0"_oid}});

  EXPECT_EQ(rows.status().code(), absl::StatusCode::kUnavailable);
}

class FleetsimTest : public SnmpAgentsTest {
 protected:
  void SetUp() override {
    const std::string output = directory_.File("fleet");
    setenv("PLATEN_SNMP_AUTH_PASSWORD", kAuthPassword, 1);
    setenv("PLATEN_SNMP_PRIV_PASSWORD", kPrivPassword, 1);
    fleet_ =
        std::make_unique<ChildProcess>(std::vector<std::string>{Binary(),
                                                                "--devices=10",
                                                                "--port=0",
                                                                "--user=fleet",
                                                                "--control=" + socket_,
                                                                "--recordings=" + Recordings()},
                                       output);
    ASSERT_TRUE(Eventually([&] { return ReadWholeFile(output).find('\n') != std::string::npos; }));
    const std::string said = ReadWholeFile(output);
    const std::size_t at = said.find("UDP port ");
    ASSERT_NE(at, std::string::npos) << said;
    port_ = static_cast<std::uint16_t>(std::atoi(said.c_str() + at + 9));
  }

  static std::string Binary() {
    return std::string(std::getenv("PLATEN_BUILD_DIR")) + "/bin/platen-fleetsim";
  }

  static std::string Recordings() {
    return std::string(std::getenv("PLATEN_SOURCE_DIR")) + "/tests/testdata/printers";
  }

  std::string Tell(const std::vector<std::string>& words, int expected_code = 0) {
    std::vector<std::string> command = {Binary(), "ctl", socket_};
    command.insert(command.end(), words.begin(), words.end());
    const std::string output = directory_.File("told");
    ChildProcess told(command, output);
    EXPECT_EQ(told.Wait(), expected_code);
    return ReadWholeFile(output);
  }

  // What net-snmp's client has to say of one object, asked by SNMPv3.
  int Snmpget3(const std::string& auth_password, const Endpoint& agent, std::string& said) {
    const std::string output = directory_.File("got");
    ChildProcess get({kSnmpget,
                      "-v3",
                      "-On",
                      "-l",
                      "authPriv",
                      "-u",
                      "fleet",
                      "-a",
                      "SHA-256",
                      "-A",
                      auth_password,
                      "-x",
                      "AES",
                      "-X",
                      kPrivPassword,
                      agent.ToString(),
                      "1.3.6.1.2.1.1.5.0"},
                     output);
    const int code = get.Wait();
    said = ReadWholeFile(output);
    return code;
  }

  Endpoint At(std::uint32_t number) const { return Endpoint::V4(0x7f100001 + number, port_); }

  const std::string socket_ = directory_.File("control");
  std::uint16_t port_ = 0;
  std::unique_ptr<ChildProcess> fleet_;
};

TEST_F(FleetsimTest, AnswersNetSnmpsClientInV3) {
  if (!std::filesystem::exists(kSnmpget)) GTEST_SKIP() << "net-snmp is not here";
  const auto name = Connect(At(3))->Get({{"1.3.6.1.2.1.1.5.0"_oid}});
  ASSERT_TRUE(name.ok()) << name.status();
  std::string said;

  EXPECT_EQ(Snmpget3(kAuthPassword, At(3), said), 0) << said;

  EXPECT_NE(said.find(std::string(*name->front().value.view().AsBytes())), std::string::npos)
      << said;
  EXPECT_NE(Snmpget3("another password", At(3), said), 0);
  EXPECT_NE(said.find("Authentication failure"), std::string::npos) << said;
}

TEST_F(FleetsimTest, SaysThroughSnmpWhatItDumps) {
  Tell({"jam", "3"});
  Tell({"toner-low", "4,5"});
  for (std::uint32_t number = 0; number < 10; ++number) {
    const Recording dump = ReadRecording(Tell({"dump", std::to_string(number)}));
    ASSERT_EQ(dump.skipped, 0u);
    for (const Version version : {Version::kV1, Version::kV2c}) {
      const auto rows = Connect(At(number), "public", version)->WalkAll({{"1.3.6.1"_oid}});
      ASSERT_TRUE(rows.ok()) << rows.status();
      ExpectSame(*rows, dump.rows);
    }
  }
}

TEST_F(FleetsimTest, SaysTheSameToNetSnmp) {
  if (!std::filesystem::exists(kSnmpwalk)) GTEST_SKIP() << "net-snmp is not here";
  for (const std::uint32_t number : {0u, 6u}) {
    const Recording dump = ReadRecording(Tell({"dump", std::to_string(number)}));
    // net-snmp writes blanks and other texts in a way that does not always read back; names and
    // numbers do.
    const Recording walk = Snmpwalk(At(number), "-v2c", "1.3.6.1");
    ASSERT_EQ(walk.rows.size(), dump.rows.size());
    for (std::size_t i = 0; i < walk.rows.size(); ++i) {
      ASSERT_EQ(walk.rows[i].name, dump.rows[i].name);
      const Value& value = dump.rows[i].value;
      const bool number_or_oid = value.view().is_number() || value.AsOid().has_value();
      if (number_or_oid && value.type() != ValueType::kTimeTicks) {
        EXPECT_EQ(walk.rows[i].value, value) << walk.rows[i].name.ToString();
      }
    }
  }
}

TEST_F(FleetsimTest, ComplainsAndEndsInOrder) {
  EXPECT_NE(Tell({"dance", "1"}, 1).find("is not a command"), std::string::npos);

  fleet_->Signal(SIGTERM);

  EXPECT_EQ(fleet_->Wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(socket_));
  EXPECT_NE(Tell({"list"}, 1).find("connecting to"), std::string::npos);
}

}  // namespace
}  // namespace platen::snmp
