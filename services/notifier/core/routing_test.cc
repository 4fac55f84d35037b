#include "services/notifier/core/routing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::notifier::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

event::v1::Event Alert(event::v1::AlertCategory category, const std::string& tenant) {
  event::v1::Event event;
  event.set_tenant(tenant);
  event.mutable_alert()->set_category(category);
  return event;
}

TEST(RoutingTest, SendsEveryAlarmToAllWithoutRules) {
  const Routing routing({}, {"desk", "erp"});
  EXPECT_THAT(routing.ReceiversOf(Alert(event::v1::ALERT_CATEGORY_JAM, "acme")),
              ElementsAre("desk", "erp"));
}

TEST(RoutingTest, TheFirstRuleThatTakesItDecides) {
  const Routing routing({{.categories = {event::v1::ALERT_CATEGORY_ALARM}, .receivers = {}},
                         {.tenants = {"acme"}, .receivers = {"acme-desk"}},
                         {.categories = {event::v1::ALERT_CATEGORY_JAM}, .receivers = {"desk"}}},
                        {"desk", "acme-desk"});

  EXPECT_THAT(routing.ReceiversOf(Alert(event::v1::ALERT_CATEGORY_ALARM, "acme")), IsEmpty());
  EXPECT_THAT(routing.ReceiversOf(Alert(event::v1::ALERT_CATEGORY_JAM, "acme")),
              ElementsAre("acme-desk"));
  EXPECT_THAT(routing.ReceiversOf(Alert(event::v1::ALERT_CATEGORY_JAM, "other")),
              ElementsAre("desk"));
  EXPECT_THAT(routing.ReceiversOf(Alert(event::v1::ALERT_CATEGORY_ERROR, "other")), IsEmpty());
}

TEST(RoutingTest, WhatIsForReplenishmentGoesOnlyToThoseWhoAskForIt) {
  const Routing all({}, {"desk"});
  EXPECT_THAT(all.ReceiversOf(Alert(event::v1::ALERT_CATEGORY_SUPPLY, "acme")), IsEmpty());
  const Routing asked({{.categories = {event::v1::ALERT_CATEGORY_SUPPLY}, .receivers = {"store"}}},
                      {"desk"});
  EXPECT_THAT(asked.ReceiversOf(Alert(event::v1::ALERT_CATEGORY_SUPPLY, "acme")),
              ElementsAre("store"));
}

}  // namespace
}  // namespace platen::notifier::core
