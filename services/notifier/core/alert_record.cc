#include "services/notifier/core/alert_record.h"

#include "libs/base/planted_bug.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::notifier::core {
namespace {

absl::StatusOr<base::EventId> OptionalEventId(const std::string& bytes) {
  if (bytes.empty()) return base::EventId();
  return base::EventId::FromBytes(bytes);
}

void SetOptional(const base::EventId& id, std::string& bytes) {
  if (!id.is_none()) bytes.assign(id.bytes());
}

}  // namespace

v1::AlertState ToState(const base::DeviceId& device,
                       const std::string& alert_id,
                       std::uint64_t term,
                       const AlertRecord& record) {
  v1::AlertState state;
  state.set_device_id(std::string(device.bytes()));
  state.set_alert_id(alert_id);
  state.set_instance(record.instance);
  state.set_round(record.round);
  state.set_phase(record.open ? v1::ALERT_PHASE_OPEN : v1::ALERT_PHASE_CLOSED);
  state.set_end(record.end);
  state.set_term(term);
  SetOptional(record.raise_event, *state.mutable_raise_event_id());
  SetOptional(record.end_event, *state.mutable_end_event_id());
  *state.mutable_observation_time() = event::ToProto(base::WallFromMillis(record.observed_millis));
  *state.mutable_change_time() = event::ToProto(base::WallFromMillis(record.changed_millis));
  state.set_reason(record.reason);
  for (const std::string& receiver : record.told) state.add_told(receiver);
  state.set_title(record.title);
  state.set_next_input(record.next_input);
  if (base::IsPlanted(base::PlantedBug::kForgetsOutbox)) return state;
  for (const PendingEntry& pending : record.outbox) *state.add_outbox() = pending.entry;
  return state;
}

absl::StatusOr<AlertRecord> FromState(const v1::AlertState& state) {
  AlertRecord record;
  record.instance = state.instance();
  record.round = state.round();
  record.open = state.phase() == v1::ALERT_PHASE_OPEN;
  record.end = state.end();
  record.reason = state.reason();
  PLATEN_ASSIGN_OR_RETURN(record.raise_event, OptionalEventId(state.raise_event_id()));
  PLATEN_ASSIGN_OR_RETURN(record.end_event, OptionalEventId(state.end_event_id()));
  record.observed_millis = base::ToMillis(event::FromProto(state.observation_time()));
  record.changed_millis = base::ToMillis(event::FromProto(state.change_time()));
  record.next_input = state.next_input();
  record.told.assign(state.told().begin(), state.told().end());
  record.title = state.title();
  for (const v1::OutboxEntry& entry : state.outbox()) record.outbox.push_back({.entry = entry});
  return record;
}

std::string StateKey(const base::DeviceId& device, const std::string& alert_id) {
  return base::StrCat(device.ToHex(), "/", alert_id);
}

}  // namespace platen::notifier::core
