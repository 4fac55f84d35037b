#include "services/collector/core/silence.h"

#include <algorithm>

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using collector::v1::OpenAlert;

// Trouble in which some printers fall silent: what stops them, not what they could do with.
bool IsTrouble(const OpenAlert& open) {
  const event::v1::Alert& alert = open.alert();
  if (alert.origin() == event::v1::ALERT_ORIGIN_PLATEN) return false;
  return alert.severity() == event::v1::ALERT_SEVERITY_CRITICAL ||
         alert.category() == event::v1::ALERT_CATEGORY_JAM ||
         alert.category() == event::v1::ALERT_CATEGORY_ERROR || open.condition() == "cover-open";
}

}  // namespace

event::v1::SilenceReason SilenceReasonOf(const DeviceState& state) {
  if (state.powering_down()) return event::v1::SILENCE_REASON_SWITCHED_OFF;
  const event::v1::StatusReport& status = state.status();
  if (std::any_of(state.open_alerts().begin(), state.open_alerts().end(), IsTrouble) ||
      status.device_status() == event::v1::DEVICE_STATUS_DOWN) {
    return event::v1::SILENCE_REASON_AFTER_TROUBLE;
  }
  // The reachability is overwritten once it is silent; its reason is then kept.
  if (status.reachability() == event::v1::REACHABILITY_ASLEEP ||
      status.silence_reason() == event::v1::SILENCE_REASON_ASLEEP) {
    return event::v1::SILENCE_REASON_ASLEEP;
  }
  return event::v1::SILENCE_REASON_NOT_KNOWN;
}

bool SaysPowerDown(const event::v1::DeviceSnapshot& snapshot) {
  constexpr std::int32_t kPowerDown = 504;
  return std::any_of(snapshot.alerts().begin(),
                     snapshot.alerts().end(),
                     [](const event::v1::AlertRow& row) { return row.code() == kPowerDown; });
}

std::string_view Words(event::v1::SilenceReason reason) {
  switch (reason) {
    case event::v1::SILENCE_REASON_AFTER_TROUBLE:
      return "it fell silent with a fault that is still open, as some printers do";
    case event::v1::SILENCE_REASON_ASLEEP:
      return "it was asleep, and sleeps more deeply or has been switched off";
    case event::v1::SILENCE_REASON_SWITCHED_OFF:
      return "it said that it was being switched off";
    case event::v1::SILENCE_REASON_CREDENTIALS_REFUSED:
      return "it refuses the credentials";
    case event::v1::SILENCE_REASON_OTHER_DEVICE:
      return "another device answers at its address";
    case event::v1::SILENCE_REASON_NOT_ASKED:
      return "it was not asked: its address, SNMP version or credential can't be used";
    default:
      return "off, disconnected, or its settings changed";
  }
}

}  // namespace platen::collector::core
