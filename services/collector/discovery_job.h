// Discovery by a schedule, beside the poller: on a thread, and from sockets, of its own.
//
// What it finds goes to `state_dir`/discovery.json, the log and the metrics. It polls nothing and
// registers nothing.
#pragma once

#include <memory>

#include "platen/config/v1/collector.pb.h"

#include "absl/status/statusor.h"
#include "libs/service/faults.h"
#include "libs/service/main.h"

namespace platen::collector {

class DiscoveryJob;

struct DiscoveryJobDeleter {
  void operator()(DiscoveryJob* job) const;
};

using DiscoveryJobHandle = std::unique_ptr<DiscoveryJob, DiscoveryJobDeleter>;

// `config` has a section `discovery`.
void ValidateDiscovery(const config::v1::Collector& config, service::FaultList& faults);

// Adds it to the service's parts; null where the configuration has no such section. What is
// returned must outlive the run of the service, and `config` and `context` must outlive that.
absl::StatusOr<DiscoveryJobHandle> AddDiscovery(
    const config::v1::Collector& config, service::ServiceContext<config::v1::Collector>& context);

}  // namespace platen::collector
