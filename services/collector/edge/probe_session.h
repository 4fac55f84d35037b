// Reads printers once: many hosts at the same time, one request in flight to each.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "libs/base/time.h"
#include "libs/snmp/datagrams.h"
#include "services/collector/core/profile.h"
#include "services/collector/core/snapshot.h"
#include "services/collector/edge/reader.h"

namespace platen::collector::edge {

struct ProbeOptions {
  ReaderOptions reader;
  event::v1::SnmpAccess::Version version = event::v1::SnmpAccess::VERSION_UNSPECIFIED;
  // Ask each host for its sysDescr first, and read on only where there is an answer.
  bool sweep = false;
};

// Thread-confined. Borrows network, clock and profiles.
class ProbeSession {
 public:
  // What is understood of a host; complete is false where the reading ended early.
  using Answered = std::function<void(const event::v1::DeviceSnapshot&)>;

  ProbeSession(const ProbeOptions& options,
               snmp::Datagrams& network,
               const base::Clock& clock,
               const core::ProfileSet& profiles,
               snmp::SipKey key);

  // Reads all `hosts`; calls `answered` for each one that answers, as soon as it is read. Returns
  // when the last one has answered or fallen silent.
  void Run(std::span<const snmp::Endpoint> hosts, const Answered& answered);

  // Why the last host that refused us (SNMPv3) did; empty where none has.
  const std::string& refusal() const { return refusal_; }

 private:
  enum class Stage : std::uint8_t { kHello, kStandard, kVendor, kContext };

  struct Host {
    snmp::Endpoint endpoint;
    Stage stage = Stage::kHello;
    std::uint32_t reading = 0;
    bool complete = true;
    const core::Profile* profile = nullptr;
    std::vector<snmp::Varbind> values;
  };

  void Ask(core::DeviceSlot slot, Stage stage, core::ReadingPlan plan);
  // True when the host is done.
  bool OnAnswer(core::ReadAnswer answer, const Answered& answered);
  void Tell(const Host& host, const Answered& answered) const;

  ProbeOptions options_;
  snmp::Datagrams& network_;
  const base::Clock& clock_;
  const core::ProfileSet& profiles_;
  Reader reader_;
  std::vector<Host> hosts_;
  std::string refusal_;
};

}  // namespace platen::collector::edge
