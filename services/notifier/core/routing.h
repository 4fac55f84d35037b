// Which receivers are told of an alert.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platen/event/v1/event.pb.h"

namespace platen::notifier::core {

// One rule: what it takes, and to whom it sends that. An empty list of tenants takes all, one of
// categories all but ALERT_CATEGORY_SUPPLY, which is for replenishment; an empty list of receivers
// sends to nobody.
struct RoutingRule {
  std::vector<event::v1::AlertCategory> categories;
  std::vector<std::string> tenants;
  std::vector<std::string> receivers;
};

// Thread-compatible. Changes by assignment only.
class Routing {
 public:
  // Without rules, everything goes to `all_receivers`.
  Routing(std::vector<RoutingRule> rules, std::vector<std::string> all_receivers);

  // The receivers of the first rule that takes the alert; empty where none does. The view lives as
  // long as this object. REQUIRES: `event` has an alert.
  const std::vector<std::string>& ReceiversOf(const event::v1::Event& event) const;

 private:
  std::vector<RoutingRule> rules_;
  std::vector<std::string> nobody_;
};

}  // namespace platen::notifier::core
