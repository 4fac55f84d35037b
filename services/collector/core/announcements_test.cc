#include "services/collector/core/announcements.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/collector/core/slp.h"

namespace platen::collector::core {
namespace {

using collector::v1::FOUND_BY_DNS_SD;
using collector::v1::FOUND_BY_SLP;
using snmp::Endpoint;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint16_t kId = 7;

AddressSet Addresses(std::string_view text) {
  return *AddressSet::Parse(text, RangeEnds::kMeant);
}

DiscoveryScope Allowing(std::string_view allowed, std::string_view excluded = "") {
  return {.ranges = {},
          .excluded = Addresses(excluded),
          .allowed = Addresses(allowed),
          .has_allowed = true};
}

Endpoint At(std::string_view address) {
  return *Endpoint::Parse(address, kSlpPort);
}

std::string Number(std::size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

// By SLP, of services at these hosts.
std::string Answer(const std::vector<std::string>& hosts, std::size_t error = 0) {
  std::string rest = Number(0) + std::string(3, '\0') + Number(kId) + Number(2) + "en" +
                     Number(error) + Number(hosts.size());
  for (const std::string& host : hosts) {
    const std::string url = "service:printer:lpr://" + host + "/q";
    rest += std::string(1, '\0') + Number(60) + Number(url.size()) + url + std::string(1, '\0');
  }
  return std::string{2, 2, 0} + Number(5 + rest.size()) + rest;
}

class AnnouncementsTest : public testing::Test {
 protected:
  // Asked are the group, or `ranges`.
  Announcements& Ask(const DiscoveryScope& scope, std::optional<AddressSet> ranges = {}) {
    const auto query = MakeAnnouncementQuery(FOUND_BY_SLP, ranges, 0, scope);
    EXPECT_TRUE(query.ok()) << query.status();
    return announcements_.emplace(*query, kId);
  }

  bool Hear(std::string_view from, std::string_view datagram) {
    return announcements_->OnAnswer(
        At(from), {reinterpret_cast<const std::uint8_t*>(datagram.data()), datagram.size()});
  }

  std::vector<std::string> Proposed() const {
    std::vector<std::string> addresses;
    for (const auto& [address, printer] : announcements_->proposed()) {
      addresses.push_back(printer.address());
    }
    return addresses;
  }

  std::optional<Announcements> announcements_;
};

TEST_F(AnnouncementsTest, WhatIsNamedIsProposedOnceWithWhatItIsCalled) {
  Ask(Allowing("192.0.2.0/24"));
  EXPECT_TRUE(Hear("192.0.2.7", Answer({"192.0.2.8", "192.0.2.8"})));
  EXPECT_TRUE(Hear("192.0.2.7", Answer({"192.0.2.8"})));
  EXPECT_THAT(Proposed(), ElementsAre("192.0.2.8"));
  const auto& printer = announcements_->proposed().begin()->second;
  EXPECT_EQ(printer.name(), "service:printer:lpr://192.0.2.8/q");
  EXPECT_THAT(printer.found_by(), ElementsAre(FOUND_BY_SLP));
  EXPECT_EQ(announcements_->tally().answers(), 2U);
  EXPECT_EQ(announcements_->tally().addresses(), 1U);
}

TEST_F(AnnouncementsTest, WhereAnAnswerNamesNoAddressItsSenderIsMeant) {
  Ask(Allowing("192.0.2.0/24"));
  Hear("192.0.2.7", Answer({"printer7"}));
  EXPECT_THAT(Proposed(), ElementsAre("192.0.2.7"));
}

TEST_F(AnnouncementsTest, WhatTheAllowListLacksOrIsExcludedIsNeverProposed) {
  Ask(Allowing("192.0.2.0/24, 224.0.0.0/4", "192.0.2.9"));
  Hear("192.0.2.7", Answer({"198.51.100.1", "192.0.2.9", "224.0.0.1", "[2001:db8::1]"}));
  // The group's address is no host's: its sender is meant.
  EXPECT_THAT(Proposed(), ElementsAre("192.0.2.7"));
  EXPECT_EQ(announcements_->tally().not_allowed(), 3U);
}

TEST_F(AnnouncementsTest, WhoIsNotAllowedOrWasNotAskedIsNotBelieved) {
  Ask(Allowing("192.0.2.0/24", "192.0.2.9"));
  EXPECT_FALSE(Hear("198.51.100.1", Answer({"192.0.2.8"})));
  EXPECT_FALSE(Hear("192.0.2.9", Answer({"192.0.2.8"})));
  EXPECT_FALSE(Hear("192.0.2.7:40000", Answer({"192.0.2.8"})));
  EXPECT_EQ(announcements_->tally().strangers(), 3U);

  Ask(Allowing("192.0.2.0/24"), Addresses("192.0.2.7"));
  EXPECT_FALSE(Hear("192.0.2.8", Answer({"192.0.2.8"})));
  EXPECT_TRUE(Hear("192.0.2.7", Answer({"192.0.2.8"})));
  EXPECT_THAT(Proposed(), ElementsAre("192.0.2.8"));
}

TEST_F(AnnouncementsTest, WhatIsNoAnswerIsCountedByTheReason) {
  Ask(Allowing("192.0.2.0/24"));
  EXPECT_FALSE(Hear("192.0.2.7", "garbage"));
  EXPECT_FALSE(Hear("192.0.2.7", Answer({}, 4)));
  EXPECT_THAT(Proposed(), IsEmpty());
  EXPECT_EQ(announcements_->tally().malformed(), 1U);
  EXPECT_EQ(announcements_->tally().errors(), 1U);
}

std::vector<std::string> Hosts(int first, int count) {
  std::vector<std::string> hosts;
  for (int i = first; i < first + count; ++i) {
    hosts.push_back("10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256));
  }
  return hosts;
}

TEST_F(AnnouncementsTest, OneSenderProposesSoManyAndAllTogetherSoMany) {
  Ask(Allowing("10.0.0.0/8"));
  for (int i = 0; i < 300; i += 100) Hear("10.2.0.1", Answer(Hosts(i, 100)));
  EXPECT_THAT(Proposed(), SizeIs(kProposedBySenderMax));
  EXPECT_EQ(announcements_->tally().no_room(), 300 - kProposedBySenderMax);

  for (int sender = 2; sender < 60; ++sender) {
    Hear("10.2.0." + std::to_string(sender), Answer(Hosts(sender * 100, 100)));
  }
  EXPECT_THAT(Proposed(), SizeIs(kProposedMax));
}

TEST_F(AnnouncementsTest, AnswersWithoutEndAreNotLookedAt) {
  Ask(Allowing("10.0.0.0/8"));
  for (std::uint64_t i = 0; i < kAnswersMax; ++i) Hear("192.0.2.1", "");
  EXPECT_FALSE(Hear("10.2.0.1", Answer(Hosts(0, 1))));
  EXPECT_EQ(announcements_->tally().no_room(), 1U);
}

TEST(AnnouncementQueryTest, AGroupOrTheAllowedOfTheRangesIsAsked) {
  const DiscoveryScope scope = Allowing("10.1.0.0/24", "10.1.0.3");
  const auto slp = MakeAnnouncementQuery(FOUND_BY_SLP, std::nullopt, 0, scope);
  EXPECT_THAT(slp->asked.ToStrings(), ElementsAre("239.255.255.253"));
  EXPECT_EQ(slp->port, 427);
  const auto dns_sd = MakeAnnouncementQuery(FOUND_BY_DNS_SD, std::nullopt, 0, scope);
  EXPECT_THAT(dns_sd->asked.ToStrings(), ElementsAre("224.0.0.251"));
  EXPECT_EQ(dns_sd->port, 5353);
  const auto ranges =
      MakeAnnouncementQuery(FOUND_BY_DNS_SD, Addresses("10.1.0.2-10.1.1.9"), 99, scope);
  EXPECT_THAT(ranges->asked.ToStrings(), ElementsAre("10.1.0.2", "10.1.0.4-10.1.0.255"));
  EXPECT_EQ(ranges->port, 99);
}

TEST(AnnouncementQueryTest, WithoutAnAllowListNobodyIsAsked) {
  const auto query = MakeAnnouncementQuery(FOUND_BY_SLP, std::nullopt, 0, DiscoveryScope());
  EXPECT_THAT(std::string(query.status().message()), HasSubstr("allow list"));
  const auto none =
      MakeAnnouncementQuery(FOUND_BY_SLP, Addresses("10.2.0.1"), 0, Allowing("10.1.0.0/24"));
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("nothing is left to ask"));
}

}  // namespace
}  // namespace platen::collector::core
