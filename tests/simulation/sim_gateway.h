// A gateway for simulations: the server's side of go-back-N, with faults drawn from a seed, and
// what a test wants to know of it afterwards.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "services/relay/edge/uplink.h"

namespace platen::simulation {

// Probabilities per occasion, in [0, 1].
struct GatewayFaults {
  double no_connection = 0;  // Open() fails.
  double lost_stream = 0;    // A turn in which the stream breaks; what it brought may be stored.
  double idle = 0;           // A turn in which nothing is handled.
  double failed_batch = 0;   // A transient failure: Rewind.
  double refused_event = 0;  // Decided once per event, as the real one would.
  double shrunk_window = 0;  // An answer that makes the window 1.
};

// What the gateway has. Thread-confined.
class SimGateway {
 public:
  explicit SimGateway(std::uint64_t seed) : random_(seed) {}

  GatewayFaults faults;

  // Events as stored for the first time, in that order.
  std::vector<std::string> stored;
  std::set<std::string> stored_set;
  std::set<std::string> refused;
  std::uint64_t duplicates = 0;
  std::uint64_t attempts = 0;  // Streams that were asked for.

  base::Random& random() { return random_; }

  // Stores or refuses. True: refused.
  bool Take(const std::string& event);

 private:
  base::Random random_;
};

// One relay's way to it. Poll() is its only turn. Thread-confined.
class SimUplink final : public relay::edge::Uplink {
 public:
  explicit SimUplink(SimGateway& gateway) : gateway_(gateway) {}

  void Open() override;
  void Close(const relay::edge::GatewayTrouble& why) override;
  std::size_t Send(const relay::core::SendWindow::Next& next) override;
  void AnswerDirective(std::uint64_t number, const std::string& refusal) override;
  std::optional<relay::edge::UplinkEvent> Poll(std::chrono::milliseconds max_wait) override;

 private:
  struct Arrived {
    std::uint64_t number = 0;
    std::vector<std::string> events;
  };

  void Break();
  void HandleOne();

  SimGateway& gateway_;
  bool open_ = false;
  std::uint64_t expected_ = 1;
  std::deque<Arrived> arrived_;
  std::deque<relay::edge::UplinkEvent> events_;
};

}  // namespace platen::simulation
