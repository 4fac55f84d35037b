#include "services/collector/core/overtaken.h"

#include <functional>

#include "libs/base/planted_bug.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/alert_return.h"

namespace platen::collector::core {
namespace {

using event::v1::Alert;
using event::v1::Event;

std::size_t DigestOf(std::string_view text) {
  return std::hash<std::string_view>()(text);
}

// "jam" of "jam/3".
std::string_view ConditionOf(const Alert& alert) {
  return std::string_view(alert.alert_id()).substr(0, alert.alert_id().rfind('/'));
}

}  // namespace

Counted::Counted(const collector::v1::DeviceState& state) {
  for (const auto& [condition, instance] : state.instances()) {
    instances_[DigestOf(condition)] = instance;
  }
  for (const auto& open : state.open_alerts()) open_.insert(DigestOf(open.alert().alert_id()));
}

bool Counted::Has(std::string_view condition, std::uint64_t instance) const {
  const auto found = instances_.find(DigestOf(condition));
  return found != instances_.end() && found->second >= instance;
}

bool Counted::KnowsAlert(const Alert& alert) const {
  return Has(ConditionOf(alert), alert.instance());
}

bool Counted::Knows(const Event& event) const {
  const event::v1::InstanceOccurrence& counted = event.occurrence().instance();
  if (!event.has_alert()) return Has(counted.condition(), counted.instance());
  const Alert& alert = event.alert();
  if (!KnowsAlert(alert)) return false;
  if (!open_.contains(DigestOf(alert.alert_id()))) return true;
  if (alert.transition() == event::v1::ALERT_TRANSITION_ENDED) return false;
  // A change, or a return after a reboot.
  const bool is_first = counted.condition() != alert.alert_id();
  return is_first || Has(ChangesOf(alert.alert_id()), counted.instance());
}

std::vector<SpooledFate> FatesOf(std::span<const Event> events, const Overtaking& by) {
  static const Counted kNothing{collector::v1::DeviceState()};

  struct Life {
    bool has_beginning = false;
    bool is_over = false;  // The newest is its end.
  };

  std::map<std::string_view, Life> lives;
  for (const Event& event : events) {
    if (!event.has_alert()) continue;
    const auto [at, is_first] = lives.try_emplace(event.alert().alert_id());
    if (is_first) {
      at->second.has_beginning = event.alert().transition() == event::v1::ALERT_TRANSITION_RAISED;
    }
    at->second.is_over = event.alert().transition() == event::v1::ALERT_TRANSITION_ENDED &&
                         event::FromProto(event.observation_time()) < by.claimed;
  }
  std::vector<SpooledFate> fates;
  for (const Event& event : events) {
    const auto found = by.shared.find(event.device_id());
    const Counted& shared = found == by.shared.end() ? kNothing : found->second;
    SpooledFate& fate = fates.emplace_back(SpooledFate::kLeft);
    const bool forgets = base::IsPlanted(base::PlantedBug::kNamesKnownAlert);
    if (shared.Knows(event) && !forgets) {
      fate = SpooledFate::kSaid;
    } else if (event.has_alert() && (forgets || !shared.KnowsAlert(event.alert()))) {
      const Life& life = lives.at(event.alert().alert_id());
      if (life.has_beginning && life.is_over) fate = SpooledFate::kNamed;
    }
  }
  return fates;
}

absl::Status NameByTerm(Event& event) {
  const std::string mark = base::StrCat("~", event.term());
  event.mutable_alert()->mutable_alert_id()->append(mark);
  if (event.occurrence().has_instance()) {
    event.mutable_occurrence()->mutable_instance()->mutable_condition()->append(mark);
  }
  event.clear_term();
  PLATEN_ASSIGN_OR_RETURN(const base::EventId id, event::DeriveId(event));
  event.set_id(std::string(id.bytes()));
  return absl::OkStatus();
}

}  // namespace platen::collector::core
