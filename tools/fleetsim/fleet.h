// All virtual printers: which there are, where, and what happens to a request for one. Pure: `now`
// is an argument, and chance comes from a seed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/random.h"
#include "libs/snmp/agent.h"
#include "libs/snmp/endpoint.h"
#include "libs/snmp/usm/agent_engine.h"
#include "tools/fleetsim/device.h"

namespace platen::fleetsim {

// "ADDRESS:PORT", several with commas.
absl::StatusOr<std::vector<snmp::Endpoint>> ParseListeners(std::string_view text);

struct FleetOptions {
  std::size_t devices = 10;
  std::string community = "public";
  // Of SNMPv3; none: it is not spoken.
  std::optional<snmp::usm::UserOptions> user;
  std::uint32_t first_address = 0x7f100001;  // 127.16.0.1; host bytes 0 and 255 are left out.
  double print_rate = 0;                     // Pages a minute, of each device.
  Link link;                                 // Of each device, at the start.
  std::size_t message_bytes_max = 1472;
  std::uint64_t seed = 1;
  // Where traps go, each to each; none: none are sent.
  std::vector<snmp::Endpoint> notify;
};

// What became of a datagram.
enum class Outcome : std::uint8_t {
  kAnswered,
  kMalformed,
  kWrongCommunity,
  kNotARequest,
  kNoSuchDevice,
  kSilent,  // Told to be, or booting.
  kLost,
  kReported,  // SNMPv3: who asks is told what is wrong, or which engine this is.
};

inline constexpr std::size_t kOutcomes = 8;

std::string_view Name(Outcome outcome);

struct Reply {
  Outcome outcome = Outcome::kMalformed;
  std::span<const std::uint8_t> bytes;  // When answered or reported; until the next call.
  std::chrono::milliseconds delay{0};
};

// Thread-confined. Borrows the models.
class Fleet {
 public:
  // kInvalidArgument when the addresses would leave 127.0.0.0/8, or there are no devices or models.
  static absl::StatusOr<Fleet> Make(const FleetOptions& options,
                                    std::span<const PrinterModel> models,
                                    base::MonotonicTime now);

  Reply OnDatagram(base::MonotonicTime now,
                   std::uint32_t address,
                   std::span<const std::uint8_t> datagram);

  // From now on traps go there.
  void NotifyTo(std::vector<snmp::Endpoint> listeners) { options_.notify = std::move(listeners); }

  // A trap of printerV2Alert (RFC 3805) from `device`, whose newest alert was raised just now.
  // Nothing is kept where none are sent, nor what is more than a fleet can have at a time.
  void Notify(base::MonotonicTime now, const Device& device);

  struct Trap {
    std::uint32_t from = 0;  // Address of its device.
    snmp::Endpoint to;
    std::vector<std::uint8_t> bytes;
  };

  // Those of since the last call.
  std::vector<Trap> TakeTraps() { return std::exchange(traps_, {}); }

  std::span<Device> devices() { return devices_; }

  std::uint32_t AddressOf(const Device& device) const;
  // Null if none has this address.
  Device* DeviceAt(std::uint32_t address);

  const std::array<std::uint64_t, kOutcomes>& counts() const { return counts_; }

 private:
  Fleet(const FleetOptions& options, std::span<const PrinterModel> models, base::MonotonicTime now);

  Outcome Judge(base::MonotonicTime now,
                std::uint32_t address,
                std::span<const std::uint8_t> datagram,
                Reply& reply);

  Outcome JudgeSecured(base::MonotonicTime now,
                       Device& device,
                       std::span<const std::uint8_t> datagram,
                       Reply& reply);

  FleetOptions options_;
  base::Random random_;
  std::vector<Device> devices_;
  snmp::MessageDecoder decoder_;
  std::vector<std::uint8_t> buffer_;
  std::unique_ptr<snmp::usm::AgentEngine> engine_;  // Null where SNMPv3 is not spoken.
  std::vector<std::uint8_t> secured_;
  std::vector<Trap> traps_;
  std::array<std::uint64_t, kOutcomes> counts_{};
};

}  // namespace platen::fleetsim
