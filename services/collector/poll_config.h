// The configuration of role `poll`: its defaults, its bounds, and what the parts make of it.
#pragma once

#include "platen/config/v1/collector.pb.h"

#include "libs/service/faults.h"
#include "services/collector/core/fleet_poller.h"
#include "services/collector/edge/reader.h"
#include "services/collector/edge/spool.h"

namespace platen::collector {

// What holds where the file says nothing.
config::v1::Collector DefaultConfig();

// Adds everything that is wrong with it.
void ValidateConfig(const config::v1::Collector& config, service::FaultList& faults);

// But for `outlives_session`.
core::FleetPollerOptions ToFleetOptions(const config::v1::Collector& config);

// `partitions`: of device-state.
edge::SpoolOptions ToSpoolOptions(const config::v1::Collector& config, std::int32_t partitions);

// Reads the secrets' files. kNotFound or kPermissionDenied where one can't be read.
absl::StatusOr<edge::ReaderOptions> ToReaderOptions(const config::v1::Collector& config);

}  // namespace platen::collector
