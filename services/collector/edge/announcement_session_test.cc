#include "services/collector/edge/announcement_session.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/snmp/memory/sim_network.h"

namespace platen::collector::edge {
namespace {

using collector::v1::FOUND_BY_SLP;
using core::AddressSet;
using core::RangeEnds;
using snmp::memory::SimNetwork;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

// An SLP answer to `request`: a service at `host`.
SimNetwork::Bytes AnswerTo(const snmp::InDatagram& request, std::string_view host) {
  const std::string url = "service:printer:lpr://" + std::string(host) + "/q";
  SimNetwork::Bytes answer = {2, 2, 0, 0, 0, 0, 0, 0, 0, 0};
  answer.insert(answer.end(), request.bytes.begin() + 10, request.bytes.begin() + 12);
  for (const int byte : {0, 2, int{'e'}, int{'n'}, 0, 0, 0, 1, 0, 0, 60, 0}) {
    answer.push_back(static_cast<std::uint8_t>(byte));
  }
  answer.push_back(static_cast<std::uint8_t>(url.size()));
  answer.insert(answer.end(), url.begin(), url.end());
  answer.push_back(0);
  answer[4] = static_cast<std::uint8_t>(answer.size());
  return answer;
}

snmp::Endpoint At(std::string_view address) {
  return *snmp::Endpoint::Parse(address, 427);
}

class AnnouncementSessionTest : public testing::Test {
 protected:
  // At 192.0.2.`number`; the first `lost` requests never reach it.
  void Serve(std::uint32_t number, int lost = 0) {
    const snmp::Endpoint here = snmp::Endpoint::V4(0xc0000200 + number, 427);
    network_.Serve(here, [this, here, lost](const snmp::InDatagram& in) {
      times_[here].push_back(clock_.Now());
      std::vector<SimNetwork::Bytes> answers;
      if (static_cast<int>(times_[here].size()) > lost) {
        answers.push_back(AnswerTo(in, here.AddressToString()));
      }
      return answers;
    });
  }

  // Of `ranges`, or of the group.
  core::AnnouncementQuery Query(std::string_view ranges) {
    core::DiscoveryScope scope;
    scope.allowed = *AddressSet::Parse("192.0.2.0/24", RangeEnds::kMeant);
    scope.has_allowed = true;
    std::optional<AddressSet> asked;
    if (!ranges.empty()) asked = *AddressSet::Parse(ranges, RangeEnds::kLeftOut);
    return *core::MakeAnnouncementQuery(FOUND_BY_SLP, asked, 0, scope);
  }

  // What was proposed.
  std::vector<std::string> Run(std::string_view ranges, const DiscoveryOptions& options = {}) {
    const auto port = network_.Open({.address = snmp::Endpoint::V4(0xc0000264, 0), .ports = 1});
    AnnouncementSession session(Query(ranges), options, *port, {1, 2});
    while (!session.done()) {
      session.Poll(clock_.Now());
      if (const auto next = session.next()) port->Wait(*next - clock_.Now());
    }
    tally_ = session.tally();
    std::vector<std::string> addresses;
    for (const auto& [address, printer] : session.proposed())
      addresses.push_back(printer.address());
    return addresses;
  }

  base::SimClock clock_;
  SimNetwork network_{clock_, 1};
  std::map<snmp::Endpoint, std::vector<base::MonotonicTime>> times_;
  collector::v1::AnnouncementTally tally_;
};

TEST_F(AnnouncementSessionTest, WhoAnswersIsAskedOnceAndWhoDoesNotAgain) {
  Serve(7);
  Serve(9, 1);
  EXPECT_THAT(Run("192.0.2.1-192.0.2.10"), ElementsAre("192.0.2.7", "192.0.2.9"));
  EXPECT_THAT(times_[At("192.0.2.7")], SizeIs(1));
  EXPECT_THAT(times_[At("192.0.2.9")], SizeIs(2));
  // Ten, and again the nine that were silent.
  EXPECT_EQ(tally_.queries(), 19U);
  EXPECT_EQ(tally_.answers(), 2U);
}

TEST_F(AnnouncementSessionTest, AGroupIsAskedAsOftenAsThereAreTriesAndAllAreHeard) {
  const auto seven = network_.Open({.address = At("192.0.2.7")});
  const auto eight = network_.Open({.address = At("192.0.2.8")});
  const auto stranger = network_.Open({.address = At("198.51.100.1")});
  network_.Serve(At("239.255.255.253"), [&](const snmp::InDatagram& in) {
    for (const auto& [party, host] : {std::pair{seven.get(), "192.0.2.7"},
                                      std::pair{eight.get(), "printer8"},
                                      std::pair{stranger.get(), "192.0.2.9"}}) {
      const SimNetwork::Bytes answer = AnswerTo(in, host);
      const snmp::OutDatagram out{.to = in.from, .bytes = answer};
      party->Send({&out, 1});
    }
    return std::vector<SimNetwork::Bytes>();
  });
  EXPECT_THAT(Run("", {.tries = 3}), ElementsAre("192.0.2.7", "192.0.2.8"));
  EXPECT_EQ(tally_.queries(), 3U);
  EXPECT_EQ(tally_.strangers(), 3U);
}

TEST_F(AnnouncementSessionTest, TheRateHoldsAndALineBearsNoMore) {
  for (std::uint32_t number = 1; number <= 40; ++number) Serve(number);
  DiscoveryOptions options{.per_second = 100, .tries = 1};
  options.links.links.push_back(
      {.network = *Network::Parse("192.0.2.0/27"), .requests_per_second = 5});
  const base::MonotonicTime begin = clock_.Now();

  EXPECT_THAT(Run("192.0.2.1-192.0.2.40", options), SizeIs(40));

  std::map<std::int64_t, int> by_second;
  for (const auto& [endpoint, times] : times_) {
    if (endpoint < At("192.0.2.32")) ++by_second[(times.at(0) - begin) / 1s];
  }
  for (const auto& [second, requests] : by_second) EXPECT_LE(requests, 10) << second;
  EXPECT_GE(by_second.size(), 5U);
}

TEST_F(AnnouncementSessionTest, WhoSendsWithoutEndKeepsNothingFromEnding) {
  const auto flooder = network_.Open({.address = At("192.0.2.7")});
  network_.Serve(At("192.0.2.7"), nullptr);
  const auto port = network_.Open({.address = snmp::Endpoint::V4(0xc0000264, 0), .ports = 1});
  AnnouncementSession session(Query("192.0.2.8"), {.tries = 1}, *port, {1, 2});
  int polls = 0;
  for (; !session.done() && polls < 10'000; ++polls) {
    session.Poll(clock_.Now());
    const SimNetwork::Bytes garbage(100, 0xff);
    const snmp::OutDatagram out{.to = port->local(0), .bytes = garbage};
    flooder->Send({&out, 1});
    port->Wait(1ms);
  }
  EXPECT_TRUE(session.done());
  EXPECT_THAT(session.proposed(), IsEmpty());
  EXPECT_GT(session.tally().strangers(), 100U);
}

}  // namespace
}  // namespace platen::collector::edge
