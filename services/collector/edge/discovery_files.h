// What a discovery keeps, and what it is told, in files.
#pragma once

#include <string>
#include <vector>

#include "platen/collector/v1/discovery.pb.h"
#include "platen/event/v1/pipeline.pb.h"

#include "absl/status/statusor.h"
#include "services/collector/core/address_set.h"

namespace platen::collector::edge {

// "10.1.0.0/22,10.2.0.7", or "@FILE" with the same in it. Errors name the file.
absl::StatusOr<core::AddressSet> ReadAddresses(const std::string& text, core::RangeEnds ends);

// The last report; empty where there is no such file yet. JSON of DiscoveryReport.
absl::StatusOr<collector::v1::DiscoveryReport> ReadReport(const std::string& path);

// In the place of the one before, which stays whole until this one is.
absl::Status WriteReport(const std::string& path, const collector::v1::DiscoveryReport& report);

// What is to be polled already, as `platenctl targets list --output json` prints it: a target in
// JSON a line, with its address, and as far as it has them snmp.port and expected_serial.
absl::StatusOr<std::vector<event::v1::Target>> ReadKnownTargets(const std::string& path);

}  // namespace platen::collector::edge
