#include "services/gateway/core/target_check.h"

#include <algorithm>
#include <cctype>

#include "libs/base/status.h"
#include "libs/event/labels.h"
#include "libs/snmp/endpoint.h"

namespace platen::gateway::core {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

constexpr std::size_t kTextBytesMax = 255;
constexpr std::int64_t kIntervalSecondsMin = 1;
constexpr std::int64_t kIntervalSecondsMax = 31 * 24 * 3600;

// Neither nobody nor many: what goes to a broadcast or multicast address, every host answers.
bool IsOneHost(const snmp::Endpoint& endpoint) {
  const auto& bytes = endpoint.address;
  if (endpoint.is_v4()) return bytes[12] != 0 && bytes[12] < 224;
  const bool unspecified = std::ranges::all_of(bytes, [](auto byte) { return byte == 0; });
  return !unspecified && bytes[0] != 0xFF;
}

// However it is written, an address is one address.
absl::StatusOr<std::string> CanonicalAddress(const std::string& address) {
  const absl::StatusOr<snmp::Endpoint> endpoint = snmp::Endpoint::Parse(address, 0);
  if (endpoint.ok() && endpoint->port == 0) {
    if (IsOneHost(*endpoint)) return endpoint->AddressToString();
    return base::InvalidArgument(
        "target.address \"", address.substr(0, 64), "\" is no single printer's address");
  }
  return base::InvalidArgument("target.address \"",
                               address.substr(0, 64),
                               "\" is no IPv4 or IPv6 address (a port goes into snmp.port)");
}

absl::Status CheckText(const std::string& text, std::string_view field) {
  if (text.size() > kTextBytesMax) {
    return base::InvalidArgument("target.", field, ": at most ", kTextBytesMax, " bytes");
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are C2 80 to C2 9F in UTF-8; terminals obey them like the others.
    const bool is_c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || is_c1) {
      return base::InvalidArgument("target.", field, ": no control characters");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckInterval(const google::protobuf::Duration& interval, std::string_view field) {
  if (interval.seconds() == 0 && interval.nanos() == 0) return absl::OkStatus();
  if (interval.nanos() != 0 || interval.seconds() < kIntervalSecondsMin ||
      interval.seconds() > kIntervalSecondsMax) {
    return base::InvalidArgument("target.schedule.", field, ": whole seconds from 1s to 31 days");
  }
  return absl::OkStatus();
}

absl::Status CheckSchedule(const ev::Schedule& schedule) {
  PLATEN_RETURN_IF_ERROR(CheckInterval(schedule.status_interval(), "status_interval"));
  PLATEN_RETURN_IF_ERROR(CheckInterval(schedule.asleep_interval(), "asleep_interval"));
  PLATEN_RETURN_IF_ERROR(CheckInterval(schedule.meters_interval(), "meters_interval"));
  PLATEN_RETURN_IF_ERROR(CheckInterval(schedule.supplies_interval(), "supplies_interval"));
  return CheckInterval(schedule.firmware_interval(), "firmware_interval");
}

absl::Status CheckSnmp(const ev::SnmpAccess& snmp) {
  if (snmp.port() > 65535) return base::InvalidArgument("target.snmp.port: 1 to 65535");
  if (!snmp.credential().empty() && !event::IsLabel(snmp.credential())) {
    return base::InvalidArgument(
        "target.snmp.credential: the name of a credential in the collector's configuration, 1 to "
        "63 "
        "characters of [a-z0-9-]; never the community itself");
  }
  return CheckText(snmp.context(), "snmp.context");
}

}  // namespace

absl::StatusOr<fleet::Target> CheckTarget(const fleet::Target& target) {
  fleet::Target checked = target;
  checked.clear_name();
  checked.clear_uid();
  checked.clear_create_time();
  checked.clear_update_time();
  checked.clear_delivered();
  PLATEN_ASSIGN_OR_RETURN(*checked.mutable_address(), CanonicalAddress(target.address()));
  PLATEN_RETURN_IF_ERROR(CheckSnmp(target.snmp()));
  PLATEN_RETURN_IF_ERROR(CheckSchedule(target.schedule()));
  PLATEN_RETURN_IF_ERROR(CheckText(target.display_name(), "display_name"));
  PLATEN_RETURN_IF_ERROR(CheckText(target.customer(), "customer"));
  PLATEN_RETURN_IF_ERROR(CheckText(target.location(), "location"));
  PLATEN_RETURN_IF_ERROR(CheckText(target.site_name(), "site_name"));
  PLATEN_RETURN_IF_ERROR(CheckText(target.expected_serial(), "expected_serial"));
  if (checked.installation().empty()) checked.set_installation(std::string(kDefaultInstallation));
  if (!event::IsLabel(checked.installation())) {
    return base::InvalidArgument("target.installation: 1 to 63 characters of [a-z0-9-]");
  }
  return checked;
}

absl::Status CheckRequestId(std::string_view request_id) {
  if (request_id.empty()) return absl::OkStatus();
  bool sound = request_id.size() == 36;
  for (std::size_t i = 0; sound && i < request_id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    sound =
        dash ? request_id[i] == '-' : std::isxdigit(static_cast<unsigned char>(request_id[i])) != 0;
  }
  if (sound) return absl::OkStatus();
  return base::InvalidArgument("request_id is no UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)");
}

ev::Target MakeOrder(const fleet::Target& target,
                     const Place& place,
                     const base::DeviceId& device) {
  ev::Target order;
  order.set_device_id(std::string(device.bytes()));
  order.set_tenant(place.tenant);
  order.set_site(place.site);
  order.set_address(target.address());
  if (target.has_snmp()) *order.mutable_snmp() = target.snmp();
  if (target.has_schedule()) *order.mutable_schedule() = target.schedule();
  order.set_customer(target.customer());
  order.set_display_name(target.display_name());
  order.set_location(target.location());
  order.set_expected_serial(target.expected_serial());
  order.set_site_name(target.site_name());
  order.set_address_is_fixed(target.address_is_fixed());
  order.set_revision(1);
  return order;
}

}  // namespace platen::gateway::core
