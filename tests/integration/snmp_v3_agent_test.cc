// The collector's reader against net-snmp's agent in SNMPv3: each algorithm, what is refused, and
// an agent that starts anew.
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "services/collector/edge/reader.h"
#include "tests/support/child_process.h"

namespace platen::collector::edge {
namespace {

using core::ReadAnswer;
using snmp::Endpoint;
using snmp::operator""_oid;
using snmp::usm::AuthProtocol;
using snmp::usm::PrivProtocol;
using snmp::usm::UserOptions;
using testing::HasSubstr;
using testing_support::ChildProcess;
using testing_support::Eventually;
using testing_support::ReadWholeFile;
using testing_support::TemporaryDirectory;

constexpr char kSnmpd[] = "/usr/sbin/snmpd";
constexpr char kAuthPassword[] = "a password to sign";
constexpr char kPrivPassword[] = "one to encrypt";

// As snmpd.conf calls them.
const std::map<AuthProtocol, std::string> kAuthNames = {{AuthProtocol::kMd5, "MD5"},
                                                        {AuthProtocol::kSha1, "SHA"},
                                                        {AuthProtocol::kSha224, "SHA-224"},
                                                        {AuthProtocol::kSha256, "SHA-256"},
                                                        {AuthProtocol::kSha384, "SHA-384"},
                                                        {AuthProtocol::kSha512, "SHA-512"}};
const std::map<PrivProtocol, std::string> kPrivNames = {{PrivProtocol::kNone, ""},
                                                        {PrivProtocol::kDes, "DES"},
                                                        {PrivProtocol::kAes128, "AES"},
                                                        {PrivProtocol::kAes192, "AES-192"},
                                                        {PrivProtocol::kAes256, "AES-256"}};

std::string NameOf(AuthProtocol auth, PrivProtocol priv) {
  std::string name = kAuthNames.at(auth) + "with" + kPrivNames.at(priv);
  std::erase(name, '-');
  return name;
}

UserOptions UserOf(AuthProtocol auth, PrivProtocol priv) {
  return {.name = NameOf(auth, priv),
          .auth = auth,
          .auth_password = kAuthPassword,
          .priv = priv,
          .priv_password = kPrivPassword};
}

class SnmpV3AgentTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kSnmpd)) GTEST_SKIP() << "net-snmp is not here";
    setenv("SNMP_PERSISTENT_DIR", directory_.path().c_str(), 1);
    network_ = *snmp::udp::OpenUdp({});
    // Its port must be named beforehand: one that was free a moment ago.
    agent_ = (*snmp::udp::OpenUdp({.ports = 1, .local = Endpoint::V4(0x7f000001, 0)}))->local(0);
    target_.set_address("127.0.0.1");
    target_.mutable_snmp()->set_port(agent_.port);
    target_.mutable_snmp()->set_version(event::v1::SnmpAccess::VERSION_V3);
    std::string config = "agentaddress udp:" + agent_.ToString() + "\nsysName under test\n" +
                         "rouser open noauth\ncreateUser open\n";
    for (const auto& [auth, auth_name] : kAuthNames) {
      for (const auto& [priv, priv_name] : kPrivNames) {
        const std::string user = NameOf(auth, priv);
        config += "createUser " + user + " " + auth_name + " \"" + kAuthPassword + "\"";
        if (!priv_name.empty()) config += " " + priv_name + " \"" + kPrivPassword + "\"";
        config += "\nrouser " + user + (priv_name.empty() ? " auth\n" : " priv\n");
      }
    }
    // By another name than the file in which it keeps its boots and keys.
    config_ = directory_.Write("agent.conf", config);
    StartAgent();
  }

  void StartAgent() {
    snmpd_.reset();
    snmpd_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{
            kSnmpd, "-f", "-Lo", "-C", "-c", config_, "-p", directory_.File("pid"), "-I", "-smux"},
        directory_.File("log"));
  }

  std::unique_ptr<Reader> ReaderFor(const UserOptions& user) {
    ReaderOptions options;
    options.timeout = std::chrono::milliseconds(500);
    options.retries = 10;
    options.users["default"] = user;
    return std::make_unique<Reader>(
        options, *network_, snmp::SipKey{base::SecureRandom64(), base::SecureRandom64()});
  }

  // The name by a GET, and what is under "system" by GETBULKs.
  ReadAnswer Read(Reader& reader) {
    core::ReadingPlan plan;
    plan.scalars = {"1.3.6.1.2.1.1.5.0"_oid};
    plan.subtrees = {"1.3.6.1.2.1.1"_oid};
    reader.Start({.id = {0, ++round_},
                  .access = collector::core::AccessOf(target_),
                  .plan = std::move(plan)});
    std::vector<ReadAnswer> answers;
    while (answers.empty()) {
      reader.Poll(clock_.Now(), answers);
      if (answers.empty()) WaitForReader(reader, clock_.Now(), *network_);
    }
    return answers.front();
  }

  static void ExpectTheAgent(const ReadAnswer& answer) {
    ASSERT_EQ(answer.result, ReadAnswer::Result::kAnswered) << answer.refusal;
    EXPECT_TRUE(answer.complete);
    EXPECT_GT(answer.values.size(), 8u);
    const bool named = std::any_of(answer.values.begin(), answer.values.end(), [](const auto& row) {
      return row.name == "1.3.6.1.2.1.1.5.0"_oid && row.value == snmp::Value::Octets("under test");
    });
    EXPECT_TRUE(named);
  }

  base::RealClock clock_;
  const TemporaryDirectory directory_;
  std::string config_;
  std::unique_ptr<snmp::Datagrams> network_;
  Endpoint agent_;
  event::v1::Target target_;
  std::uint32_t round_ = 0;
  std::unique_ptr<ChildProcess> snmpd_;
};

