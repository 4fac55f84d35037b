// What a batch carries: decompression that checks before it allocates, and the events as slices.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "platen/ingest/v1/ingest.pb.h"

#include "absl/status/statusor.h"

namespace platen::gateway::core {

inline constexpr std::uint32_t kPayloadBytesMax = 4 * 1024 * 1024;
inline constexpr std::uint32_t kBatchEventsMax = 10'000;

// The serialised BatchPayload. A zstd frame whose header claims another size than
// `batch.payload_bytes`, or more than kPayloadBytesMax, is refused before anything is allocated.
// kInvalidArgument.
absl::StatusOr<std::string> Decompress(const platen::ingest::v1::Batch& batch);

// Slices of `payload`, one for each event, in order. kInvalidArgument where it is no BatchPayload,
// or does not hold `expected` events.
absl::StatusOr<std::vector<std::string_view>> SplitPayload(std::string_view payload,
                                                           std::uint32_t expected);

}  // namespace platen::gateway::core
