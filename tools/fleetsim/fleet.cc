#include "tools/fleetsim/fleet.h"

#include "libs/base/status.h"
#include "libs/snmp/message_writer.h"
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

absl::StatusOr<std::vector<snmp::Endpoint>> ParseListeners(std::string_view text) {
  std::vector<snmp::Endpoint> listeners;
  while (true) {
    const std::size_t comma = text.find(',');
    PLATEN_ASSIGN_OR_RETURN(listeners.emplace_back(), snmp::Endpoint::Parse(text.substr(0, comma)));
    if (comma == std::string_view::npos) return listeners;
    text.remove_prefix(comma + 1);
  }
}

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
  if (options.user.has_value()) {
    engine_ = std::make_unique<snmp::usm::AgentEngine>(
        snmp::usm::AgentEngineOptions{.users = {*options.user}});
  }
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

  reply.delay = std::chrono::milliseconds(link.delay_ms);
  if (engine_ != nullptr && snmp::usm::IsVersion3(datagram)) {
    return JudgeSecured(now, *device, datagram, reply);
  }
  snmp::MessageView request;
  if (decoder_.Decode(datagram, request) != snmp::DecodeFault::kNone) return Outcome::kMalformed;
  if (request.head.community != options_.community) return Outcome::kWrongCommunity;
  DeviceMib mib(*device, now);
  reply.bytes =
      snmp::Answer(request, mib, {.message_bytes_max = options_.message_bytes_max}, buffer_);
  return reply.bytes.empty() ? Outcome::kNotARequest : Outcome::kAnswered;
}

// Its engine id is of the format "octets" (RFC 3411 §5) under net-snmp's number, for Platen has
// none.
Outcome Fleet::JudgeSecured(base::MonotonicTime now,
                            Device& device,
                            std::span<const std::uint8_t> datagram,
                            Reply& reply) {
  constexpr std::string_view kFormat("\x80\x00\x1f\x88\x05", 5);
  const std::string engine_id = base::StrCat(kFormat, "printer-", device.number());
  const snmp::usm::EngineNow engine{
      .engine_id = engine_id,
      .boots = device.boots(),
      .time = static_cast<std::int32_t>(device.uptime_ticks(now) / 100)};
  auto received = engine_->Receive(engine, datagram);
  if (!received.request.has_value()) {
    secured_ = std::move(received.report);
    reply.bytes = secured_;
    return secured_.empty() ? Outcome::kMalformed : Outcome::kReported;
  }
  DeviceMib mib(device, now);
  const auto answer = snmp::Answer(
      *received.request, mib, {.message_bytes_max = options_.message_bytes_max}, buffer_);
  if (answer.empty()) return Outcome::kNotARequest;
  secured_ = engine_->Reply(engine, answer);
  reply.bytes = secured_;
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
    case Outcome::kReported:
      return "reported";
  }
  return "unknown";
}

void Fleet::Notify(base::MonotonicTime now, const Device& device) {
  using snmp::operator""_oid;
  constexpr snmp::Oid kSysUpTime = "1.3.6.1.2.1.1.3.0"_oid;
  constexpr snmp::Oid kTrapOid = "1.3.6.1.6.3.1.1.4.1.0"_oid;
  constexpr snmp::Oid kPrinterAlert = "1.3.6.1.2.1.43.18.2.0.1"_oid;
  constexpr snmp::Oid kAlertIndex = "1.3.6.1.2.1.43.18.1.1.1"_oid;
  if (traps_.size() >= devices_.size() * options_.notify.size()) return;
  const std::uint32_t index = device.alerts().back().index;
  const snmp::Oid row = kAlertIndex.Child({device.model().device_index(), index});
  std::vector<std::uint8_t> buffer(256 + options_.community.size());
  snmp::MessageWriter writer(buffer, options_.community.size());
  const bool fits = writer.Add({kSysUpTime,
                                snmp::ValueView::Number(snmp::ValueType::kTimeTicks,
                                                        device.uptime_ticks(now))}) &&
                    writer.Add({kTrapOid, snmp::ValueView::ObjectId(kPrinterAlert)}) &&
                    writer.Add({row, snmp::ValueView::Integer(index)});
  if (!fits) return;
  const auto bytes = writer.Finish({.type = snmp::PduType::kTrap,
                                    .request_id = static_cast<std::int32_t>(index),
                                    .community = options_.community});
  for (const snmp::Endpoint& listener : options_.notify)
    traps_.push_back({AddressOf(device), listener, {bytes.begin(), bytes.end()}});
}

}  // namespace platen::fleetsim
