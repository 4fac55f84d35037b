// What agents say by themselves: traps of v1 and v2c, and informs, which are answered. All that is
// made of them is who may have said it (core::FleetPoller::OnNotification()): the rest is asked
// for.
//
// Whose community is none of the collector's is not heard. That keeps out mistakes, not forgers,
// who can read it on the way; what they reach is polls, which are limited.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/snmp/datagrams.h"
#include "libs/snmp/message.h"

namespace platen::collector::edge {

// What became of a datagram. A metric's label: the order and names last.
enum class Notified : std::uint8_t {
  kHeard,           // Its sender goes to the core.
  kUndecodable,     // No message of v1 or v2c.
  kVersion3,        // SNMPv3, which is not heard yet.
  kOther,           // A message, and no notification.
  kWrongCommunity,  // None of the collector's.
};

inline constexpr std::size_t kNotifieds = 5;

// "heard", "undecodable", …
std::string_view Name(Notified result);

struct NotificationFigures {
  std::array<std::uint64_t, kNotifieds> results{};
  std::uint64_t overflow = 0;  // Dropped by the kernel, because nobody read in time.
};

// Thread-confined; nothing waits.
class Notifications {
 public:
  // `network` must outlive this.
  Notifications(snmp::Datagrams& network, std::set<std::string, std::less<>> communities);

  // By which addresses an agent may be known: where the datagram came from, and what a trap of v1
  // names, which a proxy may have passed on.
  using Sender = std::vector<snmp::Endpoint>;

  // Takes what has come; a part of it, where it is a storm: the loop has other work.
  std::vector<Sender> Take();

  // Answers the informs among what was taken last, now that something was made of it. An answer
  // that is lost is asked for again by its agent.
  void Acknowledge();

  NotificationFigures figures() const;

 private:
  Notified Hear(const snmp::InDatagram& in, std::vector<Sender>& senders);
  void PrepareAnswer(const snmp::InDatagram& in, const snmp::MessageView& inform);

  struct Answer {
    snmp::Endpoint to;
    std::vector<std::uint8_t> bytes;
  };

  snmp::Datagrams& network_;
  const std::set<std::string, std::less<>> communities_;
  snmp::MessageDecoder decoder_;
  std::vector<Answer> answers_;
  NotificationFigures figures_;
};

}  // namespace platen::collector::edge
