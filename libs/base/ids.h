// Identifiers that cannot be taken for one another.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace platen::base {

// 128 bits, compared and ordered as bytes; written as 32 lower-case hexadecimal digits. A value
// type.
template <class Tag>
class Id128 {
 public:
  static constexpr std::size_t kSize = 16;

  // All zeros: "none".
  constexpr Id128() = default;

  // `bytes` as it stands in a protobuf `bytes` field. kInvalidArgument unless there are 16 of them.
  static absl::StatusOr<Id128> FromBytes(std::string_view bytes);
  // Accepts upper and lower case. kInvalidArgument unless there are 32 hexadecimal digits.
  static absl::StatusOr<Id128> FromHex(std::string_view hex);

  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

  std::string ToHex() const;

  bool is_none() const { return *this == Id128(); }

  std::array<std::uint8_t, kSize>& raw() { return bytes_; }

  const std::array<std::uint8_t, kSize>& raw() const { return bytes_; }

  friend auto operator<=>(const Id128&, const Id128&) = default;

  template <class H>
  friend H AbslHashValue(H state, const Id128& id) {
    return H::combine(std::move(state), id.bytes_);
  }

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

// 128 random bits, given by the registry when a target is added; never changes
// (docs/ARCHITECTURE.md, "Names that last").
using DeviceId = Id128<struct DeviceIdTag>;
// 48 bits of milliseconds since the Unix epoch, then 80 bits of SHA-256 over the event's identity
// (libs/event/identity.h).
using EventId = Id128<struct EventIdTag>;
// What is said about one alert from its beginning to its end (libs/alerting/identity.h).
using IncidentId = Id128<struct IncidentIdTag>;
// One message for one receiver: its idempotency key.
using NotificationId = Id128<struct NotificationIdTag>;

extern template class Id128<DeviceIdTag>;
extern template class Id128<EventIdTag>;
extern template class Id128<IncidentIdTag>;
extern template class Id128<NotificationIdTag>;

// A fresh random device id.
DeviceId NewDeviceId();

std::string HexEncode(std::string_view bytes);

}  // namespace platen::base
