#include "services/collector/core/alert_levels.h"

#include <algorithm>

#include "services/collector/core/conditions.h"

namespace platen::collector::core {
namespace {

template <class T>
bool Fits(const std::vector<T>& wanted, T said) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), said) != wanted.end();
}

bool Fits(const std::vector<CodeRange>& wanted, std::int32_t said) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [said](const CodeRange& each) {
           return each.low <= said && said <= each.high;
         });
}

// `said` has what rows and alerts say in the same words.
template <class T>
std::uint32_t LevelOf(std::span<const AlertLevelRule> rules, const T& said) {
  for (const AlertLevelRule& rule : rules) {
    if (Fits(rule.codes, said.code()) && Fits(rule.groups, said.group()) &&
        Fits(rule.severity, said.severity()) && Fits(rule.training, said.training())) {
      return rule.level;
    }
  }
  return 0;
}

}  // namespace

std::uint32_t DerivedLevel(std::span<const AlertLevelRule> rules, const event::v1::Alert& alert) {
  return LevelOf(rules, alert);
}

std::uint32_t DerivedLevel(std::span<const AlertLevelRule> rules, const event::v1::AlertRow& row) {
  const bool alarm = ConditionOf(row).category == event::v1::ALERT_CATEGORY_ALARM;
  return alarm && !IsStatusLine(row) ? LevelOf(rules, row) : 0;
}

}  // namespace platen::collector::core
