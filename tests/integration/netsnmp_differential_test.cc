// Every object of every recording, asked of an independent agent (snmpsim) by net-snmp's tools and
// by our client: name, type and bytes have to be the same, and those of the file.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/snmp/client.h"
#include "libs/snmp/recording.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "tests/support/child_process.h"
#include "tests/support/printer_recordings.h"

namespace platen::snmp {
namespace {

using testing_support::ChildProcess;
using testing_support::Eventually;
using testing_support::ReadWholeFile;
using testing_support::SourceFile;
using testing_support::TemporaryDirectory;

constexpr char kSnmpbulkwalk[] = "/usr/bin/snmpbulkwalk";
constexpr char kSnmpwalk[] = "/usr/bin/snmpwalk";

class NetSnmpDifferentialTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string responder = SourceFile(".venv/bin/snmpsim-command-responder");
    if (!std::filesystem::exists(responder) || !std::filesystem::exists(kSnmpbulkwalk)) {
      GTEST_SKIP() << "snmpsim or net-snmp's tools are not here; run scripts/setup";
    }
    setenv("SNMP_PERSISTENT_DIR", directory_.path().c_str(), 1);
    network_ = *udp::OpenUdp({});
    const std::string data = directory_.File("data");
    std::filesystem::create_directory(data);
    for (const auto& [name, file] : testing_support::PrinterRecordings()) {
      const Recording recording = ReadRecording(ReadWholeFile(file));
      ASSERT_FALSE(recording.rows.empty()) << file;
      // As we write them: snmpsim answers nothing at all from a file with one damaged line.
      std::ofstream out(data + "/" + name + ".snmprec", std::ios::binary);
      for (const Varbind& row : recording.rows) out << ToSnmprec(row.view()) << "\n";
      rows_[name] = recording.rows;
    }
    Serve(responder, data);
  }

  void Serve(const std::string& responder, const std::string& data) {
    // Its port must be named beforehand: one that was free a moment ago.
    agent_ = (*udp::OpenUdp({.ports = 1, .local = Endpoint::V4(0x7f000001, 0)}))->local(0);
    std::vector<std::string> command = {responder,
                                        "--data-dir=" + data,
                                        "--cache-dir=" + directory_.File("cache"),
                                        "--agent-udpv4-endpoint=" + agent_.ToString(),
                                        "--logging-method=null"};
    // It insists on giving privileges up; here it keeps those it has.
    if (geteuid() == 0) {
      command.insert(command.end(), {"--process-user=root", "--process-group=root"});
    }
    agent_process_ = std::make_unique<ChildProcess>(command, directory_.File("agent.log"));
    const std::string first = rows_.begin()->first;
    ASSERT_TRUE(Eventually([&] { return Connect(first)->Get({{rows_[first].front().name}}).ok(); }))
        << ReadWholeFile(directory_.File("agent.log"));
  }

  std::unique_ptr<Client> Connect(const std::string& community, Version version = Version::kV2c) {
    auto client = std::make_unique<Client>(*network_,
                                           clock_,
                                           SipKey{base::SecureRandom64(), base::SecureRandom64()},
                                           ClientOptions{.agent = agent_,
                                                         .community = community,
                                                         .timeout = std::chrono::seconds(5),
                                                         .retries = 2});
    client->limits().version = version;
    return client;
  }

  // What net-snmp reads, with every text in hexadecimal so that no byte is lost on the way.
  std::vector<Varbind> NetSnmp(const std::string& community, Version version) {
    ChildProcess walk({version == Version::kV1 ? kSnmpwalk : kSnmpbulkwalk,
                       version == Version::kV1 ? "-v1" : "-v2c",
                       "-On",
                       "-Oe",
                       "-Ot",
                       "-Ox",
                       "-t5",
                       "-r2",
                       "-c",
                       community,
                       agent_.ToString(),
                       "1.3.6"});
    std::string said;
    while (const auto line = walk.ReadLine()) said += *line + "\n";
    EXPECT_EQ(walk.Wait(), 0);
    const Recording read = ReadRecording(said);
    EXPECT_EQ(read.skipped, 0u) << (read.listed.empty() ? "" : read.listed.front().reason);
    return read.rows;
  }

  static void ExpectSame(const std::vector<Varbind>& ours, const std::vector<Varbind>& theirs) {
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      ASSERT_EQ(ours[i].name, theirs[i].name);
      EXPECT_EQ(ours[i].value, theirs[i].value) << ours[i].name.ToString();
    }
  }

  base::RealClock clock_;
  const TemporaryDirectory directory_;
  std::unique_ptr<Datagrams> network_;
  Endpoint agent_;
  std::unique_ptr<ChildProcess> agent_process_;
  std::map<std::string, std::vector<Varbind>> rows_;
};

TEST_F(NetSnmpDifferentialTest, EveryObjectIsReadAsNetSnmpReadsIt) {
  std::size_t objects = 0;
  for (const auto& [name, rows] : rows_) {
    SCOPED_TRACE(name);
    const auto ours = Connect(name)->WalkAll({{"1.3.6"_oid}});
    ASSERT_TRUE(ours.ok()) << ours.status();
    ExpectSame(*ours, NetSnmp(name, Version::kV2c));
    ExpectSame(*ours, rows);
    objects += ours->size();
  }
  std::cout << rows_.size() << " recordings, " << objects << " objects\n";
}

TEST_F(NetSnmpDifferentialTest, InVersion1Too) {
  // Without Counter64, which version 1 does not have; three recordings are enough for a PDU type.
  int compared = 0;
  for (const auto& [name, rows] : rows_) {
    if (++compared > 3) break;
    SCOPED_TRACE(name);
    const auto ours = Connect(name, Version::kV1)->WalkAll({{"1.3.6"_oid}});
    ASSERT_TRUE(ours.ok()) << ours.status();
    ExpectSame(*ours, NetSnmp(name, Version::kV1));
  }
}

}  // namespace
}  // namespace platen::snmp
