#include "services/collector/core/alert_return.h"

#include "libs/base/status.h"
#include "services/collector/core/alert_life.h"
#include "services/collector/core/alert_rows.h"

namespace platen::collector::core {

using collector::v1::DeviceState;
using collector::v1::OpenAlert;

namespace {

void Forget(DeviceState& state, int at) {
  const std::string& id = state.superseded_alerts(at).alert().alert_id();
  state.mutable_instances()->erase(ChangesOf(id));
  state.mutable_superseded_alerts()->DeleteSubrange(at, 1);
}

}  // namespace

std::string ChangesOf(std::string_view alert_id) {
  return base::StrCat("changes of ", alert_id);
}

void KeepSuperseded(DeviceState& state, const OpenAlert& open) {
  if (state.superseded_alerts_size() >= kOpenAlertsMax) Forget(state, 0);
  OpenAlert& kept = *state.add_superseded_alerts();
  kept = open;
  kept.set_polls_superseded(0);
}

bool AgeSuperseded(DeviceState& state) {
  bool forgot = false;
  for (int i = state.superseded_alerts_size() - 1; i >= 0; --i) {
    OpenAlert& kept = *state.mutable_superseded_alerts(i);
    kept.set_polls_superseded(kept.polls_superseded() + 1);
    if (kept.polls_superseded() <= kPollsToReturn) continue;
    Forget(state, i);
    forgot = true;
  }
  return forgot;
}

std::optional<OpenAlert> TakeSuperseded(DeviceState& state,
                                        const OpenAlert& open,
                                        const Places& places) {
  for (int i = 0; i < state.superseded_alerts_size(); ++i) {
    const OpenAlert& kept = state.superseded_alerts(i);
    if (kept.condition() != open.condition()) continue;
    if (open.has_row() && kept.has_row() && !SameContent(open.row(), kept.row())) continue;
    if (places.Compare(PlaceOf(kept), PlaceOf(open)) == PlaceMatch::kOther) continue;
    OpenAlert back = kept;
    state.mutable_superseded_alerts()->DeleteSubrange(i, 1);
    return back;
  }
  return std::nullopt;
}

}  // namespace platen::collector::core
