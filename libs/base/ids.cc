#include "libs/base/ids.h"

#include <algorithm>

#include "libs/base/random.h"
#include "libs/base/status.h"

namespace platen::base {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string HexEncode(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex(bytes.size() * 2, '0');
  char* out = hex.data();
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 15];
  }
  return hex;
}

template <class Tag>
absl::StatusOr<Id128<Tag>> Id128<Tag>::FromBytes(std::string_view bytes) {
  if (bytes.size() != kSize) {
    return InvalidArgument("an id has 16 bytes, this one has ", bytes.size());
  }
  Id128 id;
  std::memcpy(id.bytes_.data(), bytes.data(), kSize);
  return id;
}

template <class Tag>
absl::StatusOr<Id128<Tag>> Id128<Tag>::FromHex(std::string_view hex) {
  Id128 id;
  if (hex.size() != 2 * kSize) {
    return InvalidArgument(
        "an id has 32 hexadecimal digits, \"", hex, "\" has ", hex.size(), " characters");
  }
  for (std::size_t i = 0; i < kSize; ++i) {
    const int high = HexDigit(hex[2 * i]);
    const int low = HexDigit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return InvalidArgument("\"", hex, "\" is not hexadecimal");
    id.bytes_[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return id;
}

template <class Tag>
std::string Id128<Tag>::ToHex() const {
  return HexEncode(bytes());
}

template class Id128<DeviceIdTag>;
template class Id128<EventIdTag>;
template class Id128<IncidentIdTag>;
template class Id128<NotificationIdTag>;

DeviceId NewDeviceId() {
  DeviceId id;
  SecureRandomBytes(id.raw());
  return id;
}

}  // namespace platen::base
