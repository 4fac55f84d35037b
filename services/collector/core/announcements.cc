#include "services/collector/core/announcements.h"

#include <utility>

#include "libs/base/status.h"
#include "services/collector/core/dns_sd.h"
#include "services/collector/core/slp.h"

namespace platen::collector::core {
namespace {

using collector::v1::FOUND_BY_SLP;
using collector::v1::UnconfirmedPrinter;
using snmp::Endpoint;

// RFC 2608, section 5, and RFC 6762, section 3.
constexpr Endpoint kSlpGroup = Endpoint::V4(0xeffffffd, 0);
constexpr Endpoint kDnsSdGroup = Endpoint::V4(0xe00000fb, 0);

Endpoint WithoutPort(Endpoint endpoint) {
  endpoint.port = 0;
  return endpoint;
}

}  // namespace

std::string_view ProtocolName(FoundBy protocol) {
  return protocol == FOUND_BY_SLP ? "SLP" : "DNS-SD";
}

absl::StatusOr<AnnouncementQuery> MakeAnnouncementQuery(FoundBy protocol,
                                                        const std::optional<AddressSet>& ranges,
                                                        std::uint16_t port,
                                                        const DiscoveryScope& scope) {
  if (!scope.has_allowed) {
    return base::InvalidArgument(ProtocolName(protocol),
                                 " needs an allow list: who answers is believed, and what is named "
                                 "is asked, only where the list has it");
  }
  AnnouncementQuery query{.protocol = protocol,
                          .to_group = !ranges.has_value(),
                          .asked = {},
                          .port = port,
                          .allowed = scope.allowed.Without(scope.excluded)};
  if (query.to_group) {
    const Endpoint group = protocol == FOUND_BY_SLP ? kSlpGroup : kDnsSdGroup;
    query.asked = AddressSet::Of({&group, 1});
  } else {
    DiscoveryScope asked = scope;
    asked.ranges = *ranges;
    PLATEN_ASSIGN_OR_RETURN(query.asked, AddressesToAsk(asked));
  }
  if (port == 0) query.port = protocol == FOUND_BY_SLP ? kSlpPort : kMulticastDnsPort;
  return query;
}

std::vector<std::uint8_t> QueryDatagram(const AnnouncementQuery& query, std::uint16_t id) {
  if (query.protocol != FOUND_BY_SLP) return DnsSdQuery(id);
  return SlpServiceRequest(id, query.to_group ? SlpAsked::kGroup : SlpAsked::kAgent);
}

Announcements::Announcements(const AnnouncementQuery& query, std::uint16_t id)
    : query_(query), id_(id) {
  tally_.set_protocol(query.protocol);
}

bool Announcements::IsBelieved(const Endpoint& from) const {
  if (from.port != query_.port || !query_.allowed.Contains(from)) return false;
  return query_.to_group || query_.asked.Contains(from);
}

bool Announcements::OnAnswer(const Endpoint& from, std::span<const std::uint8_t> datagram) {
  if (tally_.answers() == kAnswersMax) {
    tally_.set_no_room(tally_.no_room() + 1);
    return false;
  }
  tally_.set_answers(tally_.answers() + 1);
  if (!IsBelieved(from)) {
    tally_.set_strangers(tally_.strangers() + 1);
    return false;
  }
  const auto read = Read(from, datagram);
  if (absl::IsFailedPrecondition(read.status())) {
    tally_.set_errors(tally_.errors() + 1);
  } else if (!read.ok()) {
    tally_.set_malformed(tally_.malformed() + 1);
  } else {
    for (const auto& [address, printer] : *read) Propose(from, address, printer);
  }
  return read.ok();
}

absl::StatusOr<Announcements::Proposed> Announcements::Read(
    const Endpoint& from, std::span<const std::uint8_t> datagram) {
  Proposed proposed;
  const Endpoint sender = WithoutPort(from);
  if (query_.protocol == FOUND_BY_SLP) {
    PLATEN_ASSIGN_OR_RETURN(const SlpServices answer, ParseSlpServices(datagram, id_));
    if (answer.has_more) tally_.set_incomplete(tally_.incomplete() + 1);
    for (const SlpService& service : answer.services) {
      UnconfirmedPrinter printer;
      printer.set_name(service.url);
      proposed.emplace(service.address.value_or(sender), std::move(printer));
    }
    return proposed;
  }
  PLATEN_ASSIGN_OR_RETURN(const std::vector<DnsSdPrinter> printers,
                          ParseDnsSdAnswer(datagram, id_));
  for (const DnsSdPrinter& each : printers) {
    UnconfirmedPrinter printer;
    printer.set_name(each.name);
    printer.set_model(each.model);
    printer.set_location(each.note);
    if (each.addresses.empty()) proposed.emplace(sender, printer);
    for (const Endpoint& address : each.addresses) proposed.emplace(address, printer);
  }
  return proposed;
}

void Announcements::Propose(const Endpoint& from,
                            const Endpoint& address,
                            const UnconfirmedPrinter& printer) {
  if (!query_.allowed.Contains(address)) {
    return tally_.set_not_allowed(tally_.not_allowed() + 1);
  }
  if (proposed_.contains(address)) return;
  const auto sender = by_sender_.find(from);
  const std::size_t of_sender = sender == by_sender_.end() ? 0 : sender->second;
  if (proposed_.size() == kProposedMax || of_sender == kProposedBySenderMax) {
    return tally_.set_no_room(tally_.no_room() + 1);
  }
  ++by_sender_[from];
  UnconfirmedPrinter& kept = proposed_[address];
  kept = printer;
  kept.set_address(address.AddressToString());
  kept.add_found_by(query_.protocol);
  tally_.set_addresses(proposed_.size());
}

}  // namespace platen::collector::core
