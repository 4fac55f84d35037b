// The fleet on the network: takes requests in batches, answers at once or after a device's delay,
// and listens to its control socket in between.
#pragma once

#include <functional>
#include <queue>
#include <vector>

#include "libs/base/time.h"
#include "libs/snmp/datagrams.h"
#include "tools/fleetsim/fleet.h"

namespace platen::fleetsim {

// Thread-confined. Borrows all it is given.
class Simulator {
 public:
  Simulator(snmp::Datagrams& network, Fleet& fleet, const base::Clock& clock)
      : network_(network), fleet_(fleet), clock_(clock) {}

  // Answers one batch of what has arrived, and sends what was delayed until now.
  void Step();

  // Sends the traps of what was raised.
  void SendTraps();

  // How long until a delayed answer is due; at most `at_most`.
  base::Duration UntilDue(base::Duration at_most) const;

 private:
  // What cannot be delayed, for want of room here, is lost, as in a network.
  static constexpr std::size_t kDelayedMax = 100'000;

  struct Delayed {
    base::MonotonicTime due;
    snmp::Endpoint from;
    snmp::Endpoint to;
    std::vector<std::uint8_t> bytes;

    bool operator>(const Delayed& other) const { return due > other.due; }
  };

  void Take(base::MonotonicTime now, const snmp::InDatagram& request);
  void Flush();

  snmp::Datagrams& network_;
  Fleet& fleet_;
  const base::Clock& clock_;
  std::priority_queue<Delayed, std::vector<Delayed>, std::greater<>> delayed_;
  // Answers of this step: their bytes, one behind the other, and where they go.
  std::vector<std::uint8_t> bytes_;
  std::vector<std::size_t> ends_;
  std::vector<snmp::OutDatagram> out_;
};

}  // namespace platen::fleetsim
