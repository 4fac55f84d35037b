#include "services/relay/core/dead_letter.h"

#include <array>

namespace platen::relay::core {
namespace {

constexpr std::array<std::string_view, kDeadLetterReasons> kReasonNames = {
    "unspecified",
    "undecodable",
    "invalid",
    "unregistered-device",
    "foreign-tenant",
    "too-large",
    "wrong-id",
    "empty",
};

}  // namespace

std::string_view ReasonName(DeadLetterReason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return kReasonNames[index < kDeadLetterReasons ? index : 0];
}

}  // namespace platen::relay::core
