#include "libs/event/key.h"

#include <gtest/gtest.h>

namespace platen::event {
namespace {

v1::Event HeartbeatOf(const char* role, const char* instance) {
  v1::Event event;
  event.mutable_source()->set_instance(instance);
  event.mutable_heartbeat()->set_role(role);
  return event;
}

TEST(KeyTest, WhatIsSaidOfADeviceHasTheDevicesKey) {
  v1::Event event;
  event.set_device_id("0123456789abcdef");
  event.mutable_source()->set_instance("collector-1");
  event.mutable_alert();

  EXPECT_EQ(KeyOf(event), "0123456789abcdef");
}

TEST(KeyTest, AllHeartbeatsHaveOneKey) {
  EXPECT_EQ(KeyOf(HeartbeatOf("collector", "collector-1")), "heartbeat");
  EXPECT_EQ(KeyOf(HeartbeatOf("collector", "collector-2")), "heartbeat");
  EXPECT_EQ(KeyOf(HeartbeatOf("notifier", "notifier-1")), "heartbeat");
}

TEST(KeyTest, AGapHasTheKeyOfItsSource) {
  v1::Event event;
  event.mutable_source()->set_instance("collector-1");
  event.mutable_gap();

  EXPECT_EQ(KeyOf(event), "collector-1");
}

}  // namespace
}  // namespace platen::event
