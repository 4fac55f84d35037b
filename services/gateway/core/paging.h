// Page sizes and page tokens (AIP-158): opaque, and bound to the other arguments of the call.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace platen::gateway::core {

// 0 means 100, more than 1000 is taken as 1000. kInvalidArgument where negative.
absl::StatusOr<int> PageSize(std::int32_t asked);

// `arguments`: everything of the call that must not change between pages.
std::string MakePageToken(std::initializer_list<std::string_view> arguments,
                          std::string_view cursor);

// The cursor of `token`; empty where the token is. kInvalidArgument where the token is none of
// ours, or of a call with other arguments.
absl::StatusOr<std::string> ReadPageToken(std::initializer_list<std::string_view> arguments,
                                          std::string_view token);

// A token to resume a stream: names the store it is from, and the position in it.
std::string MakeResumeToken(std::string_view store_id,
                            std::string_view parent,
                            std::int64_t position);

// kOutOfRange where it is none of this store's.
absl::StatusOr<std::int64_t> ReadResumeToken(std::string_view store_id,
                                             std::string_view parent,
                                             std::string_view token);

}  // namespace platen::gateway::core
