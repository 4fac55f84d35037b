#include "libs/event/lanes.h"

#include "libs/base/status.h"

namespace platen::event {

v1::Lane LaneOf(v1::Event::BodyCase body) {
  switch (body) {
    case v1::Event::kAlert:
    case v1::Event::kStatusChange:
    case v1::Event::kAlertDecision:
    case v1::Event::kNotificationReport:
    case v1::Event::kHeartbeat:
    case v1::Event::kGap:
      return v1::LANE_ALERTS;
    case v1::Event::kDebugLog:
    case v1::Event::kServiceModeReport:
    case v1::Event::kServiceBrowserReport:
    case v1::Event::kSmartReport:
      return v1::LANE_LOGS;
    case v1::Event::BODY_NOT_SET:
      return v1::LANE_UNSPECIFIED;
    default:
      return v1::LANE_TELEMETRY;
  }
}

std::string_view LaneName(v1::Lane lane) {
  switch (lane) {
    case v1::LANE_ALERTS:
      return "alerts";
    case v1::LANE_TELEMETRY:
      return "telemetry";
    case v1::LANE_LOGS:
      return "logs";
    default:
      return "";
  }
}

absl::StatusOr<v1::Lane> LaneFromName(std::string_view name) {
  for (const v1::Lane lane : kLanes) {
    if (LaneName(lane) == name) return lane;
  }
  return base::InvalidArgument("\"", name, "\" is no lane; lanes are alerts, telemetry, logs");
}

}  // namespace platen::event
