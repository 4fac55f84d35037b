// What a verdict does to the record of its alert.
#pragma once

#include <optional>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "libs/alerting/alert_record.h"
#include "libs/alerting/decide.h"
#include "libs/base/time.h"

namespace platen::alerting {

// Brings `record` (a fresh one where nothing was known) up to date and returns the end that is to
// be told, if any; of beginnings telling.h tells. Leaves offsets and outbox alone. REQUIRES: the
// verdict is neither kIgnore nor kQuarantine.
std::optional<notifier::v1::OutboxEntry> Amend(base::WallTime now,
                                               const event::v1::Event& event,
                                               const Verdict& verdict,
                                               AlertRecord& record);

}  // namespace platen::alerting
