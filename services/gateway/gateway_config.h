// The gateway's configuration: its defaults, and what is wrong with one.
#pragma once

#include "platen/config/v1/gateway.pb.h"

#include "libs/base/time.h"
#include "libs/service/faults.h"

namespace platen::gateway {

platen::config::v1::Gateway DefaultConfig();

// Adds every fault, also of files that can't be used at the time `now`.
void ValidateConfig(const platen::config::v1::Gateway& config,
                    base::WallTime now,
                    service::FaultList& faults);

}  // namespace platen::gateway
