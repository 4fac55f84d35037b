// Asks platen-collector what a printer says.
#pragma once

#include <string>
#include <vector>

#include "platen/event/v1/device.pb.h"

#include "absl/status/statusor.h"

namespace platen::platenctl {

struct ProbeRequest {
  std::string address;
  std::string community;   // Empty: the collector's default.
  std::uint32_t port = 0;  // 0: the collector's default.
};

// Runs `platen-collector probe --format json`, found beside `program` or in PATH, and waits for it;
// what it writes to standard error goes to ours. kNotFound where there is no platen-collector,
// kUnavailable where the printer did not answer.
absl::StatusOr<platen::event::v1::DeviceSnapshot> Probe(const std::string& program,
                                                        const ProbeRequest& request);

}  // namespace platen::platenctl
