// What a verdict does to the record of its alert.
#pragma once

#include <optional>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "libs/base/time.h"
#include "services/notifier/core/alert_record.h"
#include "services/notifier/core/decide.h"
#include "services/notifier/core/routing.h"

namespace platen::notifier::core {

// Brings `record` (a fresh one where nothing was known) up to date and returns what is to be told,
// if anything. Leaves offsets and outbox alone. REQUIRES: the verdict is neither kIgnore nor
// kQuarantine.
std::optional<v1::OutboxEntry> Amend(base::WallTime now,
                                     const event::v1::Event& event,
                                     const Verdict& verdict,
                                     const Routing& routing,
                                     AlertRecord& record);

}  // namespace platen::notifier::core
