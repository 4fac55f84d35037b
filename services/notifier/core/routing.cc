#include "services/notifier/core/routing.h"

#include <algorithm>
#include <utility>

namespace platen::notifier::core {
namespace {

template <class List, class Value>
bool Takes(const List& list, const Value& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

// Who takes all categories takes alarms; what is for replenishment has to be asked for by name.
bool TakesCategory(const RoutingRule& rule, event::v1::AlertCategory category) {
  if (rule.categories.empty()) return category != event::v1::ALERT_CATEGORY_SUPPLY;
  return Takes(rule.categories, category);
}

}  // namespace

Routing::Routing(std::vector<RoutingRule> rules, std::vector<std::string> all_receivers)
    : rules_(std::move(rules)) {
  if (rules_.empty()) rules_.push_back({.receivers = std::move(all_receivers)});
}

const std::vector<std::string>& Routing::ReceiversOf(const event::v1::Event& event) const {
  for (const RoutingRule& rule : rules_) {
    if (TakesCategory(rule, event.alert().category()) && Takes(rule.tenants, event.tenant())) {
      return rule.receivers;
    }
  }
  return nobody_;
}

}  // namespace platen::notifier::core
