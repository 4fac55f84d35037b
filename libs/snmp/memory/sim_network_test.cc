#include "libs/snmp/memory/sim_network.h"

#include <string>

#include <gtest/gtest.h>

namespace platen::snmp::memory {
namespace {

using std::chrono::milliseconds;

const Endpoint kAgent = Endpoint::V4(0xc0000201, 161);

std::vector<SimNetwork::Bytes> Echo(const InDatagram& request) {
  return {SimNetwork::Bytes(request.bytes.begin(), request.bytes.end())};
}

// Sends `count` numbered datagrams to an echoing agent and returns, in order, the numbers that come
// back.
std::vector<int> EchoThrough(const SimFaults& faults,
                             int count,
                             SimCounts* counts = nullptr,
                             std::uint64_t seed = 1) {
  base::SimClock clock;
  SimNetwork network(clock, seed);
  network.set_faults(faults);
  network.Serve(kAgent, Echo);
  const auto client = network.Open({.address = Endpoint::V4(0xc0000264, 0), .ports = 2});
  for (int i = 0; i < count; ++i) {
    const std::uint8_t number[] = {static_cast<std::uint8_t>(i)};
    client->Send(std::vector<OutDatagram>{
        {.to = kAgent, .bytes = number, .via = static_cast<std::uint8_t>(i % 2)}});
  }
  std::vector<int> back;
  while (client->Wait(std::chrono::seconds(1))) {
    for (const InDatagram& in : client->Receive()) {
      if (in.from == kAgent) back.push_back(in.bytes[0]);
    }
  }
  if (counts != nullptr) *counts = network.counts();
  return back;
}

TEST(SimNetworkTest, DeliversInOrderWithoutFaults) {
  EXPECT_EQ(EchoThrough({}, 4), (std::vector<int>{0, 1, 2, 3}));
}

TEST(SimNetworkTest, ReplaysFromItsSeed) {
  const SimFaults faults{
      .loss = 0.2, .duplicate = 0.2, .corrupt = 0.1, .spoof = 0.1, .delay_max = milliseconds(50)};

  EXPECT_EQ(EchoThrough(faults, 200, nullptr, 7), EchoThrough(faults, 200, nullptr, 7));
  EXPECT_NE(EchoThrough(faults, 200, nullptr, 7), EchoThrough(faults, 200, nullptr, 8));
}

TEST(SimNetworkTest, LosesAboutAsManyAsAsked) {
  SimCounts counts;
  const auto back = EchoThrough({.loss = 0.3}, 250, &counts);

  EXPECT_NEAR(static_cast<double>(back.size()), 250 * 0.7 * 0.7, 30);
  EXPECT_EQ(back.size(), 250 - counts.lost);
}

TEST(SimNetworkTest, DelaysReorderAndDuplicatesRepeat) {
  SimCounts counts;
  const auto back = EchoThrough({.duplicate = 0.2, .delay_max = milliseconds(100)}, 100, &counts);

  EXPECT_FALSE(std::is_sorted(back.begin(), back.end()));
  EXPECT_GT(counts.duplicated, 0u);
  EXPECT_GT(back.size(), 100u);
}

TEST(SimNetworkTest, CountsWhatNobodyReceives) {
  base::SimClock clock;
  SimNetwork network(clock, 1);
  const auto client = network.Open({.address = Endpoint::V4(1, 1)});
  const std::uint8_t byte[] = {1};
  client->Send(std::vector<OutDatagram>{{.to = kAgent, .bytes = byte}});

  EXPECT_FALSE(client->Wait(std::chrono::seconds(1)));
  EXPECT_EQ(network.counts().unreachable, 1u);
}

TEST(SimNetworkTest, WaitMovesTheClockNoFurtherThanNeeded) {
  base::SimClock clock;
  SimNetwork network(clock, 1);
  network.set_faults({.delay_min = milliseconds(10), .delay_max = milliseconds(10)});
  network.Serve(kAgent, Echo);
  const auto client = network.Open({.address = Endpoint::V4(1, 1)});
  const std::uint8_t byte[] = {1};
  client->Send(std::vector<OutDatagram>{{.to = kAgent, .bytes = byte}});
  const base::MonotonicTime start = clock.Now();

  EXPECT_TRUE(client->Wait(std::chrono::seconds(5)));
  EXPECT_EQ(clock.Now() - start, milliseconds(20));
}

}  // namespace
}  // namespace platen::snmp::memory
