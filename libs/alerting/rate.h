// How often an alert begins: what rates and damping of rules count.
//
// Pure.
#pragma once

#include <string_view>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "libs/alerting/alert_record.h"
#include "libs/base/time.h"

namespace platen::alerting {

// Adds a beginning and forgets the oldest where there are too many.
void AddRaise(const event::v1::Event& event, base::WallTime now, AlertRecord& record);

// Whether this beginning is one too many: of the alerts of this category on the device, jams as
// service people count them. What has no page count does not count by pages.
bool IsTooOften(const rules::v1::Rate& rate,
                base::WallTime now,
                const AlertRecord& record,
                const std::vector<const AlertRecord*>& others);

// Until when the alert, which comes and goes, is to be left alone; `now` or earlier where it does
// not, or has been quiet. `alike`: those of the device that were the same before (IsAlike).
base::WallTime QuietUntil(const rules::v1::Damping& damping,
                          base::WallTime now,
                          const AlertRecord& record,
                          const std::vector<const AlertRecord*>& alike);

// Whether two alerts of a device are the same condition, one time and another: collectors name them
// "jam/1", "jam/2".
bool IsAlike(std::string_view alert_id, std::string_view other);

}  // namespace platen::alerting
