// What dead letters of all services have in common.
#pragma once

#include <cstddef>

namespace platen::event {

// So many bytes of a refused record go into its dead letter at the most. What nobody could use may
// be as large as Kafka's records get; with reason and origin it must still be one.
inline constexpr std::size_t kDeadLetterPayloadBytesMax = 960u << 10;

}  // namespace platen::event
