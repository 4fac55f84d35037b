// One question by SLP or DNS-SD to a group, or to each of some addresses, and the wait for answers.
//
// Whom to ask next is the sweep's (core/sweep.h), what an answer is worth is the core's
// (core/announcements.h). Thread-confined; nothing waits.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/base/time.h"
#include "libs/snmp/datagrams.h"
#include "services/collector/core/announcements.h"
#include "services/collector/core/sweep.h"
#include "services/collector/edge/discovery_session.h"
#include "services/collector/edge/links.h"

namespace platen::collector::edge {

class AnnouncementSession {
 public:
  // Of `options` its rate, links, tries and timeout hold. Borrows the network. `key` is random: for
  // the id that answers have to repeat, and for where the order begins.
  AnnouncementSession(const core::AnnouncementQuery& query,
                      const DiscoveryOptions& options,
                      snmp::Datagrams& network,
                      snmp::SipKey key);

  // Receives and sends what there is.
  void Poll(base::MonotonicTime now);

  // When Poll() has to be called again though no datagram came.
  std::optional<base::MonotonicTime> next() const;

  bool done() const { return sweep_.done(); }

  const core::Announcements::Proposed& proposed() const { return announcements_.proposed(); }

  collector::v1::AnnouncementTally tally() const;

 private:
  // One who was asked, and may still answer.
  struct Question {
    std::uint64_t place = 0;
    snmp::Endpoint to;
    bool answered = false;
  };

  void Receive();
  void Expire(base::MonotonicTime now);
  void Ask(const core::Sweep::Question& question);
  void SendReady(base::MonotonicTime now);

  const core::AnnouncementQuery query_;
  const base::Duration timeout_;
  snmp::Datagrams& network_;
  const std::uint16_t id_;
  const std::vector<std::uint8_t> datagram_;
  core::Announcements announcements_;
  core::Sweep sweep_;
  Links links_;
  std::vector<Question> questions_;     // By slot.
  std::vector<core::DeviceSlot> free_;  // Slots that nobody has.
  absl::flat_hash_map<snmp::Endpoint, core::DeviceSlot> open_;
  std::vector<core::DeviceSlot> ready_;  // May be sent.
  // Who was sent, by when its time is over.
  std::deque<std::pair<base::MonotonicTime, core::DeviceSlot>> deadlines_;
  std::uint64_t queries_ = 0;
};

}  // namespace platen::collector::edge
