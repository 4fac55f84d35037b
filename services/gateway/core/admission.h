// Who comes in: decides about one event of a batch, and says why one is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/ingest/v1/ingest.pb.h"

#include "libs/base/time.h"
#include "services/gateway/core/facts.h"
#include "services/gateway/core/registry.h"

namespace platen::gateway::core {

// What the sender's certificate lets it speak for.
struct SenderScope {
  std::string installation;          // Whose numbers it tells.
  std::vector<std::string> tenants;  // Empty: all.
};

// A whole batch after admission. Slices in `events` point into the payload that was admitted.
struct AdmittedBatch {
  std::vector<AdmittedEvent> events;
  std::vector<platen::ingest::v1::Refusal> refusals;  // By position, ascending; permanent.
  // Every number that was seen, of refused events and duplicates too: the gap audit counts
  // arrivals.
  std::vector<SequenceReport> sequences;
};

// Pure. Takes each slice of `events` in order. Device clocks are never believed: they are stored,
// and decide nothing.
AdmittedBatch Admit(const std::vector<std::string_view>& events,
                    const Registry& registry,
                    const SenderScope& scope,
                    base::WallTime now);

// "undecodable", "invalid", "unregistered-device", …: for metrics and logs.
std::string_view RefusalName(platen::ingest::v1::RefusalReason reason);

}  // namespace platen::gateway::core
