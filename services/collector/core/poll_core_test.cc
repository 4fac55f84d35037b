#include "services/collector/core/poll_core.h"

#include <gtest/gtest.h>

#include "libs/event/timestamps.h"
#include "services/collector/core/poll_core_world.h"

namespace platen::collector::core {
namespace {

using event::v1::Event;

TEST_F(PollCoreTest, ReadsANewDeviceInFullAtOnce) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();

  EXPECT_EQ(Of(Event::kIdentityReport).size(), 1u);
  EXPECT_EQ(Of(Event::kMeterReading).size(), 1u);
  EXPECT_EQ(Of(Event::kSupplyReading).size(), 1u);
  EXPECT_EQ(Of(Event::kMeterReading)[0].term(), 1u);
}

TEST_F(PollCoreTest, ReadsNothingBeforeThePartitionIsClaimed) {
  Collector a(world_, "a", 1);
  a.accept_state = false;  // The claim never becomes durable.
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();

  EXPECT_EQ(a.reads, 0);
}

// Targets and state come by two ways: after a broker's restart the targets were the later ones, and
// their devices were taken for new.
TEST_F(PollCoreTest, KnowsADeviceWhoseTargetComesAfterThePartitionIsOwned) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  world_.printers[device_].uptime_ticks = 50;  // A second boot: the row's identity counts it.
  Pass(61, a);
  world_.printers[device_].jammed = true;
  Pass(61, a);
  ASSERT_EQ(Ids(Event::kAlert).size(), 1u);

  Collector b(world_, "b", 2);
  b.GivePartition();
  b.Settle();
  ASSERT_EQ(b.core().partitions_owned(), 1u);
  b.AddDevice(device_);
  b.Settle();
  Pass(61, b);
  EXPECT_EQ(Ids(Event::kAlert).size(), 1u);
  EXPECT_EQ(Ids(Event::kIdentityReport).size(), 1u);
}

// Files are exchanged one by one, and somebody reloads half-way.
TEST_F(PollCoreTest, AProfileThatWasMissingForAMomentAppliesAgain) {
  using snmp::operator""_oid;
  Profile profile;
  profile.name = "acme";
  profile.match.sys_object_ids = {"1.3.6.1.4.1.99999"_oid};
  const ProfileSet all({profile});
  const ProfileSet none;
  Collector a(world_, "a", 1);
  a.core().SetProfiles(all);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  a.core().SetProfiles(none);
  a.core().SetProfiles(all);
  Pass(3601, a);

  ASSERT_EQ(Of(Event::kMeterReading).size(), 2u);
  EXPECT_EQ(Of(Event::kMeterReading)[1].meter_reading().profile(), profile.id());
}

// An agent that is busy may refuse every object.
TEST_F(PollCoreTest, ADeviceThatAnswersNothingKeepsItsIdentity) {
  using snmp::operator""_oid;
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  ASSERT_EQ(Of(Event::kIdentityReport).size(), 1u);
  world_.printers[device_].lacks = {"1.3"_oid};
  Pass(7 * 3600, a);

  EXPECT_EQ(Of(Event::kIdentityReport).size(), 1u);
}

TEST_F(PollCoreTest, ADeviceOfHundredsOfPrintersCostsAFewRequests) {
  for (std::uint32_t printer = 1; printer <= 400; ++printer) {
    world_.printers[device_].has.emplace_back(
        oids::kHrDeviceEntry.Child({oids::kHrDeviceType, printer}),
        snmp::Value::ObjectId(oids::kHrDeviceTypePrinter));
    world_.printers[device_].has.emplace_back(
        oids::kHrPrinterEntry.Child({oids::kHrPrinterStatus, printer}), snmp::Value::Integer(3));
  }
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  a.plans.clear();
  Pass(61, a);

  ASSERT_FALSE(a.plans.empty());
  EXPECT_GT(a.plans[0].scalars.size(), 8u);
  EXPECT_LT(a.plans[0].scalars.size(), 60u);
}

TEST_F(PollCoreTest, TurnsAwayTargetsAboveItsBoundAndCountsThem) {
  FleetPollerOptions options;
  options.devices_max = 1;
  Collector a(world_, "a", 1, options);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  const base::DeviceId other = base::NewDeviceId();
  world_.printers[other] = {};
  a.AddDevice(other);
  a.AddDevice(device_);  // Changed, not new.
  a.Settle();

  EXPECT_EQ(a.core().figures().devices, 1u);
  EXPECT_EQ(a.core().target_figures().read, 3u);
  EXPECT_EQ(a.core().target_figures().refused, 1u);
}

