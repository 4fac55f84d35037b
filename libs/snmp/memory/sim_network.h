// A network in memory, for tests: everything a real one does to datagrams, from one seed, in
// simulated time.
//
//   base::SimClock clock;
//   SimNetwork network(clock, seed);
//   network.set_faults({.loss = 0.1, .delay_max = 50ms});
//   network.Serve(printer, [&](const InDatagram& request) { return agent.Answer(request); });
//   auto client = network.Open({.address = *Endpoint::Parse("192.0.2.100"), .ports = 4});
//
// Wait() of a client moves the clock to the next delivery, so a test needs neither threads nor
// sleeps.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <tuple>
#include <vector>

#include "libs/base/random.h"
#include "libs/base/sim_clock.h"
#include "libs/snmp/datagrams.h"

namespace platen::snmp::memory {

// What happens to datagrams, and what it stands for. Probabilities are per datagram.
struct SimFaults {
  double loss = 0;       // Radio links, full queues: it never arrives.
  double duplicate = 0;  // A path that changes: it arrives twice, each time with its own delay.
  double corrupt = 0;    // A broken agent: up to four of its bytes are changed.
  // An attacker off the path: ahead of it arrives a copy from another address or port, or an old
  // datagram again.
  double spoof = 0;
  // Uniform between the two; overtaking follows.
  base::Duration delay_min = std::chrono::milliseconds(1);
  base::Duration delay_max = std::chrono::milliseconds(1);
};

// What the faults did; a test asserts that they happened.
struct SimCounts {
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t spoofed = 0;
  std::uint64_t unreachable = 0;  // Nobody was at the destination.
};

struct SimPortOptions {
  Endpoint address;  // A port of 0 is drawn.
  std::size_t ports = 1;
  std::size_t inbox_max = 4096;  // Datagrams; what arrives at a full inbox is lost and counted.
};

// Thread-confined. Must outlive what it opened; borrows the clock.
class SimNetwork {
 public:
  using Bytes = std::vector<std::uint8_t>;
  // What an agent sends back, to whoever asked.
  using Agent = std::function<std::vector<Bytes>(const InDatagram& request)>;

  SimNetwork(base::SimClock& clock, std::uint64_t seed);

  void set_faults(const SimFaults& faults) { faults_ = faults; }

  // A party of its own, which receives and sends when it is asked to.
  std::unique_ptr<Datagrams> Open(const SimPortOptions& options);

  // Attaches an agent, or with an empty function takes it away.
  void Serve(const Endpoint& at, Agent agent);

  const SimCounts& counts() const { return counts_; }

 private:
  class Port;

  struct Flight {
    base::MonotonicTime arrival;
    std::uint64_t number;  // Keeps the order of what arrives at the same instant.
    Endpoint from;
    Endpoint to;
    Bytes bytes;

    bool operator>(const Flight& other) const {
      return std::tie(arrival, number) > std::tie(other.arrival, other.number);
    }
  };

  void Send(const Endpoint& from, const Endpoint& to, Bytes bytes);
  void Launch(const Endpoint& from, const Endpoint& to, Bytes bytes);
  void Forge(const Flight& original);
  void Scramble(Bytes& bytes);
  // Delivers everything that is due by now.
  void DeliverDue();
  void Deliver(Flight flight);

  base::SimClock& clock_;
  base::Random random_;
  SimFaults faults_;
  SimCounts counts_;
  std::uint64_t flights_ = 0;
  std::priority_queue<Flight, std::vector<Flight>, std::greater<>> flying_;
  std::vector<Flight> overheard_;  // What the attacker may replay.
  std::map<Endpoint, Agent> agents_;
  std::map<Endpoint, Port*> ports_;
};

}  // namespace platen::snmp::memory
