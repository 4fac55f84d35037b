// A record that nobody will ever accept, on its way to platen.deadletter.v1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/broker/broker.h"

namespace platen::relay::core {

// Why a record is a dead letter. All but kEmpty are the gateway's (platen.ingest.v1.RefusalReason,
// same numbers).
enum class DeadLetterReason {
  kUnspecified = 0,
  kUndecodable,
  kInvalid,
  kUnregisteredDevice,
  kForeignTenant,
  kTooLarge,
  kWrongId,
  kEmpty,  // A record without value.
};
inline constexpr std::size_t kDeadLetterReasons = 8;

// "unregistered-device".
std::string_view ReasonName(DeadLetterReason reason);

struct DeadLetter {
  std::uint64_t id = 0;
  broker::Partition origin;
  std::int64_t offset = 0;
  std::string key;
  std::string value;
  DeadLetterReason reason = DeadLetterReason::kUnspecified;
  std::string detail;
};

}  // namespace platen::relay::core
