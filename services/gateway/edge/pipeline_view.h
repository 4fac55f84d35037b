// What the pipeline does now, as far as this gateway sees it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "platen/fleet/v1/fleet.pb.h"

#include "libs/base/time.h"
#include "services/gateway/core/admission.h"
#include "services/gateway/core/rates.h"

namespace platen::gateway::edge {

// Thread-safe. Remembers at most 256 processes; the one not heard of for longest goes first.
class PipelineView {
 public:
  static constexpr std::size_t kHopsMax = 256;

  // `clock` must outlive this.
  PipelineView(std::string gateway_instance, const base::Clock& clock)
      : gateway_instance_(std::move(gateway_instance)), clock_(clock) {}

  // A relay brought a batch. Instances of two installations may have one name.
  void OnArrived(const std::string& installation,
                 const std::string& relay_instance,
                 const core::AdmittedBatch& batch);
  void OnStored(std::uint64_t events);

  struct Hop {
    platen::fleet::v1::PipelineStatus::Hop hop;
    std::array<std::uint64_t, core::RateMeter::kSeconds - 1> history{};
  };

  // In the order of an event's way: collectors, relays, gateway, notifiers; then by name.
  std::vector<Hop> hops();

 private:
  struct Known {
    std::string role;
    std::string installation;
    std::string instance;
    core::RateMeter rate;
    // What it said of itself last; none before its first heartbeat.
    core::HeartbeatReport said;
    base::WallTime heard;
  };

  // Keyed by kind of hop, installation and instance. A source's role is known from its first
  // heartbeat on.
  Known& Find(const std::string& key, const std::string& installation, const std::string& instance);

  const std::string gateway_instance_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;
};

}  // namespace platen::gateway::edge
