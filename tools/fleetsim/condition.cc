#include "tools/fleetsim/condition.h"

#include <algorithm>

namespace platen::fleetsim {
namespace {

constexpr std::uint8_t kUntrained = 3;
constexpr std::uint8_t kFieldService = 5;

// In the order of Condition. Sub-unit status: 8 non-critical and 16 critical alert, on top of 0
// idle, 1 unavailable on request, 3 broken.
constexpr ConditionTraits kTraits[] = {
    {Condition::kJam,
     "jam",
     Part::kMediaPath,
     true,
     0x0400,
     8,
     8,
     kUntrained,
     19,
     "Paper jam",
     "Paper jam"},
    {Condition::kCoverOpen,
     "cover",
     Part::kCover,
     true,
     0x0800,
     3,
     3,
     kUntrained,
     17,
     " is open",
     "Cover open"},
    {Condition::kPaperOut,
     "paper-out",
     Part::kInput,
     true,
     0x4000,
     808,
     808,
     kUntrained,
     17,
     " is empty",
     "Load paper"},
    {Condition::kPaperLow,
     "paper-low",
     Part::kInput,
     false,
     0x8000,
     807,
     807,
     kUntrained,
     8,
     " is low",
     "Paper low"},
    {Condition::kTrayMissing,
     "tray-missing",
     Part::kInput,
     true,
     0x0080,
     801,
     801,
     kUntrained,
     19,
     " is missing",
     "Insert tray"},
    {Condition::kTonerLow,
     "toner-low",
     Part::kSupply,
     false,
     0x2000,
     1104,
     1105,
     kUntrained,
     8,
     " is low",
     "Toner low"},
    {Condition::kTonerEmpty,
     "toner-empty",
     Part::kSupply,
     true,
     0x1000,
     1101,
     1102,
     kUntrained,
     17,
     " is empty",
     "Replace toner"},
    {Condition::kWasteFull,
     "waste-full",
     Part::kSupply,
     true,
     0x0100,
     1109,
     1110,
     kUntrained,
     17,
     " is full",
     "Replace waste box"},
    {Condition::kService,
     "service",
     Part::kMarker,
     true,
     0x0100,
     1001,
     1001,
     kFieldService,
     19,
     "Fuser failure",
     "Call service"},
};

}  // namespace

std::span<const ConditionTraits> AllConditions() {
  return kTraits;
}

const ConditionTraits& TraitsOf(Condition condition) {
  return kTraits[static_cast<std::size_t>(condition)];
}

std::optional<Condition> FindCondition(std::string_view word) {
  const auto at =
      std::find_if(std::begin(kTraits), std::end(kTraits), [word](const ConditionTraits& traits) {
        return traits.word == word;
      });
  if (at == std::end(kTraits)) return std::nullopt;
  return at->condition;
}

}  // namespace platen::fleetsim
