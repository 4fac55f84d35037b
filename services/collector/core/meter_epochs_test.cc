#include "services/collector/core/meter_epochs.h"

#include <gtest/gtest.h>

#include "libs/event/timestamps.h"
#include "services/collector/core/meter_history.h"

namespace platen::collector::core {
namespace {

using event::v1::Meter;

class MeterEpochsTest : public ::testing::Test {
 protected:
  static Meter Total(std::uint64_t value, const char* oid = "1.1") {
    Meter meter;
    meter.mutable_kind()->set_function(event::v1::METER_FUNCTION_TOTAL);
    meter.mutable_kind()->set_colour(event::v1::COLOUR_CLASS_ALL);
    meter.mutable_kind()->set_unit(event::v1::METER_UNIT_IMPRESSIONS);
    meter.set_source(event::v1::METER_SOURCE_STANDARD);
    meter.set_oid(oid);
    meter.set_value(value);
    return meter;
  }

  Meter Read(const Meter& meter) {
    now_ += std::chrono::hours(1);
    google::protobuf::RepeatedPtrField<Meter> meters;
    *meters.Add() = meter;
    judgement_ =
        JudgeMeters({serial_, now_, nullptr, registered_}, meters, *state_.mutable_meters());
    return meters[0];
  }

  // A person orders that the epoch of `meter` be the one in force.
  void Order(const Meter& meter) {
    event::v1::EpochOrder& order = *target_.mutable_epoch_order();
    order.set_number(order.number() + 1);
    order.set_author("jane");
    order.set_reason("formatter replaced");
    order.clear_epochs();
    event::v1::ConfirmedEpoch& epoch = *order.add_epochs();
    *epoch.mutable_kind() = meter.kind();
    epoch.set_source(meter.source());
    epoch.set_oid(meter.oid());
    epoch.set_epoch(meter.epoch());
  }

  event::v1::Target target_;
  collector::v1::DeviceState state_;
  MeterJudgement judgement_;
  std::string serial_ = "S1";
  bool registered_ = false;
  base::WallTime now_ = base::WallFromMillis(1'767'225'600'000);
};

TEST_F(MeterEpochsTest, APersonsOrderPutsTheEpochInForceAndPagesCountAgain) {
  Read(Total(4711));
  const Meter proposed = Read(Total(12));
  ASSERT_FALSE(IsChargeable(proposed));
  const base::WallTime first = now_;
  Read(Total(15));
  Order(proposed);

  const auto done = CarryOutOrder(target_, state_);

  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->refusal(), "");
  EXPECT_EQ(done->author(), "jane");
  EXPECT_EQ(done->epochs(0).base(), 12u);
  EXPECT_EQ(event::FromProto(done->epochs(0).base_time()), first);
  const Meter next = Read(Total(20));
  EXPECT_TRUE(IsChargeable(next));
  EXPECT_EQ(next.epoch(), proposed.epoch());
  EXPECT_FALSE(IsChargeable(Read(Total(3))));
}

TEST_F(MeterEpochsTest, AnOrderIsCarriedOutOnceWhoeverReadsIt) {
  Read(Total(4711));
  Order(Read(Total(12)));
  ASSERT_TRUE(CarryOutOrder(target_, state_).has_value());
  collector::v1::DeviceState restored;
  ASSERT_TRUE(restored.ParseFromString(state_.SerializeAsString()));
  state_ = restored;
  EXPECT_FALSE(CarryOutOrder(target_, state_).has_value());
}

TEST_F(MeterEpochsTest, AnOrderAboutAnEpochThatIsOverIsRefused) {
  Read(Total(4711));
  const Meter odd = Read(Total(12));
  Read(Total(4712));  // One odd value: the counter goes on where it was.
  Order(odd);

  const auto done = CarryOutOrder(target_, state_);

  ASSERT_TRUE(done.has_value());
  EXPECT_NE(done->refusal(), "");
  EXPECT_TRUE(IsChargeable(Read(Total(4713))));
}

TEST_F(MeterEpochsTest, AnOrderAboutAnEpochThatWasProposedAnewIsRefusedWhole) {
  Read(Total(400'000));
  const Meter first = Read(Total(12));
  const Meter second = Read(Total(250'000));
  ASSERT_NE(first.epoch(), second.epoch());
  Order(first);
  EXPECT_NE(CarryOutOrder(target_, state_)->refusal(), "");
  EXPECT_TRUE(state_.meters().meters(0).has_proposed());
}

TEST_F(MeterEpochsTest, AConfirmedBoardIsTheDevicesBoardFromThenOn) {
  Read(Total(4711));
  serial_ = "S2";
  const Meter proposed = Read(Total(12));
  Order(proposed);
  ASSERT_EQ(CarryOutOrder(target_, state_)->refusal(), "");
  EXPECT_EQ(state_.meters().serial_number(), "S2");
  EXPECT_TRUE(IsChargeable(Read(Total(13))));
}

TEST_F(MeterEpochsTest, ARegisteredSerialNumberConfirmsItsCountersAtOnce) {
  Read(Total(4711));
  serial_ = "S2";
  registered_ = true;

  const Meter base = Read(Total(12));

  EXPECT_TRUE(IsChargeable(base));
  EXPECT_EQ(base.epoch(), 2u);
  ASSERT_EQ(judgement_.confirmed.size(), 1u);
  EXPECT_EQ(judgement_.confirmed[0].rule, "registered-serial");
  EXPECT_EQ(judgement_.confirmed[0].epoch.base(), 12u);
  EXPECT_TRUE(IsChargeable(Read(Total(14))));
  EXPECT_TRUE(judgement_.confirmed.empty());
}

TEST_F(MeterEpochsTest, ASerialNumberThatNobodyRegisteredWaitsForAPerson) {
  Read(Total(4711));
  serial_ = "S2";
  for (std::uint64_t value = 12; value < 20; ++value) {
    EXPECT_FALSE(IsChargeable(Read(Total(value))));
  }
}

TEST_F(MeterEpochsTest, ACounterThatWentOnFromAKnownBoundCountsAgain) {
  Read(Total(999'990));
  EXPECT_FALSE(IsChargeable(Read(Total(20))));
  EXPECT_FALSE(IsChargeable(Read(Total(20))));
  EXPECT_FALSE(IsChargeable(Read(Total(25))));
  const Meter believed = Read(Total(30));
  EXPECT_TRUE(IsChargeable(believed));
  EXPECT_EQ(judgement_.confirmed.at(0).rule, "wrap");
  EXPECT_EQ(judgement_.confirmed.at(0).epoch.base(), 20u);
}

TEST_F(MeterEpochsTest, ACounterThatIsReadElsewhereCountsAgainOnceItWentOn) {
  Read(Total(4711));
  EXPECT_FALSE(IsChargeable(Read(Total(4000, "2.2"))));
  EXPECT_FALSE(IsChargeable(Read(Total(4010, "2.2"))));
  EXPECT_TRUE(IsChargeable(Read(Total(4020, "2.2"))));
  EXPECT_EQ(judgement_.confirmed.at(0).rule, "another-oid");
  EXPECT_EQ(judgement_.confirmed.at(0).epoch.base(), 4000u);
}

TEST_F(MeterEpochsTest, ACounterThatFellWaitsForAPersonHoweverFarItGoesOn) {
  Read(Total(4711));
  for (std::uint64_t value = 0; value < 200; value += 20) {
    EXPECT_FALSE(IsChargeable(Read(Total(value + 1))));
  }
}

}  // namespace
}  // namespace platen::collector::core
