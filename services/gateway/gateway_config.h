// The gateway's configuration: its defaults, and what is wrong with one.
#pragma once

#include "platen/config/v1/gateway.pb.h"

#include "libs/service/faults.h"

namespace platen::gateway {

platen::config::v1::Gateway DefaultConfig();

void ValidateConfig(const platen::config::v1::Gateway& config, service::FaultList& faults);

}  // namespace platen::gateway
