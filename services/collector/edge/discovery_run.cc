#include "services/collector/edge/discovery_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "services/collector/core/dns_sd.h"
#include "services/collector/core/slp.h"
#include "services/collector/edge/announcement_session.h"

namespace platen::collector::edge {
namespace {

using collector::v1::FOUND_BY_RANGE;
using collector::v1::FoundBy;
using collector::v1::FoundPrinter;
using collector::v1::UnconfirmedPrinter;
using snmp::Endpoint;

constexpr std::size_t kAnswerBytesMax =
    std::max(core::kSlpMessageBytesMax, core::kDnsMessageBytesMax);

snmp::SipKey RandomKey() {
  return {base::SecureRandom64(), base::SecureRandom64()};
}

// False where `stop` said so before it was done.
template <class Session>
bool RunToEnd(Session& session,
              snmp::Datagrams& network,
              const base::Clock& clock,
              const std::function<bool()>& stop) {
  // Requests that the network had no room for are due at once: a short wait keeps this from
  // spinning.
  constexpr base::Duration kShortest = std::chrono::milliseconds(1);
  constexpr base::Duration kLongest = std::chrono::milliseconds(200);
  for (;;) {
    session.Poll(clock.Now());
    if (session.done()) return true;
    if (stop()) return false;
    const base::MonotonicTime now = clock.Now();
    network.Wait(std::clamp(session.next().value_or(now) - now, kShortest, kLongest));
  }
}

Endpoint AddressOf(const FoundPrinter& printer) {
  return Endpoint::Parse(printer.address(), 0).value_or(Endpoint());
}

bool WasAnnounced(const FoundPrinter& printer) {
  return std::ranges::any_of(printer.found_by(), [](int by) { return by > FOUND_BY_RANGE; });
}

// What all queries have brought.
class Announced {
 public:
  explicit Announced(const DiscoveryPlan& plan) : plan_(plan) {}

  void AskAgain(const collector::v1::DiscoveryReport& previous) {
    for (const FoundPrinter& printer : previous.printers()) {
      const Endpoint address = AddressOf(printer);
      const bool allowed = std::ranges::any_of(
          plan_.queries, [&](const auto& query) { return query.allowed.Contains(address); });
      if (allowed && WasAnnounced(printer) && printer.port() == plan_.options.port) {
        again_.push_back(address);
      }
    }
  }

  void Add(const AnnouncementSession& session) {
    tallies_.push_back(session.tally());
    for (const auto& [address, printer] : session.proposed()) {
      UnconfirmedPrinter& known = proposed_[address];
      if (known.address().empty()) {
        known = printer;
      } else {
        // Of DNS-SD, which comes last, for it says more.
        UnconfirmedPrinter both = printer;
        both.mutable_found_by()->CopyFrom(known.found_by());
        both.mutable_found_by()->MergeFrom(printer.found_by());
        known = std::move(both);
      }
    }
  }

  core::AddressSet AddressesToAsk() const {
    std::vector<Endpoint> addresses = again_;
    for (const auto& [address, printer] : proposed_) addresses.push_back(address);
    return plan_.options.addresses.Or(core::AddressSet::Of(addresses));
  }

  // Says of each printer how it was found, and who was announced and is none.
  void Tell(core::Discovered& discovered) {
    for (FoundPrinter& printer : discovered.printers) {
      const Endpoint address = AddressOf(printer);
      if (plan_.options.addresses.Contains(address)) printer.add_found_by(FOUND_BY_RANGE);
      const auto announced = proposed_.find(address);
      if (announced == proposed_.end()) continue;
      printer.mutable_found_by()->MergeFrom(announced->second.found_by());
      proposed_.erase(announced);
    }
    for (auto& [address, printer] : proposed_) discovered.unconfirmed.push_back(std::move(printer));
    discovered.announcements = std::move(tallies_);
  }

 private:
  const DiscoveryPlan& plan_;
  core::Announcements::Proposed proposed_;
  std::vector<Endpoint> again_;
  std::vector<collector::v1::AnnouncementTally> tallies_;
};

}  // namespace

absl::StatusOr<core::AddressSet> AddressesOf(const core::DiscoveryScope& scope, bool has_queries) {
  if (has_queries && scope.ranges.empty()) return core::AddressSet();
  return core::AddressesToAsk(scope);
}

absl::StatusOr<DiscoveryRun> RunDiscovery(const DiscoveryPlan& plan,
                                          const collector::v1::DiscoveryReport& previous,
                                          const core::ProfileSet& profiles,
                                          const base::Clock& clock,
                                          const std::function<bool()>& stop) {
  DiscoveryRun run;
  const base::WallTime begin = clock.WallNow();
  Announced announced(plan);
  if (!plan.queries.empty()) announced.AskAgain(previous);
  for (const core::AnnouncementQuery& query : plan.queries) {
    // One port, which the kernel draws: a forger has to guess it, and the id.
    PLATEN_ASSIGN_OR_RETURN(
        const auto network,
        snmp::udp::OpenUdp(
            {.ports = 1, .ipv6 = query.asked.has_ipv6(), .datagram_bytes_max = kAnswerBytesMax}));
    AnnouncementSession session(query, plan.options, *network, RandomKey());
    if (!RunToEnd(session, *network, clock, stop)) return run;
    announced.Add(session);
  }
  core::Discovered discovered;
  DiscoveryOptions options = plan.options;
  options.addresses = announced.AddressesToAsk();
  if (!options.addresses.empty()) {
    PLATEN_ASSIGN_OR_RETURN(const auto network,
                            snmp::udp::OpenUdp({.ipv6 = options.addresses.has_ipv6()}));
    DiscoverySession session(options, *network, profiles, RandomKey());
    const bool done = RunToEnd(session, *network, clock, stop);
    run.requests = session.questions();
    if (!done) return run;
    discovered = session.Take();
  }
  discovered.begin = begin;
  discovered.end = clock.WallNow();
  announced.Tell(discovered);
  run.discovered = std::move(discovered);
  return run;
}

}  // namespace platen::collector::edge
