// The filter of ListAlerts and WatchAlerts: a subset of AIP-160 (filter_text.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platen/fleet/v1/fleet.pb.h"

#include "absl/status/statusor.h"

namespace platen::gateway::core {

// All given parts must hold.
struct AlertFilter {
  std::optional<bool> open;
  std::optional<platen::event::v1::AlertCategory> category;
  std::optional<platen::event::v1::AlertSeverity> severity;
  std::optional<platen::event::v1::AlertTraining> training;
  std::optional<std::int32_t> code;
  // By field: "tenant", "site" and "device" as in the alert's name; "vendor", "model",
  // "serial_number", "customer" and "location" as its label has them.
  std::map<std::string, std::string> texts;
  // In lower case: each is contained, in any case of ASCII letters, in one of the texts that people
  // read.
  std::vector<std::string> contained;

  bool Matches(const platen::fleet::v1::AlertRecord& record) const;
};

// `category = jam AND training = field_service AND text : "duplex"`. An empty text filters nothing.
// kInvalidArgument says at which column it stopped understanding.
absl::StatusOr<AlertFilter> ParseAlertFilter(std::string_view text);

}  // namespace platen::gateway::core
