#include "services/collector/core/normalizer.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "libs/event/identity.h"
#include "libs/event/timestamps.h"

namespace platen::collector::core {
namespace {

using event::v1::Event;

constexpr base::WallTime kStart = base::WallFromMillis(1'767'225'600'000);

class NormalizerTest : public ::testing::Test {
 protected:
  NormalizerTest() {
    target_.set_device_id(std::string(16, 'd'));
    target_.set_tenant("acme");
    target_.set_site("hq");
    target_.set_customer("Acme Ltd");
    reading_.kind = ReadingKind::kFull;
    reading_.time = kStart;
    reading_.whole = Tables::All();
    reading_.snapshot.set_complete(true);
    auto& status = *reading_.snapshot.mutable_status();
    status.set_device_status(event::v1::DEVICE_STATUS_RUNNING);
    status.set_printer_status(event::v1::PRINTER_STATUS_IDLE);
    status.set_error_state_raw(std::string(1, '\0'));
    status.set_uptime_ticks(100'000);
    auto& identity = *reading_.snapshot.mutable_identity();
    identity.set_manufacturer("Brother");
    identity.set_serial_number("X1");
    identity.add_firmware()->set_version("1.0");
    auto& meter = *reading_.snapshot.add_meters();
    meter.mutable_kind()->set_function(event::v1::METER_FUNCTION_TOTAL);
    meter.mutable_kind()->set_colour(event::v1::COLOUR_CLASS_ALL);
    meter.mutable_kind()->set_size(event::v1::SIZE_CLASS_ALL);
    meter.mutable_kind()->set_sides(event::v1::SIDES_CLASS_ALL);
    meter.set_value(4711);
    reading_.snapshot.add_supplies()->set_index(1);
  }

  Outcome Read() { return OnReading({&target_, 3}, reading_, state_); }

  void Later(base::Duration by) {
    reading_.time += by;
    auto& status = *reading_.snapshot.mutable_status();
    status.set_uptime_ticks(status.uptime_ticks() +
                            static_cast<std::uint64_t>(base::ToMillis(by) / 10));
  }

  static int Count(const std::vector<Event>& events, Event::BodyCase body) {
    return static_cast<int>(std::count_if(
        events.begin(), events.end(), [body](const Event& e) { return e.body_case() == body; }));
  }

  event::v1::Target target_;
  Reading reading_;
  collector::v1::DeviceState state_;
};

TEST_F(NormalizerTest, AFirstReadingTellsEverything) {
  const Outcome outcome = Read();

  EXPECT_EQ(Count(outcome.after_state, Event::kIdentityReport), 1);
  EXPECT_EQ(Count(outcome.after_state, Event::kStatusChange), 1);
  EXPECT_EQ(Count(outcome.at_once, Event::kMeterReading), 1);
  EXPECT_EQ(Count(outcome.at_once, Event::kSupplyReading), 1);
  EXPECT_EQ(Count(outcome.at_once, Event::kFirmwareReading), 1);
  for (const Event& event : outcome.at_once) {
    EXPECT_EQ(event.tenant(), "acme");
    EXPECT_EQ(event.vendor(), "brother");
    EXPECT_EQ(event.term(), 3u);
    EXPECT_TRUE(event::DeriveId(event).ok());
  }
}

TEST_F(NormalizerTest, AModelIsWithoutTheSerialAndFirmwareThatSomeMakersAppend) {
  reading_.snapshot.mutable_identity()->set_model("Lexmark CX622ade X1 1.0");
  Read();
  EXPECT_EQ(state_.identity().model(), "Lexmark CX622ade");
}

TEST_F(NormalizerTest, ASecondReadingInTheSameIntervalTellsNothing) {
  Read();
  const Outcome outcome = Read();

  EXPECT_TRUE(outcome.after_state.empty());
  EXPECT_TRUE(outcome.at_once.empty());
  EXPECT_FALSE(outcome.state_changed);
}

TEST_F(NormalizerTest, TheNextIntervalIsAnotherReading) {
  const Outcome first = Read();
  Later(std::chrono::hours(1));
  reading_.kind = ReadingKind::kMeters;

  const Outcome second = Read();

  ASSERT_EQ(second.at_once.size(), 1u);
  EXPECT_NE(*event::DeriveId(second.at_once[0]), *event::DeriveId(first.at_once[0]));
}

TEST_F(NormalizerTest, AReplacedSupplyIsOneEventWhoeverSeesIt) {
  event::v1::Supply& toner = *reading_.snapshot.mutable_supplies(0);
  toner.set_serial_number("CRUM-1");
  Read();
  Later(std::chrono::hours(1));
  toner.set_serial_number("CRUM-2");
  collector::v1::DeviceState other = state_;
  Reading later = reading_;
  later.time += std::chrono::minutes(1);

  const Outcome one = Read();
  const Outcome two = OnReading({&target_, 4}, later, other);

  ASSERT_EQ(Count(one.after_state, Event::kSupplyReplacement), 1);
  ASSERT_EQ(Count(two.after_state, Event::kSupplyReplacement), 1);
  const Event& seen = one.after_state.back();
  EXPECT_EQ(*event::DeriveId(seen), *event::DeriveId(two.after_state.back()));
  EXPECT_EQ(seen.supply_replacement().SerializeAsString(),
            two.after_state.back().supply_replacement().SerializeAsString());
  Later(std::chrono::hours(1));
  EXPECT_EQ(Count(Read().after_state, Event::kSupplyReplacement), 0);
}

TEST_F(NormalizerTest, NothingOfAnotherDeviceIsBookedOnTheKnownOne) {
  Read();
  Later(std::chrono::hours(7));
  reading_.snapshot.mutable_identity()->set_serial_number("Y2");
  reading_.snapshot.mutable_meters(0)->set_value(12);
  const collector::v1::DeviceState before = state_;

  const Outcome outcome = Read();

  EXPECT_TRUE(outcome.refused);
  EXPECT_TRUE(outcome.at_once.empty());
  ASSERT_EQ(Count(outcome.after_state, Event::kOtherDevice), 1);
  EXPECT_EQ(Count(outcome.after_state, Event::kStatusChange), 1);
  EXPECT_EQ(Count(outcome.after_state, Event::kAlert), 0);  // The address is not its own.
  EXPECT_EQ(outcome.after_state.size(), 2u);
  const event::v1::OtherDevice& other = outcome.after_state[0].other_device();
  EXPECT_EQ(other.found().serial_number(), "Y2");
  EXPECT_EQ(other.expected_serial(), "X1");
  EXPECT_EQ(state_.status().reachability(), event::v1::REACHABILITY_OTHER_DEVICE);
  EXPECT_EQ(state_.identity().serial_number(), "X1");
  EXPECT_EQ(state_.meters().SerializeAsString(), before.meters().SerializeAsString());
  EXPECT_EQ(state_.total_impressions(), 4711u);

  // Nor what is read of it later; that it is still there is no news.
  Later(std::chrono::hours(1));
  EXPECT_TRUE(Read().after_state.empty());
  reading_.kind = ReadingKind::kMeters;
  const Outcome later = Read();
  EXPECT_TRUE(later.refused && later.wants_full && later.at_once.empty());
}

TEST_F(NormalizerTest, TheRightDeviceThatIsBackIsReadAsBefore) {
  target_.set_address_is_fixed(true);
  Read();
  Later(std::chrono::hours(7));
  reading_.snapshot.mutable_identity()->set_serial_number("Y2");
  const Outcome alarmed = Read();
  ASSERT_EQ(Count(alarmed.after_state, Event::kAlert), 1);
  EXPECT_EQ(alarmed.after_state[1].alert().level(), 3u);
  EXPECT_EQ(alarmed.after_state[1].alert().origin(), event::v1::ALERT_ORIGIN_PLATEN);
  Later(std::chrono::hours(1));
  reading_.snapshot.mutable_identity()->set_serial_number("X1");

  const Outcome outcome = Read();

  ASSERT_EQ(Count(outcome.after_state, Event::kAlert), 1);
  EXPECT_EQ(outcome.after_state[0].alert().end(), event::v1::ALERT_END_CLEARED);
  EXPECT_EQ(Count(outcome.at_once, Event::kMeterReading), 1);
  EXPECT_FALSE(outcome.refused || state_.has_other_device());
}

// Some have it in an object that only a full reading asks for.
TEST_F(NormalizerTest, ADeviceWhoseCountersComeWithoutASerialNumberIsLookedForToo) {
  Read();
  Later(std::chrono::hours(7));
  reading_.snapshot.mutable_identity()->set_serial_number("Y2");
  Read();
  Later(std::chrono::hours(1));
  reading_.snapshot.mutable_identity()->Clear();
  reading_.kind = ReadingKind::kStatus;
  EXPECT_FALSE(Read().wants_full);
  reading_.kind = ReadingKind::kMeters;

  const Outcome outcome = Read();

  EXPECT_TRUE(outcome.refused && outcome.wants_full);
}

TEST_F(NormalizerTest, CountersWithAnotherSerialNumberAreNotBookedAndAskWhoItIs) {
  Read();
  Later(std::chrono::hours(1));
  reading_.kind = ReadingKind::kMeters;
  reading_.snapshot.mutable_identity()->Clear();
  reading_.snapshot.mutable_identity()->set_serial_number("Y2");

  const Outcome outcome = Read();

  EXPECT_TRUE(outcome.refused && outcome.wants_full);
  EXPECT_TRUE(outcome.at_once.empty() && outcome.after_state.empty());
}

TEST_F(NormalizerTest, AnAgreedSerialNumberHoldsFromTheFirstReadingOn) {
  target_.set_expected_serial("Z3");
  const Outcome outcome = Read();
  EXPECT_EQ(Count(outcome.after_state, Event::kOtherDevice), 1);
  EXPECT_EQ(Count(outcome.after_state, Event::kAlert), 1);
  EXPECT_TRUE(outcome.at_once.empty());
  EXPECT_FALSE(state_.known());
}

TEST_F(NormalizerTest, APersonsOrderAboutEpochsIsDoneAtTheNextReadingAndToldOnce) {
  Read();
  Later(std::chrono::hours(1));
  reading_.snapshot.mutable_meters(0)->set_value(12);
  const event::v1::Meter proposed = Read().at_once[0].meter_reading().meters(0);
  event::v1::EpochOrder& order = *target_.mutable_epoch_order();
  order.set_number(1);
  order.set_author("jane");
  event::v1::ConfirmedEpoch& epoch = *order.add_epochs();
  *epoch.mutable_kind() = proposed.kind();
  epoch.set_epoch(proposed.epoch());
  reading_.kind = ReadingKind::kStatus;

  const Outcome outcome = Read();

  ASSERT_EQ(Count(outcome.after_state, Event::kEpochConfirmation), 1);
  const Event& told = outcome.after_state[0];
  EXPECT_EQ(told.epoch_confirmation().author(), "jane");
  EXPECT_EQ(told.epoch_confirmation().refusal(), "");
  EXPECT_TRUE(event::DeriveId(told).ok());
  EXPECT_TRUE(Read().after_state.empty());
}

TEST_F(NormalizerTest, TwoCollectorsThatReadTheSameIntervalSayTheSameEvent) {
  collector::v1::DeviceState other = state_;
  Reading later = reading_;
  const Outcome one = Read();
  later.time += std::chrono::milliseconds(1);
  const Outcome two = OnReading({&target_, 4}, later, other);

  EXPECT_EQ(*event::DeriveId(one.at_once[0]), *event::DeriveId(two.at_once[0]));
}

TEST_F(NormalizerTest, APageIsNoChangeOfStatus) {
  Read();
  Later(std::chrono::minutes(1));
  reading_.kind = ReadingKind::kStatus;
  reading_.snapshot.mutable_status()->set_printer_status(event::v1::PRINTER_STATUS_PRINTING);
  EXPECT_TRUE(Read().after_state.empty());

  reading_.snapshot.mutable_status()->set_printer_status(event::v1::PRINTER_STATUS_OTHER);
  const Outcome asleep = Read();
  ASSERT_EQ(asleep.after_state.size(), 1u);
  EXPECT_EQ(asleep.after_state[0].status_change().status().reachability(),
            event::v1::REACHABILITY_ASLEEP);
}

TEST_F(NormalizerTest, CountersAreJudgedByThoseBeforeOnceAnInterval) {
  Read();
  Later(std::chrono::hours(1));
  reading_.snapshot.mutable_meters(0)->set_value(12);
  const Outcome outcome = Read();
  ASSERT_EQ(Count(outcome.at_once, Event::kMeterReading), 1);
  const auto meter = std::find_if(outcome.at_once.begin(),
                                  outcome.at_once.end(),
                                  [](const auto& e) { return e.has_meter_reading(); });
  EXPECT_EQ(meter->meter_reading().meters(0).value(), 12u);
  EXPECT_EQ(meter->meter_reading().meters(0).epoch(), 2u);
  EXPECT_EQ(meter->meter_reading().meters(0).quality(0), event::v1::READING_QUALITY_EPOCH_PROPOSED);
  EXPECT_EQ(state_.meters().meters(0).good().value(), 4711u);

  reading_.snapshot.mutable_meters(0)->set_value(3);
  Read();
  EXPECT_EQ(state_.meters().meters(0).epochs_given(), 2u);
}

TEST_F(NormalizerTest, SourcesThatDisagreeAreToldOnceAfterTheState) {
  event::v1::Meter& vendor = *reading_.snapshot.add_meters();
  vendor = reading_.snapshot.meters(0);
  vendor.set_source(event::v1::METER_SOURCE_VENDOR);
  vendor.set_value(986);
  reading_.snapshot.mutable_meters(0)->set_source(event::v1::METER_SOURCE_STANDARD);

  const Outcome first = Read();
  ASSERT_EQ(Count(first.after_state, Event::kMeterMismatch), 1);
  const auto mismatch = std::find_if(first.after_state.begin(),
                                     first.after_state.end(),
                                     [](const auto& e) { return e.has_meter_mismatch(); });
  EXPECT_EQ(mismatch->meter_mismatch().preferred().value(), 4711u);
  EXPECT_EQ(mismatch->meter_mismatch().other().value(), 986u);
  EXPECT_TRUE(event::DeriveId(*mismatch).ok());

  Later(std::chrono::hours(1));
  EXPECT_EQ(Count(Read().after_state, Event::kMeterMismatch), 0);
}

TEST_F(NormalizerTest, AReadingOfADeviceAtWorkIsGood) {
  *state_.mutable_boot_time() = event::ToProto(kStart - std::chrono::hours(9));
  state_.set_boot(1);
  for (const Event& event : Read().at_once) {
    if (event.has_meter_reading()) {
      EXPECT_EQ(event.meter_reading().meters(0).quality(0), event::v1::READING_QUALITY_GOOD);
    } else if (event.has_supply_reading()) {
      EXPECT_EQ(event.supply_reading().quality(0), event::v1::READING_QUALITY_GOOD);
    }
  }
}

TEST_F(NormalizerTest, LevelsThatAreAllAtOneEndOfAJammedDeviceAreImplausible) {
  reading_.snapshot.mutable_supplies(0)->mutable_level()->set_percent(100);
  reading_.snapshot.add_supplies()->mutable_level()->set_percent(100);
  reading_.snapshot.mutable_status()->add_error_states(event::v1::ERROR_STATE_JAMMED);
  const Outcome outcome = Read();
  const auto supplies = std::find_if(outcome.at_once.begin(),
                                     outcome.at_once.end(),
                                     [](const auto& e) { return e.has_supply_reading(); });
  ASSERT_NE(supplies, outcome.at_once.end());
  EXPECT_EQ(std::vector<int>(supplies->supply_reading().quality().begin(),
                             supplies->supply_reading().quality().end()),
            std::vector<int>(
                {event::v1::READING_QUALITY_JAMMED, event::v1::READING_QUALITY_IMPLAUSIBLE}));
}

TEST_F(NormalizerTest, AnAlertSaysWhoseItIs) {
  Read();
  auto& row = *reading_.snapshot.add_alerts();
  row.set_index(1);
  row.set_code(8);
  row.set_group(13);
  row.set_severity(event::v1::ALERT_SEVERITY_CRITICAL);

  const Outcome outcome = Read();

  ASSERT_EQ(Count(outcome.after_state, Event::kAlert), 1);
  const event::v1::DeviceLabel& device = outcome.after_state[0].alert().device();
  EXPECT_EQ(device.customer(), "Acme Ltd");
  EXPECT_EQ(device.serial_number(), "X1");
  EXPECT_EQ(outcome.after_state[0].alert().counters().total(), 4711u);
}

TEST_F(NormalizerTest, AFallOfSysUpTimeIsABoot) {
  Read();
  EXPECT_EQ(state_.boot(), 1u);
  reading_.time += std::chrono::minutes(5);
  reading_.snapshot.mutable_status()->set_uptime_ticks(500);
  Read();

  EXPECT_EQ(state_.boot(), 2u);
  EXPECT_EQ(event::FromProto(state_.boot_time()), reading_.time - std::chrono::seconds(5));
}

TEST_F(NormalizerTest, AWrapOfSysUpTimeIsNot) {
  reading_.snapshot.mutable_status()->set_uptime_ticks((std::uint64_t{1} << 32) - 100);
  Read();
  reading_.time += std::chrono::seconds(60);
  reading_.snapshot.mutable_status()->set_uptime_ticks(5'900);
  Read();

  EXPECT_EQ(state_.boot(), 1u);
}

TEST_F(NormalizerTest, SilenceIsSuspectThenUnreachableThenOver) {
  Read();
  const Subject subject{&target_, 3};

  EXPECT_TRUE(OnSilence(subject, {.time = reading_.time}, state_).after_state.empty());
  const Outcome suspect = OnSilence(subject, {.time = reading_.time}, state_);
  EXPECT_EQ(suspect.after_state.at(0).status_change().status().reachability(),
            event::v1::REACHABILITY_SUSPECT);
  const Outcome gone = OnSilence(subject, {.time = reading_.time}, state_);
  EXPECT_EQ(Count(gone.after_state, Event::kAlert), 1);
  EXPECT_TRUE(OnSilence(subject, {.time = reading_.time}, state_).after_state.empty());

  const Outcome back = Read();
  EXPECT_EQ(Count(back.after_state, Event::kAlert), 1);
  EXPECT_EQ(back.after_state[0].alert().end(), event::v1::ALERT_END_CLEARED);
}

TEST_F(NormalizerTest, SilenceClearsNoAlarm) {
  auto& row = *reading_.snapshot.add_alerts();
  row.set_index(1);
  row.set_code(8);
  row.set_group(13);
  row.set_severity(event::v1::ALERT_SEVERITY_CRITICAL);
  Read();
  for (int i = 0; i < 5; ++i) OnSilence({&target_, 3}, {.time = reading_.time}, state_);

  EXPECT_EQ(state_.open_alerts(0).condition(), "jam");
}

}  // namespace
}  // namespace platen::collector::core
