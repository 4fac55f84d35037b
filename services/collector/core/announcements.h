// Who announces printers by SLP or DNS-SD: whom to ask for it, and what is made of the answers,
// which anybody on the network can send.
//
// An answer proposes addresses, and no more follows from it. Whoever answers, and whatever is
// proposed, must be in the allow list; how much is kept is bounded; what is not used is counted by
// the reason.
//
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "platen/collector/v1/discovery.pb.h"

#include "absl/status/statusor.h"
#include "libs/snmp/endpoint.h"
#include "services/collector/core/address_set.h"

namespace platen::collector::core {

using collector::v1::FoundBy;

// Addresses that one protocol may propose, and of these one sender.
inline constexpr std::size_t kProposedMax = 4096;
inline constexpr std::size_t kProposedBySenderMax = 256;
// Answers that are looked at; those that come later are not used.
inline constexpr std::uint64_t kAnswersMax = 100'000;

// Whom to ask for announcements.
struct AnnouncementQuery {
  FoundBy protocol = collector::v1::FOUND_BY_UNSPECIFIED;
  // The protocol's group, and whoever is in it answers. Otherwise each address for itself.
  bool to_group = false;
  AddressSet asked;
  std::uint16_t port = 0;
  // Who is believed, and what may be proposed.
  AddressSet allowed;
};

// "SLP", "DNS-SD".
std::string_view ProtocolName(FoundBy protocol);

// Of the ranges, what is allowed and not excluded; without ranges, the protocol's group. Where
// `port` is 0, the protocol's own. kInvalidArgument where there is no allow list: a network's
// answers alone must not say who is asked, and given a community; and as AddressesToAsk().
absl::StatusOr<AnnouncementQuery> MakeAnnouncementQuery(FoundBy protocol,
                                                        const std::optional<AddressSet>& ranges,
                                                        std::uint16_t port,
                                                        const DiscoveryScope& scope);

// The datagram that asks; `id` is in each answer again.
std::vector<std::uint8_t> QueryDatagram(const AnnouncementQuery& query, std::uint16_t id);

// What was answered to one query.
class Announcements {
 public:
  Announcements(const AnnouncementQuery& query, std::uint16_t id);

  // Whether it is an answer of somebody who is believed, whatever is in it.
  bool OnAnswer(const snmp::Endpoint& from, std::span<const std::uint8_t> datagram);

  // By address, without a port; with what was said first of it.
  using Proposed = std::map<snmp::Endpoint, collector::v1::UnconfirmedPrinter>;

  const Proposed& proposed() const { return proposed_; }

  // All but the number of queries, which is the caller's.
  const collector::v1::AnnouncementTally& tally() const { return tally_; }

 private:
  bool IsBelieved(const snmp::Endpoint& from) const;
  // What an answer proposes. Where it names no address, the sender's is meant.
  absl::StatusOr<Proposed> Read(const snmp::Endpoint& from, std::span<const std::uint8_t> datagram);
  void Propose(const snmp::Endpoint& from,
               const snmp::Endpoint& address,
               const collector::v1::UnconfirmedPrinter& printer);

  const AnnouncementQuery query_;
  const std::uint16_t id_;
  collector::v1::AnnouncementTally tally_;
  Proposed proposed_;
  std::map<snmp::Endpoint, std::size_t> by_sender_;  // How many addresses; of those who have any.
};

}  // namespace platen::collector::core
