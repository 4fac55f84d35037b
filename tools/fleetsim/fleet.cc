#include "tools/fleetsim/fleet.h"

#include "libs/base/status.h"
#include "tools/fleetsim/device_mib.h"

namespace platen::fleetsim {
namespace {

// Addresses go through the last byte from 1 to 254, then on to the next /24.
constexpr std::uint32_t kHosts = 254;

std::uint64_t Ordinal(std::uint32_t address) {
  return std::uint64_t{address >> 8} * kHosts + (address & 0xff) - 1;
}

std::uint32_t AddressAt(std::uint64_t ordinal) {
  return static_cast<std::uint32_t>(ordinal / kHosts << 8 | (ordinal % kHosts + 1));
}

bool IsHost(std::uint32_t address) {
  return (address & 0xff) != 0 && (address & 0xff) != 255;
}

}  // namespace

absl::StatusOr<Fleet> Fleet::Make(const FleetOptions& options,
                                  std::span<const PrinterModel> models,
                                  base::MonotonicTime now) {
  if (options.devices == 0 || models.empty())
    return base::InvalidArgument("a fleet needs devices (option --devices)");
  const std::uint32_t first = options.first_address;
  const std::uint64_t last = AddressAt(Ordinal(first) + options.devices - 1);
  if (first >> 24 != 127 || !IsHost(first) || last >> 24 != 127 || options.devices >= 1u << 24) {
    return base::InvalidArgument(options.devices,
                                 " addresses from ",
                                 snmp::Endpoint::V4(first, 0).AddressToString(),
                                 " on do not lie in 127.0.0.0/8 (option --first-address)");
  }
  return Fleet(options, models, now);
}

Fleet::Fleet(const FleetOptions& options,
             std::span<const PrinterModel> models,
             base::MonotonicTime now)
    : options_(options), random_(options.seed), buffer_(options.message_bytes_max) {
  devices_.reserve(options.devices);
  for (std::size_t i = 0; i < options.devices; ++i) {
    Device& device =
        devices_.emplace_back(static_cast<std::uint32_t>(i), models[i % models.size()], now);
    device.link() = options.link;
    device.SetPrintRate(now, options.print_rate);
  }
}

std::uint32_t Fleet::AddressOf(const Device& device) const {
  return AddressAt(Ordinal(options_.first_address) + device.number());
}

Device* Fleet::DeviceAt(std::uint32_t address) {
  if (!IsHost(address)) return nullptr;
  const std::uint64_t number =
      Ordinal(address) - Ordinal(options_.first_address);  // Wraps below the first.
  return number < devices_.size() ? &devices_[number] : nullptr;
}

Reply Fleet::OnDatagram(base::MonotonicTime now,
                        std::uint32_t address,
                        std::span<const std::uint8_t> datagram) {
  Reply reply;
  reply.outcome = Judge(now, address, datagram, reply);
  ++counts_[static_cast<std::size_t>(reply.outcome)];
  return reply;
}

Outcome Fleet::Judge(base::MonotonicTime now,
                     std::uint32_t address,
                     std::span<const std::uint8_t> datagram,
                     Reply& reply) {
  Device* device = DeviceAt(address);
  if (device == nullptr) return Outcome::kNoSuchDevice;
  ++device->requests;
  const Link& link = device->link();
  if (link.silent || device->IsBooting(now)) return Outcome::kSilent;
  if (link.loss_percent > 0 && random_.Below(100) < link.loss_percent) return Outcome::kLost;

  snmp::MessageView request;
  if (decoder_.Decode(datagram, request) != snmp::DecodeFault::kNone) return Outcome::kMalformed;
  if (request.head.community != options_.community) return Outcome::kWrongCommunity;
  DeviceMib mib(*device, now);
  reply.bytes =
      snmp::Answer(request, mib, {.message_bytes_max = options_.message_bytes_max}, buffer_);
  if (reply.bytes.empty()) return Outcome::kNotARequest;
  reply.delay = std::chrono::milliseconds(link.delay_ms);
  return Outcome::kAnswered;
}

std::string_view Name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswered:
      return "answered";
    case Outcome::kMalformed:
      return "malformed";
    case Outcome::kWrongCommunity:
      return "wrong-community";
    case Outcome::kNotARequest:
      return "not-a-request";
    case Outcome::kNoSuchDevice:
      return "no-such-device";
    case Outcome::kSilent:
      return "silent";
    case Outcome::kLost:
      return "lost";
  }
  return "unknown";
}

}  // namespace platen::fleetsim
