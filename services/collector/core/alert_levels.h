// The maker's own level of an alarm (Canon: 1 to 3), which no standard MIB says: derived by a table
// of the profile from what the row says in standard terms.
//
// A level that is derived tells how urgent the maker's own service would take it; it is published
// beside the rest and never decides what is published. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "platen/event/v1/alert.pb.h"
#include "platen/event/v1/device.pb.h"

namespace platen::collector::core {

inline constexpr std::uint32_t kAlertLevelMax = 3;

// Numbers from `low` to `high`, both of them.
struct CodeRange {
  std::int32_t low = 0;
  std::int32_t high = 0;
};

// One row of the table. A member that is empty fits everything; all that are not must fit.
struct AlertLevelRule {
  std::vector<CodeRange> codes;                    // prtAlertCode.
  std::vector<std::int32_t> groups;                // prtAlertGroup.
  std::vector<event::v1::AlertSeverity> severity;  // prtAlertSeverityLevel.
  std::vector<event::v1::AlertTraining> training;  // prtAlertTrainingLevel.
  std::uint32_t level = 0;                         // From 1 to kAlertLevelMax.
  std::string source;                              // Where the fact comes from.
};

// The level of the first rule that fits what `alert` says of group, code, severity and training; 0
// where none does.
std::uint32_t DerivedLevel(std::span<const AlertLevelRule> rules, const event::v1::Alert& alert);

// The same of a row; 0 for one that is no alarm, but a jam, an error, or a status line.
std::uint32_t DerivedLevel(std::span<const AlertLevelRule> rules, const event::v1::AlertRow& row);

}  // namespace platen::collector::core
