// What agents say by themselves: traps, and informs, which are answered. All that is made of them
// is who may have said it (core::FleetPoller::OnNotification()): the rest is asked for.
//
// Whose community is none of the collector's is not heard. That keeps out mistakes, not forgers,
// who can read it on the way; what they reach is polls, which are limited. In SNMPv3 a trap is
// signed by the keys of its agent's engine, and an inform by those of ours (RFC 3414 §1.5.1), which
// the agent asks for first; either at the level that its user has here. An old trap that is sent
// again is heard again: it makes us look, and no more.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/time.h"
#include "libs/snmp/datagrams.h"
#include "libs/snmp/message.h"
#include "libs/snmp/usm/agent_engine.h"
#include "services/collector/core/agent_index.h"

namespace platen::collector::edge {

// What became of a datagram. A metric's label: the order and names last.
enum class Notified : std::uint8_t {
  kHeard,           // Its sender goes to the core.
  kUndecodable,     // No message of any version.
  kOther,           // A message, and no notification.
  kWrongCommunity,  // None of the collector's.
  kUnbelieved,      // SNMPv3: another user, level or key.
  kReported,        // SNMPv3: an agent asks who we are, or does not know our clock or users.
};

inline constexpr std::size_t kNotifieds = 6;

// "heard", "undecodable", …
std::string_view Name(Notified result);

struct NotificationFigures {
  std::array<std::uint64_t, kNotifieds> results{};
  std::uint64_t overflow = 0;  // Dropped by the kernel, because nobody read in time.
};

struct NotificationOptions {
  std::set<std::string, std::less<>> communities;
  // REQUIRES: valid (snmp::usm::Validate).
  std::vector<snmp::usm::UserOptions> users;
  // Who we are in SNMPv3 (RFC 3411 §5, SnmpEngineID), and in which of our lives: each has a higher
  // number than the ones before.
  std::string engine_id;
  std::int32_t boots = 1;
  // Where the numbers begin that keep what is encrypted apart; a random one.
  std::uint64_t salt = 0;
};

// Thread-confined; nothing waits.
class Notifications {
 public:
  // `network` must outlive this. `now`: our life in SNMPv3 begins.
  Notifications(snmp::Datagrams& network,
                const NotificationOptions& options,
                base::MonotonicTime now);

  // Who is heard from now on. `salt` as in NotificationOptions, and another.
  void SetCredentials(std::set<std::string, std::less<>> communities,
                      const std::vector<snmp::usm::UserOptions>& users,
                      std::uint64_t salt);

  // By what an agent may be known.
  struct Sender {
    // All but the devices, which are known by the engine.
    core::SenderClues clues;
    // Of SNMPv3: whose engine it is about, wherever the datagram came from. Empty otherwise.
    std::string engine_id;
  };

  // Takes what has come; a part of it, where it is a storm: the loop has other work.
  std::vector<Sender> Take(base::MonotonicTime now);

  // Answers the informs among what was taken last, now that something was made of it. An answer
  // that is lost is asked for again by its agent.
  void Acknowledge();

  NotificationFigures figures() const;

 private:
  Notified Hear(const snmp::InDatagram& in, base::MonotonicTime now, std::vector<Sender>& senders);
  Notified HearPlain(const snmp::InDatagram& in, std::vector<Sender>& senders);
  Notified HearSecured(const snmp::InDatagram& in,
                       const snmp::usm::Frame& frame,
                       std::vector<Sender>& senders);
  Notified HearInform(const snmp::InDatagram& in,
                      base::MonotonicTime now,
                      std::vector<Sender>& senders);

  struct Answer {
    snmp::Endpoint to;
    std::vector<std::uint8_t> bytes;
  };

  snmp::Datagrams& network_;
  std::set<std::string, std::less<>> communities_;
  const std::string engine_id_;
  const std::int32_t boots_;
  const base::MonotonicTime begin_;
  std::unique_ptr<snmp::usm::AgentEngine> engine_;  // Whom informs are sent to.
  std::vector<std::unique_ptr<snmp::usm::User>> users_;
  snmp::usm::Cipher cipher_;
  snmp::MessageDecoder decoder_;
  std::vector<Answer> answers_;
  NotificationFigures figures_;
};

}  // namespace platen::collector::edge
