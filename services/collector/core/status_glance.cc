#include "services/collector/core/status_glance.h"

#include "absl/hash/hash.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"

namespace platen::collector::core {

std::optional<StatusGlance> GlanceAt(const ReadAnswer& answer, base::WallTime now) {
  static const snmp::Oid kLifeCount = oids::kMarkerEntry.Child(oids::kMarkerLifeCount);
  if (answer.result != ReadAnswer::Result::kAnswered || !answer.complete) return std::nullopt;
  StatusGlance glance;
  glance.time = now;
  bool has_uptime = false;
  for (const snmp::Varbind& varbind : answer.values) {
    if (varbind.name == oids::kSysUpTime) {
      const std::optional<std::uint64_t> ticks = Counter(&varbind);
      if (!ticks.has_value()) return std::nullopt;
      glance.uptime_ticks = *ticks;
      has_uptime = true;
    } else if (!varbind.name.StartsWith(kLifeCount)) {
      const snmp::ValueView value = varbind.value.view();
      glance.fingerprint = absl::HashOf(
          glance.fingerprint, varbind.name, value.type(), value.raw_number(), value.raw_bytes());
    }
  }
  if (!has_uptime) return std::nullopt;
  if (glance.fingerprint == 0) glance.fingerprint = 1;
  return glance;
}

}  // namespace platen::collector::core
