// A discovery from its first datagram to its last: who is announced, and then who answers by SNMP.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "platen/collector/v1/discovery.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "services/collector/core/announcements.h"
#include "services/collector/core/discovery_report.h"
#include "services/collector/core/profile.h"
#include "services/collector/edge/discovery_session.h"

namespace platen::collector::edge {

struct DiscoveryPlan {
  // Its addresses are those that are asked in any case; may be none where there are queries.
  DiscoveryOptions options;
  // One after the other, before anybody is asked by SNMP.
  std::vector<core::AnnouncementQuery> queries;
};

// `ranges` of the scope may be empty where there is a query. kInvalidArgument: as AddressesToAsk().
absl::StatusOr<core::AddressSet> AddressesOf(const core::DiscoveryScope& scope, bool has_queries);

struct DiscoveryRun {
  // Nothing where it was to stop.
  std::optional<core::Discovered> discovered;
  // Requests by SNMP, also of one that was stopped.
  std::uint64_t requests = 0;
};

// Who was announced at the last time (`previous`) is asked again, so that an announcement that got
// lost makes nobody "not asked". Looks at `stop` five times a second. kUnavailable without sockets.
absl::StatusOr<DiscoveryRun> RunDiscovery(const DiscoveryPlan& plan,
                                          const collector::v1::DiscoveryReport& previous,
                                          const core::ProfileSet& profiles,
                                          const base::Clock& clock,
                                          const std::function<bool()>& stop);

}  // namespace platen::collector::edge
