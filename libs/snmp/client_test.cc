#include "libs/snmp/client.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/snmp/memory/sim_network.h"
#include "libs/snmp/recording_mib.h"

namespace platen::snmp {
namespace {

using memory::SimFaults;
using memory::SimNetwork;
using std::chrono::milliseconds;

const Endpoint kPrinter = Endpoint::V4(0xc0000201, 161);

std::string Mib() {
  std::string text;
  for (int i = 1; i <= 200; ++i)
    text += "1.3.6.1.2.1.43." + std::to_string(i) + ".0|65|" + std::to_string(i * i) + "\n";
  return text;
}

// One printer and one client on a simulated network.
class ClientTest : public testing::Test {
 protected:
  void Start(const SimFaults& faults, std::uint64_t seed = 1, int retries = 8) {
    client_.reset();
    port_.reset();
    network_ = std::make_unique<SimNetwork>(clock_, seed);
    network_->set_faults(faults);
    network_->Serve(kPrinter, [this](const InDatagram& in) { return AnswerOne(in); });
    port_ = network_->Open({.address = Endpoint::V4(0xc0000264, 0), .ports = 4});
    client_ = std::make_unique<Client>(
        *port_,
        clock_,
        SipKey{seed, 2},
        ClientOptions{.agent = kPrinter, .timeout = milliseconds(500), .retries = retries});
  }

  std::vector<SimNetwork::Bytes> AnswerOne(const InDatagram& in) {
    MessageView request;
    if (decoder_.Decode(in.bytes, request) != DecodeFault::kNone ||
        request.head.community != "public")
      return {};
    std::vector<std::uint8_t> buffer(1472);
    const auto answer = Answer(request, mib_, {}, buffer);
    if (answer.empty()) return {};
    return {SimNetwork::Bytes(answer.begin(), answer.end())};
  }

  const Recording recording_ = ReadRecording(Mib());
  RecordingMib mib_{recording_};
  MessageDecoder decoder_;
  base::SimClock clock_;
  std::unique_ptr<SimNetwork> network_;
  std::unique_ptr<Datagrams> port_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, ReadsWhatTheAgentHas) {
  Start({});

  EXPECT_EQ(*client_->WalkAll({{"1.3.6.1.2.1"_oid}}), recording_.rows);
  const auto got = *client_->Get({{"1.3.6.1.2.1.43.3.0"_oid, "1.3.6.1.9.0"_oid}});
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].value, Value::Number(ValueType::kCounter32, 9));
  EXPECT_TRUE(got[1].value.view().is_exception());
}

TEST_F(ClientTest, ReadsTheSameThroughABadNetworkAndForgeries) {
  memory::SimCounts seen;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Start({.loss = 0.2, .duplicate = 0.2, .spoof = 0.3, .delay_max = milliseconds(300)}, seed);

    const auto rows = client_->WalkAll({{"1.3.6.1.2.1"_oid}});

    ASSERT_TRUE(rows.ok()) << rows.status() << " with seed " << seed;
    ASSERT_EQ(*rows, recording_.rows) << "with seed " << seed;
    seen.lost += network_->counts().lost;
    seen.duplicated += network_->counts().duplicated;
    seen.spoofed += network_->counts().spoofed;
  }
  EXPECT_GT(seen.lost, 0u);
  EXPECT_GT(seen.duplicated, 0u);
  EXPECT_GT(seen.spoofed, 0u);
}

TEST_F(ClientTest, CountsForgeriesByReason) {
  Start({.spoof = 1.0}, 3);

  ASSERT_TRUE(client_->WalkAll({{"1.3.6.1.2.1"_oid}}).ok());

  const ClientCounts counts = client_->counts();
  std::uint64_t refused = 0;
  for (std::size_t i = 1; i < kDecodeFaults; ++i) refused += counts.refused[i];
  for (std::size_t i = 1; i < kMatchResults; ++i) refused += counts.matched[i];
  EXPECT_GT(refused, 0u);
  EXPECT_GT(counts.matched[static_cast<std::size_t>(MatchResult::kWrongAddress)], 0u);
}

TEST_F(ClientTest, SaysThatNobodyAnswers) {
  Start({.loss = 1.0}, 1, 1);
  const base::MonotonicTime start = clock_.Now();

  const auto rows = client_->WalkAll({{"1.3.6.1.2.1"_oid}});

  EXPECT_EQ(rows.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client_->counts().timeouts, 4u);  // Two attempts in v2c and two in v1.
  EXPECT_EQ(clock_.Now() - start, milliseconds(2000));
}

}  // namespace
}  // namespace platen::snmp
