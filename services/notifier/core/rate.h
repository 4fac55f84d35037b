// How often an alert begins: what rates and damping of rules count.
//
// Pure.
#pragma once

#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "libs/base/time.h"
#include "services/notifier/core/alert_record.h"

namespace platen::notifier::core {

// Adds a beginning and forgets the oldest where there are too many.
void AddRaise(const event::v1::Event& event, base::WallTime now, AlertRecord& record);

// Whether this beginning is one too many: of the alerts of this category on the device, jams as
// service people count them. What has no page count does not count by pages.
bool IsTooOften(const rules::v1::Rate& rate,
                base::WallTime now,
                const AlertRecord& record,
                const std::vector<const AlertRecord*>& others);

// Until when the alert, which comes and goes, is to be left alone; `now` or earlier where it does
// not, or has been quiet.
base::WallTime QuietUntil(const rules::v1::Damping& damping,
                          base::WallTime now,
                          const AlertRecord& record);

}  // namespace platen::notifier::core
