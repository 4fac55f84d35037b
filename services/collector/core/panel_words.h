// Panel text that is known to mean a condition. Few words, on purpose: a panel says much that is no
// fault, and a word that might be one must not become an alarm.
//
// Pure.
#pragma once

#include <string_view>

#include "services/collector/core/conditions.h"

namespace platen::collector::core {

// The condition that a panel's line names; one without a name where it names none. The line has to
// begin with the words, whatever their case: "Paper jam in tray 2" does, "Clear paper jam help"
// does not.
Condition ConditionOfPanelLine(std::string_view line);

}  // namespace platen::collector::core