TEST_F(SnmpV3AgentTest, EveryAlgorithmReadsTheAgent) {
  ExpectTheAgent(Read(*ReaderFor({.name = "open"})));
  for (const auto& [auth, auth_name] : kAuthNames) {
    for (const auto& [priv, priv_name] : kPrivNames) {
      SCOPED_TRACE(NameOf(auth, priv));
      ExpectTheAgent(Read(*ReaderFor(UserOf(auth, priv))));
    }
  }
}

TEST_F(SnmpV3AgentTest, AnAgentThatWasReadCostsNoRequestMore) {
  const auto reader = ReaderFor(UserOf(AuthProtocol::kSha256, PrivProtocol::kAes128));
  ExpectTheAgent(Read(*reader));
  const std::uint64_t first = reader->figures().requests;
  const std::uint64_t timeouts = reader->figures().timeouts;
  ExpectTheAgent(Read(*reader));
  EXPECT_EQ(reader->figures().requests - first, first - timeouts - 1) << "all but the discovery";
}

TEST_F(SnmpV3AgentTest, WhatIsWrongIsSaid) {
  UserOptions user = UserOf(AuthProtocol::kSha256, PrivProtocol::kAes128);
  user.name = "nobody";
  ReadAnswer answer = Read(*ReaderFor(user));
  EXPECT_EQ(answer.result, ReadAnswer::Result::kRefused);
  EXPECT_THAT(answer.refusal, HasSubstr("knows no user \"nobody\""));

  user = UserOf(AuthProtocol::kSha256, PrivProtocol::kAes128);
  user.auth_password = "another password";
  answer = Read(*ReaderFor(user));
  EXPECT_EQ(answer.result, ReadAnswer::Result::kRefused);
  EXPECT_THAT(answer.refusal, HasSubstr("password for authentication is another"));

  user = UserOf(AuthProtocol::kSha256, PrivProtocol::kAes128);
  user.priv = PrivProtocol::kNone;
  answer = Read(*ReaderFor(user));
  EXPECT_NE(answer.result, ReadAnswer::Result::kSilent);
}

TEST_F(SnmpV3AgentTest, AnAgentThatStartsAnewIsFollowed) {
  const auto reader = ReaderFor(UserOf(AuthProtocol::kSha512, PrivProtocol::kAes256));
  ExpectTheAgent(Read(*reader));
  StartAgent();
  ExpectTheAgent(Read(*reader));
}

}  // namespace
}  // namespace platen::collector::edge
