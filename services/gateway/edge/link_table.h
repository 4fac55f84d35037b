// Links that were used, and what links are about. For the writer's transactions and for readers.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/link_page.h"
#include "services/gateway/core/names.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// More are not remembered: those that expire first are forgotten, and could be used again while
// their alert is open.
inline constexpr std::int64_t kUsedLinksMax = 100'000;

// `digest`: links::LinkDigest().
absl::StatusOr<core::LinkedAlert> LookUpLink(Database& database,
                                             const core::AlertPlace& alert,
                                             const std::string& digest);

// The link was used now, and is remembered until it expires. Forgets those that have expired.
absl::Status MarkLinkUsed(Database& database,
                          const std::string& digest,
                          std::int64_t expire_ms,
                          std::int64_t now_ms,
                          std::int64_t used_links_max = kUsedLinksMax);

}  // namespace platen::gateway::edge