// It waits in two places then: for another try, and as one that is new.
TEST_F(PollCoreTest, ADeviceThatNeverAnsweredIsReadOnceAtATimeWhenItsTargetChanges) {
  world_.printers[device_].silent = true;
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  a.AddDevice(device_);
  a.answering = false;
  a.Settle();
  const int reads = a.reads;

  Pass(120, a);

  EXPECT_EQ(a.reads, reads);
}

TEST_F(PollCoreTest, ReadsNothingWhileKafkaTakesNothing) {
  Collector a(world_, "a", 1);
  a.hold = true;
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  EXPECT_EQ(a.reads, 0);

  a.hold = false;
  a.Settle();
  EXPECT_GT(a.reads, 0);
}

TEST_F(PollCoreTest, FindsAJamWithinAnIntervalAndItsEndInTheNext) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  world_.printers[device_].jammed = true;
  Pass(61, a);
  ASSERT_EQ(Of(Event::kAlert).size(), 1u);
  EXPECT_EQ(Of(Event::kAlert)[0].alert().category(), event::v1::ALERT_CATEGORY_JAM);

  world_.printers[device_].jammed = false;
  Pass(61, a);
  ASSERT_EQ(Of(Event::kAlert).size(), 2u);
  EXPECT_EQ(Of(Event::kAlert)[1].alert().end(), event::v1::ALERT_END_CLEARED);
  EXPECT_EQ(Of(Event::kAlert)[1].alert().alert_id(), Of(Event::kAlert)[0].alert().alert_id());
}

// Polls that say what the one before said are over at a glance; what they tell of time must not be
// forgotten over it.
TEST_F(PollCoreTest, NoticesARebootAfterManyPollsThatSaidNothingNew) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  Pass(600, a);
  // More than at the first reading, less than at the last one.
  world_.printers[device_].uptime_ticks -= 30'000;
  world_.printers[device_].jammed = true;
  Pass(61, a);

  ASSERT_EQ(Of(Event::kAlert).size(), 1u);
  EXPECT_EQ(Of(Event::kAlert)[0].occurrence().alert_row().boot(), 2u);
}

TEST_F(PollCoreTest, ReadsByAChangedProfileFromTheNextReadingOn) {
  const auto profiles = [](std::uint32_t version) {
    Profile profile;
    profile.name = "acme";
    profile.version = version;
    profile.match.sys_object_ids = {*snmp::Oid::Parse("1.3.6.1.4.1.99999")};
    return ProfileSet({profile});
  };
  const ProfileSet first = profiles(1);
  const ProfileSet second = profiles(2);
  Collector a(world_, "a", 1);
  a.core().SetProfiles(first);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  a.core().SetProfiles(second);
  Pass(3601, a);

  const std::vector<Event> readings = Of(Event::kMeterReading);
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_EQ(readings[0].meter_reading().profile(), "acme@1");
  EXPECT_EQ(readings[1].meter_reading().profile(), "acme@2");
}

TEST_F(PollCoreTest, PollsOnceAnInterval) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  const int before = a.reads;
  Pass(600, a);

  EXPECT_NEAR(a.reads - before, 10, 1);
}

TEST_F(PollCoreTest, ASuccessorKnowsWhatWasOpenAndSaysNothingTwice) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  world_.printers[device_].jammed = true;
  a.Settle();
  ASSERT_EQ(Ids(Event::kAlert).size(), 1u);

  Collector b(world_, "b", 1);  // `a` was killed.
  b.GivePartition();
  b.AddDevice(device_);
  Pass(130, b);
  EXPECT_EQ(Ids(Event::kAlert).size(), 1u);
  EXPECT_EQ(Ids(Event::kMeterReading).size(), 1u);

  world_.printers[device_].jammed = false;
  Pass(61, b);
  EXPECT_EQ(Of(Event::kAlert).back().alert().end(), event::v1::ALERT_END_CLEARED);
  EXPECT_EQ(Of(Event::kAlert).back().term(), 2u);
}

