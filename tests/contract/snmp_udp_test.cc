// What only the kernel's UDP has: refusals, truncation, overflow, and agents under many loopback
// addresses.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

#include "libs/base/real_clock.h"
#include "libs/snmp/udp/udp_datagrams.h"

namespace platen::snmp::udp {
namespace {

using std::chrono::seconds;

const Endpoint kLoopback = Endpoint::V4(0x7f000001, 0);

std::size_t SendOne(Datagrams& party, const OutDatagram& out) {
  return party.Send({&out, 1});
}

TEST(UdpTest, CountsARefusedDestinationAsTakenAndGoesOn) {
  const auto a = *OpenUdp({.ports = 1, .local = kLoopback});
  const auto b = *OpenUdp({.ports = 1, .local = kLoopback});
  const std::vector<std::uint8_t> hello = {'h', 'i'};
  const std::vector<std::uint8_t> too_long(65508);
  const std::vector<OutDatagram> batch = {{.to = b->local(0), .bytes = hello},
                                          {.to = *Endpoint::Parse("2001:db8::1"), .bytes = hello},
                                          {.to = b->local(0), .bytes = too_long},
                                          {.to = b->local(0), .bytes = hello}};

  EXPECT_EQ(a->Send(batch), 4u);
  EXPECT_EQ(a->counts().send_refused, 2u);
  EXPECT_EQ(a->counts().sent, 2u);
}

TEST(UdpTest, DropsAndCountsWhatIsLongerThanItsBuffers) {
  const auto a = *OpenUdp({.ports = 1, .local = kLoopback});
  const auto b = *OpenUdp({.ports = 1, .local = kLoopback, .datagram_bytes_max = 100});
  const std::vector<std::uint8_t> fits(100);
  const std::vector<std::uint8_t> too_long(101);
  SendOne(*a, {.to = b->local(0), .bytes = too_long});
  SendOne(*a, {.to = b->local(0), .bytes = fits});

  std::size_t received = 0;
  while (received == 0 && b->Wait(seconds(10))) received += b->Receive().size();

  EXPECT_EQ(received, 1u);
  EXPECT_EQ(b->counts().receive_oversized, 1u);
}

TEST(UdpTest, CountsWhatTheKernelDroppedForWantOfRoom) {
  const auto a = *OpenUdp({.ports = 1, .local = kLoopback});
  const auto b = *OpenUdp({.ports = 1, .local = kLoopback, .receive_buffer_bytes = 4096});
  const std::vector<std::uint8_t> bytes(1000);
  for (int i = 0; i < 100; ++i) SendOne(*a, {.to = b->local(0), .bytes = bytes});

  EXPECT_GT(b->counts().receive_overflow, 0u);
}

TEST(UdpTest, ItsDescriptorIsReadableWhileSomethingWaits) {
  const auto a = *OpenUdp({.ports = 1, .local = kLoopback});
  const auto b = *OpenUdp({.ports = 4, .local = kLoopback});
  pollfd watched{.fd = b->fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, 0), 0);

  const std::vector<std::uint8_t> hello = {'h', 'i'};
  SendOne(*a, {.to = b->local(3), .bytes = hello});

  EXPECT_EQ(poll(&watched, 1, 10'000), 1);
  EXPECT_EQ(b->Receive().size(), 1u);
  EXPECT_EQ(poll(&watched, 1, 0), 0);
}

TEST(UdpTest, GathersForAMomentWhatComesAfterAWait) {
  constexpr base::Duration kMoment = std::chrono::milliseconds(50);
  const auto a = *OpenUdp({.ports = 1, .local = kLoopback});
  const auto b = *OpenUdp({.ports = 1, .local = kLoopback, .gather = kMoment});
  const std::vector<std::uint8_t> hello = {'h', 'i'};
  EXPECT_FALSE(b->Wait(base::Duration(0)));
  const base::MonotonicTime begin = base::RealClock().Now();
  SendOne(*a, {.to = b->local(0), .bytes = hello});

  EXPECT_TRUE(b->Wait(base::Duration(0)));

  EXPECT_GE(base::RealClock().Now() - begin, kMoment / 2);
  EXPECT_EQ(b->Receive().size(), 1u);
}

TEST(UdpTest, AgentsAnswerFromTheAddressThatWasAsked) {
  const auto agents = *OpenUdpAgents({});
  const std::uint16_t port = agents->local(0).port;
  const auto client = *OpenUdp({.ports = 2, .local = kLoopback});
  const std::vector<std::uint8_t> hello = {'h', 'i'};
  for (const std::uint32_t host : {0x7f100001u, 0x7f10ff02u, 0x7f000001u}) {
    SendOne(*client, {.to = Endpoint::V4(host, port), .bytes = hello, .via = 1});
    ASSERT_TRUE(agents->Wait(seconds(10)));
    const auto asked = agents->Receive();
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked[0].to, Endpoint::V4(host, port));

    SendOne(*agents, {.to = asked[0].from, .bytes = hello, .from = asked[0].to});

    ASSERT_TRUE(client->Wait(seconds(10)));
    const auto answers = client->Receive();
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].from, Endpoint::V4(host, port));
  }
}

TEST(UdpTest, ReachesBothFamiliesWhenAskedTo) {
  const auto a = OpenUdp({.ports = 1, .ipv6 = true});
  if (!a.ok()) GTEST_SKIP() << "no IPv6 here: " << a.status();
  const auto b = *OpenUdp({.ports = 1, .local = kLoopback});
  const std::vector<std::uint8_t> hello = {'h', 'i'};

  SendOne(**a, {.to = b->local(0), .bytes = hello});

  ASSERT_TRUE(b->Wait(seconds(10)));
  EXPECT_EQ(b->Receive()[0].from, Endpoint::V4(0x7f000001, (*a)->local(0).port));
}

TEST(UdpTest, SaysWhatIsWrongWithItsOptions) {
  EXPECT_EQ(OpenUdp({.ports = 0}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenUdp({.batch = 0}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenUdp({.datagram_bytes_max = 70000}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenUdp({.local = *Endpoint::Parse("192.0.2.1:0")}).status().code(),
            absl::StatusCode::kUnavailable);
  const auto first = *OpenUdp({.ports = 1, .local = kLoopback});
  EXPECT_EQ(OpenUdp({.ports = 1, .local = first->local(0)}).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace platen::snmp::udp
