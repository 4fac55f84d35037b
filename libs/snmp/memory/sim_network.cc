#include "libs/snmp/memory/sim_network.h"

#include <algorithm>
#include <deque>
#include <tuple>
#include <utility>

namespace platen::snmp::memory {

class SimNetwork::Port final : public Datagrams {
 public:
  Port(SimNetwork& network, std::vector<Endpoint> locals, std::size_t inbox_max)
      : network_(network), locals_(std::move(locals)), inbox_max_(inbox_max) {
    for (const Endpoint& local : locals_) network_.ports_[local] = this;
  }

  ~Port() override {
    for (const Endpoint& local : locals_) network_.ports_.erase(local);
  }

  std::size_t Send(std::span<const OutDatagram> batch) override {
    for (const OutDatagram& out : batch) {
      const Endpoint from = out.from == Endpoint() ? locals_[out.via] : out.from;
      network_.Send(from, out.to, Bytes(out.bytes.begin(), out.bytes.end()));
      ++counts_.sent;
    }
    return batch.size();
  }

  std::span<const InDatagram> Receive() override {
    network_.DeliverDue();
    held_.clear();
    views_.clear();
    while (!inbox_.empty() && held_.size() < kBatch) {
      held_.push_back(std::move(inbox_.front()));
      inbox_.pop_front();
    }
    for (const Flight& flight : held_) {
      const auto at = std::find(locals_.begin(), locals_.end(), flight.to);
      views_.push_back({.from = flight.from,
                        .bytes = flight.bytes,
                        .via = static_cast<std::uint8_t>(at - locals_.begin()),
                        .to = flight.to});
    }
    counts_.received += views_.size();
    return views_;
  }

  bool Wait(base::Duration at_most) override {
    const base::MonotonicTime deadline =
        network_.clock_.Now() + std::max(at_most, base::Duration(0));
    while (true) {
      network_.DeliverDue();
      if (!inbox_.empty()) return true;
      if (network_.flying_.empty() || network_.flying_.top().arrival > deadline) break;
      network_.clock_.Advance(network_.flying_.top().arrival - network_.clock_.Now());
    }
    network_.clock_.Advance(deadline - network_.clock_.Now());
    return false;
  }

  int fd() const override { return -1; }

  std::size_t port_count() const override { return locals_.size(); }

  Endpoint local(std::size_t port) const override { return locals_[port]; }

  DatagramCounts counts() const override { return counts_; }

  void Arrive(Flight flight) {
    if (inbox_.size() == inbox_max_) {
      ++counts_.receive_overflow;
      return;
    }
    inbox_.push_back(std::move(flight));
  }

 private:
  static constexpr std::size_t kBatch = 64;

  SimNetwork& network_;
  std::vector<Endpoint> locals_;
  std::size_t inbox_max_;
  std::deque<Flight> inbox_;
  std::vector<Flight> held_;  // What the last Receive() lent out.
  std::vector<InDatagram> views_;
  DatagramCounts counts_;
};

SimNetwork::SimNetwork(base::SimClock& clock, std::uint64_t seed) : clock_(clock), random_(seed) {}

std::unique_ptr<Datagrams> SimNetwork::Open(const SimPortOptions& options) {
  std::vector<Endpoint> locals;
  Endpoint local = options.address;
  while (locals.size() < options.ports) {
    if (options.address.port == 0)
      local.port = static_cast<std::uint16_t>(32768 + random_.Below(28000));
    if (!ports_.contains(local) && std::find(locals.begin(), locals.end(), local) == locals.end()) {
      locals.push_back(local);
    } else if (options.address.port != 0) {
      ++local.port;
    }
  }
  return std::make_unique<Port>(*this, std::move(locals), options.inbox_max);
}

void SimNetwork::Serve(const Endpoint& at, Agent agent) {
  if (agent) {
    agents_[at] = std::move(agent);
  } else {
    agents_.erase(at);
  }
}

void SimNetwork::Send(const Endpoint& from, const Endpoint& to, Bytes bytes) {
  if (random_.Chance(faults_.loss)) {
    ++counts_.lost;
    return;
  }
  if (random_.Chance(faults_.duplicate)) {
    ++counts_.duplicated;
    Launch(from, to, bytes);
  }
  if (random_.Chance(faults_.corrupt)) {
    ++counts_.corrupted;
    Scramble(bytes);
  }
  Launch(from, to, std::move(bytes));
}

void SimNetwork::Launch(const Endpoint& from, const Endpoint& to, Bytes bytes) {
  const auto spread = static_cast<std::uint64_t>((faults_.delay_max - faults_.delay_min).count());
  const base::Duration delay =
      faults_.delay_min +
      base::Duration(static_cast<std::int64_t>(spread == 0 ? 0 : random_.Below(spread + 1)));
  Flight flight{clock_.Now() + delay, flights_++, from, to, std::move(bytes)};
  if (random_.Chance(faults_.spoof)) Forge(flight);
  flying_.push(std::move(flight));
}

void SimNetwork::Forge(const Flight& original) {
  ++counts_.spoofed;
  Flight forged = original;
  switch (random_.Below(3)) {
    case 0:
      forged.from.address[15] = static_cast<std::uint8_t>(forged.from.address[15] ^ 0x55);
      break;
    case 1:
      forged.from.port = static_cast<std::uint16_t>(forged.from.port ^ 0x55);
      break;
    default:
      if (!overheard_.empty()) forged = overheard_[random_.Below(overheard_.size())];
  }
  forged.arrival = clock_.Now();
  forged.number = flights_++;
  flying_.push(std::move(forged));
  constexpr std::size_t kOverheardMax = 64;
  if (overheard_.size() < kOverheardMax) {
    overheard_.push_back(original);
  } else {
    overheard_[random_.Below(kOverheardMax)] = original;
  }
}

void SimNetwork::Scramble(Bytes& bytes) {
  if (bytes.empty()) return;
  for (std::uint64_t changes = 1 + random_.Below(4); changes > 0; --changes) {
    const std::uint64_t flip = 1 + random_.Below(255);
    std::uint8_t& byte = bytes[random_.Below(bytes.size())];
    byte = static_cast<std::uint8_t>(byte ^ flip);
  }
}

void SimNetwork::DeliverDue() {
  while (!flying_.empty() && flying_.top().arrival <= clock_.Now()) {
    Flight flight = flying_.top();
    flying_.pop();
    Deliver(std::move(flight));
  }
}

void SimNetwork::Deliver(Flight flight) {
  if (const auto port = ports_.find(flight.to); port != ports_.end()) {
    ++counts_.delivered;
    port->second->Arrive(std::move(flight));
    return;
  }
  const auto agent = agents_.find(flight.to);
  if (agent == agents_.end()) {
    ++counts_.unreachable;
    return;
  }
  ++counts_.delivered;
  const InDatagram request{.from = flight.from, .bytes = flight.bytes, .via = 0, .to = flight.to};
  for (Bytes& reply : agent->second(request)) Send(flight.to, flight.from, std::move(reply));
}

}  // namespace platen::snmp::memory