// Killed after the state was durable and before its events were: the successor says them.
TEST_F(PollCoreTest, ASuccessorSaysWhatItsPredecessorHadDecided) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  world_.printers[device_].jammed = true;
  a.Settle();
  const std::set<std::string> said = Ids(Event::kAlert);
  // The log as it was when only the first state record of the device had been written.
  const auto first =
      std::find_if(world_.log.begin(), world_.log.end(), [](const World::Record& record) {
        return record.key != kOwnerKey;
      });
  world_.log.erase(first + 1, world_.log.end());
  world_.events.clear();

  Collector b(world_, "b", 1);
  b.GivePartition();
  b.AddDevice(device_);
  b.Settle();
  EXPECT_EQ(Ids(Event::kAlert), said);
}

TEST_F(PollCoreTest, ForgetsADeviceThatIsRemoved) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  a.RemoveDevice(device_);
  const int before = a.reads;
  Pass(300, a);

  EXPECT_EQ(a.reads, before);
  EXPECT_EQ(a.core().figures().devices, 0u);
  EXPECT_FALSE(world_.log.back().value.has_value());
}

TEST_F(PollCoreTest, ADeadDeviceCostsItsOwnSlotOnly) {
  const base::DeviceId dead = base::NewDeviceId();
  world_.printers[dead].silent = true;
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(dead);
  a.AddDevice(device_);
  a.Settle();
  EXPECT_EQ(Of(Event::kMeterReading).size(), 1u);

  Pass(200, a);
  ASSERT_EQ(Of(Event::kAlert).size(), 1u);
  EXPECT_EQ(Of(Event::kAlert)[0].device_id(), dead.bytes());
  EXPECT_EQ(Of(Event::kAlert)[0].alert().origin(), event::v1::ALERT_ORIGIN_PLATEN);
}

// Three polls are needed to say it; it began with the first of them at the latest.
TEST_F(PollCoreTest, ASilenceCountsFromTheLastAnswer) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  Pass(300, a);
  const base::WallTime answered = world_.clock.WallNow();
  world_.printers[device_].silent = true;

  Pass(300, a);

  ASSERT_EQ(Of(Event::kAlert).size(), 1u);
  const Event silence = Of(Event::kAlert)[0];
  const base::WallTime since = event::FromProto(silence.alert().raise_time());
  EXPECT_LE(since, answered);
  EXPECT_GT(since, answered - std::chrono::seconds(60));
  EXPECT_GE(event::FromProto(silence.occurrence_time()), since + std::chrono::seconds(120));
}

// The next owner has seen no answer. What was seen is in the state from the second poll on.
TEST_F(PollCoreTest, ASilenceThatAnotherOwnerHasSeenBeginGoesOn) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  Pass(300, a);
  const base::WallTime answered = world_.clock.WallNow();
  world_.printers[device_].silent = true;
  while (Of(Event::kStatusChange).size() < 2) Pass(1, a);

  Collector b(world_, "b", 2);
  b.GivePartition();
  b.AddDevice(device_);
  Pass(600, b);

  ASSERT_EQ(Of(Event::kAlert).size(), 1u);
  EXPECT_LE(event::FromProto(Of(Event::kAlert)[0].alert().raise_time()), answered);
}

TEST_F(PollCoreTest, ASilenceWhoseBeginningNobodySawCountsFromTheFirstPollWithoutAnAnswer) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  Pass(600, a);
  world_.printers[device_].silent = true;
  Collector b(world_, "b", 2);
  b.GivePartition();
  b.AddDevice(device_);
  const base::WallTime asked = world_.clock.WallNow();

  Pass(600, b);

  ASSERT_EQ(Of(Event::kAlert).size(), 1u);
  EXPECT_GE(event::FromProto(Of(Event::kAlert)[0].alert().raise_time()), asked);
}

TEST_F(PollCoreTest, ADeviceThatWasNotAskedForLongWasNotSilentAllTheWhile) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  Pass(300, a);
  a.hold = true;
  Pass(3600, a);
  const base::WallTime asked = world_.clock.WallNow();
  world_.printers[device_].silent = true;
  a.hold = false;

  Pass(600, a);

  ASSERT_EQ(Of(Event::kAlert).size(), 1u);
  EXPECT_GE(event::FromProto(Of(Event::kAlert)[0].alert().raise_time()), asked);
}

TEST_F(PollCoreTest, NumbersItsEventsWithoutHoles) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  world_.printers[device_].jammed = true;
  Pass(120, a);
  std::map<event::v1::Lane, std::uint64_t> next;
  for (const Event& event : world_.events)
    EXPECT_EQ(event.source().sequence(), ++next[event.lane()]);
}

}  // namespace
}  // namespace platen::collector::core
