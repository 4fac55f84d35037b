#include "services/collector/edge/reader.h"

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/snmp/memory/sim_network.h"

namespace platen::collector::edge {
namespace {

class ReaderTest : public testing::Test {
 protected:
  // Asks a host that never answers.
  void Ask(Reader& reader, core::DeviceSlot slot) {
    event::v1::Target target;
    target.set_address("192.0.2.7");
    core::ReadingPlan plan;
    plan.scalars = {*snmp::Oid::Parse("1.3.6.1.2.1.1.1.0")};
    reader.Start({.id = {slot, 1}, .target = &target, .plan = std::move(plan)});
  }

  base::SimClock clock_;
  snmp::memory::SimNetwork network_{clock_, 1};
  std::unique_ptr<snmp::Datagrams> port_ =
      network_.Open({.address = snmp::Endpoint::V4(0xc0000264, 0)});
  std::vector<core::ReadAnswer> answers_;
};

TEST_F(ReaderTest, SendsNoFasterThanItsRateAndSleepsInBetween) {
  Reader reader(
      {.requests_per_second = 10, .communities = {{"default", "public"}}}, *port_, {1, 2});
  for (core::DeviceSlot slot = 0; slot < 12; ++slot) Ask(reader, slot);

  reader.Poll(clock_.Now(), answers_);

  EXPECT_EQ(reader.figures().requests, 10);
  for (std::uint64_t sent = 11; sent <= 12; ++sent) {
    ASSERT_TRUE(reader.next().has_value());
    EXPECT_EQ(*reader.next() - clock_.Now(), std::chrono::milliseconds(100));
    clock_.Advance(*reader.next() - clock_.Now());
    reader.Poll(clock_.Now(), answers_);
    EXPECT_EQ(reader.figures().requests, sent);
  }
  EXPECT_EQ(*reader.next(), clock_.Now() + std::chrono::milliseconds(1800)) << "the first timeout";
}

TEST_F(ReaderTest, ForgetsAReadingSoThatThePlaceCanBeGivenAgain) {
  Reader reader({.communities = {{"default", "public"}}}, *port_, {1, 2});
  Ask(reader, 0);
  Ask(reader, 1);
  reader.Poll(clock_.Now(), answers_);
  ASSERT_EQ(reader.figures().under_way, 2u);

  reader.Forget(0);
  reader.Forget(7);  // Nobody was ever there.
  EXPECT_EQ(reader.figures().under_way, 1u);
  Ask(reader, 0);
  reader.Poll(clock_.Now(), answers_);
  EXPECT_EQ(reader.figures().requests, 3u);
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(std::chrono::seconds(2));
    reader.Poll(clock_.Now(), answers_);
  }
  EXPECT_EQ(answers_.size(), 2u) << "one for each reading that was not forgotten";
}

}  // namespace
}  // namespace platen::collector::edge
