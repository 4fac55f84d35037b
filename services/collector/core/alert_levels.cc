#include "services/collector/core/alert_levels.h"

#include <algorithm>

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

}  // namespace

std::uint32_t DerivedLevel(std::span<const AlertLevelRule> rules, const event::v1::Alert& alert) {
  for (const AlertLevelRule& rule : rules) {
    if (Fits(rule.codes, alert.code()) && Fits(rule.groups, alert.group()) &&
        Fits(rule.severity, alert.severity()) && Fits(rule.training, alert.training())) {
      return rule.level;
    }
  }
  return 0;
}

}  // namespace platen::collector::core
