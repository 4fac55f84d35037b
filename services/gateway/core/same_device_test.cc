#include "services/gateway/core/same_device.h"

#include <gtest/gtest.h>

namespace platen::gateway::core {
namespace {

const DeviceEvidence kKnown{.serial_key = "S1", .model = "MFC", .macs = " 00:aa 00:bb "};
const DeviceEvidence kFound{.serial_key = "S1", .model = "MFC", .macs = " 00:bb ", .answers = true};

DeviceEvidence With(DeviceEvidence evidence, auto change) {
  change(evidence);
  return evidence;
}

TEST(SameDeviceTest, AKnownSerialNumberThatAnswersElsewhereHasMoved) {
  EXPECT_TRUE(HasMoved(kKnown, kFound));
  EXPECT_TRUE(HasMoved(kKnown, With(kFound, [](auto& e) { e.macs.clear(); })));
}

TEST(SameDeviceTest, NoSerialNumberOrAnotherIsNoEvidence) {
  EXPECT_FALSE(HasMoved(kKnown, With(kFound, [](auto& e) { e.serial_key = "S2"; })));
  EXPECT_FALSE(HasMoved(With(kKnown, [](auto& e) { e.serial_key.clear(); }),
                        With(kFound, [](auto& e) { e.serial_key.clear(); })));
}

TEST(SameDeviceTest, WhereBothAnswerOrTheAddressIsFixedAPersonDecides) {
  EXPECT_FALSE(HasMoved(With(kKnown, [](auto& e) { e.answers = true; }), kFound));
  EXPECT_FALSE(HasMoved(With(kKnown, [](auto& e) { e.fixed = true; }), kFound));
  EXPECT_FALSE(HasMoved(kKnown, With(kFound, [](auto& e) { e.answers = false; })));
}

TEST(SameDeviceTest, ASerialNumberThatIsMadeUpShowsInTheInterfaces) {
  EXPECT_FALSE(HasMoved(kKnown, With(kFound, [](auto& e) { e.macs = " 00:cc "; })));
  EXPECT_FALSE(HasMoved(kKnown, With(kFound, [](auto& e) { e.macs = " 0:bb "; })));
  EXPECT_FALSE(HasMoved(kKnown, With(kFound, [](auto& e) { e.model = "HL"; })));
}

}  // namespace
}  // namespace platen::gateway::core
