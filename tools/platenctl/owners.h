// Who polls what. Pure.
#pragma once

#include <string>
#include <vector>

#include "platen/fleet/v1/fleet.pb.h"

#include "libs/base/time.h"

namespace platen::platenctl {

// One partition of the devices.
struct Owner {
  std::string installation;
  platen::event::v1::Heartbeat::Partition partition;
  // Who owns it; null: nobody who was heard. Borrowed from the status.
  const platen::fleet::v1::PipelineStatus::Hop* hop = nullptr;
};

// By installation and number. A collector that was not heard for three heartbeats owns nothing, and
// of two that say the same the one with the higher term is right.
std::vector<Owner> OwnersOf(const platen::fleet::v1::PipelineStatus& status, base::WallTime now);

}  // namespace platen::platenctl
