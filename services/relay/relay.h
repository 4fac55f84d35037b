// platen-relay: forwards events from Kafka to the gateways, and writes their directives to Kafka.
#pragma once

#include "platen/config/v1/relay.pb.h"

#include "absl/status/status.h"
#include "libs/service/main.h"

namespace platen::relay {

// Runs until a signal, then drains. `config` has been validated.
absl::Status RunRelay(const config::v1::Relay& config,
                      service::ServiceContext<config::v1::Relay>& context);

}  // namespace platen::relay
