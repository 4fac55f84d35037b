// One discovery: asks addresses whether anybody is there, and those that answer who they are.
//
// Whom to ask next is the sweep's (core/sweep.h). Of who answers, no more is read than tells
// whether it is a printer, and which: that is no polling. Thread-confined; nothing waits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/base/time.h"
#include "libs/snmp/datagrams.h"
#include "services/collector/core/address_set.h"
#include "services/collector/core/discovery_report.h"
#include "services/collector/core/profile.h"
#include "services/collector/core/sweep.h"
#include "services/collector/edge/reader.h"

namespace platen::collector::edge {

struct DiscoveryOptions {
  // What is asked; not empty.
  core::AddressSet addresses;
  std::uint16_t port = snmp::kSnmpPort;
  // Requests a second, over all addresses.
  std::uint32_t per_second = 100;
  // What lines bear, as for polls, which have the same beside it.
  LinksOptions links;
  // Times that an address is asked before it counts as silent.
  std::uint32_t tries = 2;
  base::Duration timeout = std::chrono::seconds(2);
  // Unspecified: 2c and 1 take turns.
  event::v1::SnmpAccess::Version version = event::v1::SnmpAccess::VERSION_UNSPECIFIED;
  std::string community;
  std::optional<snmp::usm::UserOptions> user;
};

class DiscoverySession {
 public:
  // Borrows network and profiles. `key` is random: for ids, and for where the order begins.
  DiscoverySession(const DiscoveryOptions& options,
                   snmp::Datagrams& network,
                   const core::ProfileSet& profiles,
                   snmp::SipKey key);

  // Receives and sends what there is.
  void Poll(base::MonotonicTime now);

  // When Poll() has to be called again though no datagram came.
  std::optional<base::MonotonicTime> next() const;

  bool done() const { return sweep_.done(); }

  // All that was found, once it is done; the times are the caller's.
  core::Discovered Take();

  std::uint64_t questions() const { return reader_.figures().requests; }

 private:
  enum class Stage : std::uint8_t { kHello, kIsPrinter, kIdentity, kVendor };

  // Somebody who is asked, or an address where somebody may be.
  struct Host {
    std::uint64_t place = 0;
    snmp::Endpoint endpoint;
    event::v1::SnmpAccess::Version version = event::v1::SnmpAccess::VERSION_UNSPECIFIED;
    Stage stage = Stage::kHello;
    std::uint32_t reading = 0;
    std::vector<snmp::Varbind> values;
  };

  void Greet(const core::Sweep::Question& question);
  void Ask(core::DeviceSlot slot, Stage stage, core::ReadingPlan plan);
  void OnAnswer(core::ReadAnswer answer);
  // What to ask after the present stage; nothing where that was all.
  void GoOn(core::DeviceSlot slot);
  void Keep(const Host& host);
  void End(core::DeviceSlot slot, bool answered);
  event::v1::SnmpAccess::Version VersionOf(std::uint32_t attempt) const;

  DiscoveryOptions options_;
  const core::ProfileSet& profiles_;
  core::Sweep sweep_;
  Reader reader_;
  std::vector<Host> hosts_;             // By slot.
  std::vector<core::DeviceSlot> free_;  // Slots that nobody has.
  std::vector<core::ReadAnswer> answers_;
  core::Discovered found_;
};

}  // namespace platen::collector::edge
