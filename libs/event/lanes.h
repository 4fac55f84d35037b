// The three lanes and what travels in each.
#pragma once

#include <string>
#include <string_view>

#include "platen/event/v1/event.pb.h"

#include "absl/status/statusor.h"

namespace platen::event {

// The lane of a kind of event; LANE_UNSPECIFIED where no body is set.
v1::Lane LaneOf(v1::Event::BodyCase body);

// "alerts", "telemetry", "logs".
std::string_view LaneName(v1::Lane lane);

// kInvalidArgument for any other name.
absl::StatusOr<v1::Lane> LaneFromName(std::string_view name);

inline constexpr v1::Lane kLanes[] = {v1::LANE_ALERTS, v1::LANE_TELEMETRY, v1::LANE_LOGS};

// Largest serialised event; what is larger travels in chunks.
inline constexpr std::size_t kEventBytesMax = 256 * 1024;

// Names of topics, below a prefix: "platen" + ".alerts.v1".
class Topics {
 public:
  explicit Topics(std::string_view prefix) : prefix_(prefix.empty() ? "platen" : prefix) {}

  std::string Lane(v1::Lane lane) const { return Name(LaneName(lane)); }

  std::string targets() const { return Name("targets"); }

  std::string device_state() const { return Name("device-state"); }

  std::string commands() const { return Name("commands"); }

  std::string rules() const { return Name("rules"); }

  std::string notifier_state() const { return Name("notifier-state"); }

  std::string notifications() const { return Name("notifications"); }

  std::string deliveries() const { return Name("deliveries"); }

  std::string deadletter() const { return Name("deadletter"); }

 private:
  std::string Name(std::string_view name) const {
    return prefix_ + "." + std::string(name) + ".v1";
  }

  std::string prefix_;
};

}  // namespace platen::event
