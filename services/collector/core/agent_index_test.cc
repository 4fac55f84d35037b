#include "services/collector/core/agent_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Printers 1 to 3 are behind one address, 4 has one of its own.
class AgentIndexTest : public testing::Test {
 protected:
  AgentIndexTest() {
    for (const DeviceSlot slot : {1, 2, 3}) index_.Add(gateway_, slot);
    index_.Add(own_, 4);
    index_.SetNames(1, "CNB0012345", "front-desk");
    index_.SetNames(2, "CNB0067890", "printer");
    index_.SetNames(3, "", "Printer");
    index_.SetNames(4, "JP1X00077", "PRINTER ");
  }

  const snmp::Endpoint gateway_ = snmp::Endpoint::V4(0xcb007101, 40'000);
  const snmp::Endpoint own_ = snmp::Endpoint::V4(0xc0000204, 161);
  const snmp::Endpoint stranger_ = snmp::Endpoint::V4(0xc6336401, 162);
  AgentIndex index_;
};

TEST_F(AgentIndexTest, AnAddressMeansAllThatAreThere) {
  EXPECT_THAT(index_.Meant({.agents = {gateway_}}), ElementsAre(1, 2, 3));
  EXPECT_THAT(index_.Meant({.agents = {own_, own_, gateway_}}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(index_.Meant({.agents = {stranger_}}), IsEmpty());
}

TEST_F(AgentIndexTest, ASerialNumberOrANameTellsThoseOfOneAddressApart) {
  EXPECT_THAT(index_.Meant({.agents = {gateway_}, .texts = {"Tray 2", "cnb0067890 "}}),
              ElementsAre(2));
  EXPECT_THAT(index_.Meant({.agents = {gateway_}, .sys_name = "FRONT-DESK"}), ElementsAre(1));
  EXPECT_THAT(index_.Meant({.agents = {gateway_}, .texts = {"Tray 2"}}), ElementsAre(1, 2, 3))
      << "it says nobody";
}

TEST_F(AgentIndexTest, WhoIsSaidIsFoundWhereverItComesFrom) {
  EXPECT_THAT(index_.Meant({.agents = {stranger_}, .texts = {"JP1X00077"}}), ElementsAre(4));
  EXPECT_THAT(index_.Meant({.agents = {stranger_}, .sys_name = "front-desk"}), ElementsAre(1));
}

TEST_F(AgentIndexTest, AWrongWordHidesNobodyAtAnotherAddress) {
  EXPECT_THAT(index_.Meant({.agents = {own_}, .texts = {"CNB0012345"}}), ElementsAre(1, 4));
}

TEST_F(AgentIndexTest, ASerialNumberGoesBeforeAName) {
  EXPECT_THAT(index_.Meant({.agents = {stranger_}, .texts = {"CNB0012345"}, .sys_name = "printer"}),
              ElementsAre(1));
  EXPECT_THAT(index_.Meant({.agents = {stranger_}, .sys_name = "printer"}), ElementsAre(2, 3, 4));
}

TEST_F(AgentIndexTest, TheEngineIsAWordOfItsOwn) {
  EXPECT_THAT(index_.Meant({.agents = {stranger_}, .devices = {2, 2}}), ElementsAre(2));
}

TEST_F(AgentIndexTest, ANameOfManySaysNobody) {
  for (DeviceSlot slot = 10; slot < 10 + AgentIndex::kNamesakesMax; ++slot) {
    index_.SetNames(slot, "", "hp");
  }
  const SenderClues clues{.agents = {stranger_}, .sys_name = "HP"};
  EXPECT_EQ(index_.Meant(clues).size(), AgentIndex::kNamesakesMax);
  index_.SetNames(4, "JP1X00077", "hp");
  EXPECT_THAT(index_.Meant(clues), IsEmpty());
}

TEST_F(AgentIndexTest, WhatIsNoEvidenceSaysNobody) {
  index_.SetNames(1, "00000000", "");
  index_.SetNames(2, "unknown", "");
  EXPECT_THAT(index_.Meant({.agents = {stranger_}, .texts = {"00000000", "unknown", "XXXX", ""}}),
              IsEmpty());
}

TEST_F(AgentIndexTest, WhoIsCalledOtherwiseIsNotFoundByTheOldName) {
  index_.SetNames(4, "JP1X00078", "fourth");
  EXPECT_THAT(index_.Meant({.agents = {stranger_}, .texts = {"JP1X00077"}}), IsEmpty());
  EXPECT_THAT(index_.Meant({.agents = {stranger_}, .sys_name = "fourth"}), ElementsAre(4));
  index_.SetNames(4, "", "");
  index_.Remove(own_, 4);
  EXPECT_THAT(index_.Meant({.agents = {own_}, .texts = {"JP1X00078"}, .sys_name = "fourth"}),
              IsEmpty());
}

}  // namespace
}  // namespace platen::collector::core
