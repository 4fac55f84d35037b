// From what an operator writes (proto/platen/config/v1/relay.proto) to what the code passes.
#pragma once

#include <cstdint>
#include <optional>

#include "platen/config/v1/relay.pb.h"
#include "platen/event/v1/lane.pb.h"

#include "absl/status/statusor.h"
#include "libs/service/faults.h"
#include "libs/tls/credentials.h"
#include "services/relay/edge/gateway_uplink.h"
#include "services/relay/lane_pipeline.h"

namespace platen::relay {

config::v1::Relay DefaultRelayConfig();

// Adds every fault: one `default` route, exactly one route with directives, unique names, bounds,
// and files that can't be used at the time `now`.
void ValidateRelayConfig(const config::v1::Relay& config,
                         base::WallTime now,
                         service::FaultList& faults);

// REQUIRES of the following: a valid configuration.
LanePipelineOptions ToPipelineOptions(const config::v1::Relay& config,
                                      const config::v1::Route& route,
                                      event::v1::Lane lane);
edge::GatewayUplinkOptions ToUplinkOptions(const config::v1::Relay& config,
                                           const config::v1::Route& route,
                                           event::v1::Lane lane);
// Reads the password's file; its errors pass through. No address where the route has no proxy.
absl::StatusOr<tls::HttpProxy> ToProxy(const config::v1::Route& route);
// What logs may use together with everything else; none where they may use what they get.
std::optional<std::uint64_t> ToLogsBytesPerSecond(const config::v1::Relay& config);
core::RouteFilter ToRouteFilter(const config::v1::Relay& config, const config::v1::Route& route);

}  // namespace platen::relay
