// From what an operator writes (proto/platen/config/v1/relay.proto) to what the code passes.
#pragma once

#include "platen/config/v1/relay.pb.h"
#include "platen/event/v1/lane.pb.h"

#include "libs/service/faults.h"
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
core::RouteFilter ToRouteFilter(const config::v1::Relay& config, const config::v1::Route& route);

}  // namespace platen::relay
