// All that is registered, whoever polls it: what a discovery need not propose.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platen/event/v1/pipeline.pb.h"

#include "absl/status/statusor.h"
#include "libs/broker/broker.h"

namespace platen::collector::edge {

// Reads `partitions` partitions to their ends, from where `subscriber` begins. kCancelled as soon
// as `stop` says so; errors of the subscriber pass through. A record that can't be understood is
// nobody's.
absl::StatusOr<std::vector<event::v1::Target>> ReadAllTargets(broker::Subscriber& subscriber,
                                                              std::int32_t partitions,
                                                              const std::function<bool()>& stop);

// Those of a targets file (Collector.targets_file).
absl::StatusOr<std::vector<event::v1::Target>> ReadTargetsFile(const std::string& path);

}  // namespace platen::collector::edge
