#include "services/collector/core/device_identity.h"

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using event::v1::Identity;

Identity Who(const char* serial, std::initializer_list<const char*> macs = {}) {
  Identity identity;
  identity.set_manufacturer("Kyocera");
  identity.set_serial_number(serial);
  for (const char* mac : macs) identity.add_mac_addresses(mac);
  return identity;
}

Answerer Whole(const Identity& known, const Identity& found, const char* agreed = "") {
  event::v1::Target target;
  target.set_expected_serial(agreed);
  return WhoAnswers(target, known, found, true);
}

TEST(DeviceIdentityTest, TheSameSerialNumberIsTheSameDeviceWhateverItsCardSays) {
  EXPECT_EQ(Whole(Who("S1", {"a:b"}), Who("S1", {"c:d"})), Answerer::kExpected);
  EXPECT_EQ(Whole(Who("S1"), Who(" s1 ")), Answerer::kExpected);
}

TEST(DeviceIdentityTest, AnotherSerialNumberIsAnotherDevice) {
  EXPECT_EQ(Whole(Who("S1"), Who("S2")), Answerer::kOther);
  EXPECT_EQ(Whole(Who("S1", {"a:b"}), Who("S2", {"c:d"})), Answerer::kOther);
}

TEST(DeviceIdentityTest, AnotherSerialNumberBehindTheSameInterfaceIsTheSameDevice) {
  EXPECT_EQ(Whole(Who("S1", {"A:B", "e:f"}), Who("S2", {"a:b"})), Answerer::kExpected);
  Identity known = Who("S1", {"a:b"});
  Identity found = Who("S2", {"c:d"});
  known.set_uuid("16A65700-007C-1000-BB49-001B5408AA01");
  found.set_uuid("16a65700-007c-1000-bb49-001b5408aa01");
  EXPECT_EQ(Whole(known, found), Answerer::kExpected);
}

TEST(DeviceIdentityTest, WhereNobodyTellsASerialNumberTheInterfaceDecides) {
  EXPECT_EQ(Whole(Who("", {"a:b"}), Who("", {"a:b"})), Answerer::kExpected);
  EXPECT_EQ(Whole(Who("", {"a:b"}), Who("", {"c:d"})), Answerer::kOther);
  EXPECT_EQ(Whole(Who("0000000", {"a:b"}), Who("XXXXXXX", {"a:b"})), Answerer::kExpected);
  EXPECT_EQ(Whole(Who("S1", {"a:b"}), Who("", {"c:d"})), Answerer::kOther);
}

TEST(DeviceIdentityTest, NoEvidenceIsNoDoubt) {
  EXPECT_EQ(Whole({}, Who("S1", {"a:b"})), Answerer::kExpected);
  EXPECT_EQ(Whole(Who("S1", {"a:b"}), {}), Answerer::kExpected);
  EXPECT_EQ(Whole(Who("not set"), Who("S2")), Answerer::kExpected);
}

TEST(DeviceIdentityTest, WhatAPersonHasAgreedGoesBeforeWhatWasKnown) {
  EXPECT_EQ(Whole({}, Who("S2"), "S1"), Answerer::kOther);
  EXPECT_EQ(Whole(Who("S1"), Who("S2"), "s2 "), Answerer::kExpected);
  EXPECT_EQ(Whole(Who("S1", {"a:b"}), Who("S2", {"a:b"}), "S1"), Answerer::kOther);
  EXPECT_EQ(Whole(Who("S1"), Who("S1"), "unknown"), Answerer::kExpected);
}

TEST(DeviceIdentityTest, CountersWithAnotherSerialNumberWaitForAFullReading) {
  Identity found;
  found.set_serial_number("S2");
  EXPECT_EQ(WhoAnswers({}, Who("S1", {"a:b"}), found, false), Answerer::kUnclear);
  found.set_serial_number("S1");
  EXPECT_EQ(WhoAnswers({}, Who("S1", {"a:b"}), found, false), Answerer::kExpected);
  EXPECT_EQ(WhoAnswers({}, Who("S1", {"a:b"}), {}, false), Answerer::kExpected);
}

TEST(DeviceIdentityTest, SharpsTailIsKnownFromTheReadingBefore) {
  Identity known = Who("2510338YX00");
  known.set_manufacturer("Sharp");
  Identity found;
  found.set_serial_number("2510338Y");
  EXPECT_EQ(WhoAnswers({}, known, found, false), Answerer::kExpected);
  EXPECT_EQ(ExpectedSerial({}, known), "2510338Y");
}

}  // namespace
}  // namespace platen::collector::core
