#include "services/gateway/core/alert_projection.h"

#include <algorithm>

#include "libs/event/identity.h"
#include "libs/event/labels.h"
#include "services/gateway/core/device_projection.h"

namespace platen::gateway::core {

namespace ev = platen::event::v1;

std::string CheckAlert(const ev::Alert& alert) {
  if (alert.alert_id().empty() || alert.alert_id().size() > event::kAlertIdBytesMax) {
    return "alert_id has 1 to 255 characters";
  }
  if (alert.transition() == ev::ALERT_TRANSITION_UNSPECIFIED ||
      !ev::AlertTransition_IsValid(alert.transition())) {
    return "alert.transition is not given";
  }
  if (alert.lifecycle() == ev::ALERT_LIFECYCLE_UNSPECIFIED ||
      alert.origin() == ev::ALERT_ORIGIN_UNSPECIFIED ||
      alert.category() == ev::ALERT_CATEGORY_UNSPECIFIED) {
    return "alert: lifecycle, origin and category are required";
  }
  if (alert.transition() == ev::ALERT_TRANSITION_ENDED &&
      alert.end() == ev::ALERT_END_UNSPECIFIED) {
    return "alert.end is required where transition is ENDED";
  }
  return {};
}

AlertReport ReportAlert(const ev::Event& event, base::WallTime now) {
  const ev::Alert& alert = event.alert();
  const std::int64_t now_ms = base::ToMillis(now);
  // The device's clock may be anywhere; the collector's is the better witness unless the two agree.
  const std::int64_t observed_ms = std::min(TimestampMillis(event.observation_time()), now_ms);
  const auto believe = [&](const google::protobuf::Timestamp& told) {
    const std::int64_t told_ms = TimestampMillis(told);
    // A later time is impossible, and one of year 9999 does not even fit nanoseconds.
    if (told_ms < 0 || told_ms > observed_ms) return observed_ms;
    return platen::event::IsPlausible(base::WallFromMillis(told_ms), now) ? told_ms : observed_ms;
  };
  AlertReport report{.alert_id = alert.alert_id(),
                     .transition = alert.transition(),
                     .time_ms = observed_ms,
                     .term = event.term()};
  if (event.has_occurrence_time()) report.time_ms = believe(event.occurrence_time());
  if (alert.has_raise_time()) report.raise_ms = believe(alert.raise_time());
  return report;
}

std::optional<AlertState> Project(const std::optional<AlertState>& current,
                                  std::uint64_t device_term,
                                  const AlertReport& report) {
  if (report.term != 0 && report.term < device_term) return std::nullopt;
  const bool raised = report.transition == ev::ALERT_TRANSITION_RAISED;
  AlertState next = current.value_or(AlertState{});
  if (next.ended) {
    if (!raised || report.time_ms <= next.end_ms) return std::nullopt;
    next = AlertState{};
  }
  if (next.raise_ms == 0) {
    next.raise_ms = report.raise_ms;
    if (next.raise_ms == 0 && raised) next.raise_ms = report.time_ms;
  }
  next.open = report.transition != ev::ALERT_TRANSITION_ENDED;
  if (!next.open) {
    next.ended = true;
    next.end_ms = report.time_ms;
  }
  return next;
}

}  // namespace platen::gateway::core
