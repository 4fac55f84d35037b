#include "services/collector/core/poll_core.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/event/identity.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"

namespace platen::collector::core {
namespace {

using event::v1::Event;

// A log of state, printers, and collectors that share them: everything outside the core, without
// time or network.
class World {
 public:
  struct Record {
    std::string key;
    std::optional<std::string> value;
  };

  struct Printer {
    bool silent = false;
    bool jammed = false;
    std::uint32_t uptime_ticks = 100'000;
  };

  base::SimClock clock;
  std::vector<Record> log;  // One partition of device-state.
  std::vector<Event> events;
  std::map<base::DeviceId, Printer> printers;

  Now now() const { return {clock.Now(), clock.WallNow()}; }
};

// One collector on partition 0 of the world.
class Collector {
 public:
  Collector(World& world,
            const std::string& name,
            std::uint64_t epoch,
            const FleetPollerOptions& options = {})
      : world_(world), sequencer_(name, epoch), core_(options, profiles_, sequencer_) {}

  void GivePartition() { Target(PartitionGiven{0}); }

  void TakePartition() { Target(PartitionTaken{0}); }

  void AddDevice(const base::DeviceId& id) {
    event::v1::Target target;
    target.set_device_id(std::string(id.bytes()));
    target.set_tenant("acme");
    target.set_site("hq");
    target.set_address("192.0.2.7");
    Target(TargetChanged{0, id, target});
    ids_.push_back(id);
  }

  void Stop() {
    Effects effects;
    core_.Stop(effects);
    Apply(effects);
  }

  void RemoveDevice(const base::DeviceId& id) { Target(TargetChanged{0, id, std::nullopt}); }

  // Does everything that can be done without time passing.
  void Settle(int turns_max = 100) {
    for (int i = 0; i < turns_max; ++i) {
      const std::size_t before = work_;
      Turn();
      if (work_ == before) return;
    }
  }

  void Turn() {
    Effects effects;
    if (open_) {
      for (; read_ < world_.log.size(); ++read_, ++work_) {
        core_.OnState(
            world_.now(), StateRead{0, world_.log[read_].key, world_.log[read_].value}, effects);
      }
      if (!restored_) {
        restored_ = true;
        ++work_;
        core_.OnState(world_.now(), StateRestored{0}, effects);
      }
    }
    for (const StatePut& put : std::exchange(puts_, {})) {
      ++work_;
      core_.OnState(world_.now(), put, effects);
    }
    for (const Published& each : std::exchange(published_, {})) {
      ++work_;
      core_.OnPublished(world_.now(), each, effects);
    }
    for (ReadAnswer& answer : std::exchange(answers_, {})) {
      ++work_;
      core_.OnAnswer(world_.now(), std::move(answer), effects);
    }
    core_.OnTimer(world_.now(), hold, effects);
    Apply(effects);
  }

  PollCore& core() { return core_; }

  bool hold = false;
  bool accept_state = true;
  bool answering = true;  // Else requests stay under way.
  std::vector<std::int32_t> released;
  int reads = 0;
  int purges = 0;
  int forgotten = 0;

 private:
  void Target(TargetSource::Step step) {
    Effects effects;
    core_.OnTarget(world_.now(), std::move(step), effects);
    Apply(effects);
  }

  void Apply(Effects& effects) {
    for (const auto& [partition, open] : effects.readers) {
      open_ = open;
      read_ = 0;
      restored_ = false;
    }
    purges += effects.purge ? 1 : 0;
    forgotten += static_cast<int>(effects.forget.size());
    released.insert(released.end(), effects.release.begin(), effects.release.end());
    for (StateWrite& write : effects.states) {
      if (!accept_state) continue;
      world_.log.push_back({write.key, write.value});
      puts_.push_back({write.token, absl::OkStatus()});
    }
    for (EventWrite& write : effects.events) {
      world_.events.push_back(write.event);
      published_.push_back({write.token, absl::OkStatus()});
    }
    for (const ReadRequest& read : effects.reads) {
      ++reads;
      if (answering) answers_.push_back(Answer(read));
    }
  }

  ReadAnswer Answer(const ReadRequest& read);

  World& world_;
  ProfileSet profiles_;
  event::Sequencer sequencer_;
  PollCore core_;
  std::vector<base::DeviceId> ids_;
  bool open_ = false;
  bool restored_ = false;
  std::size_t read_ = 0;
  std::size_t work_ = 0;
  std::vector<StatePut> puts_;
  std::vector<Published> published_;
  std::vector<ReadAnswer> answers_;
};

snmp::Varbind Cell(const snmp::Oid& entry,
                   std::uint32_t column,
                   std::uint32_t row,
                   snmp::Value value) {
  return {entry.Child(column).Child({1, row}), std::move(value)};
}

// Everything a printer has, by name.
std::vector<snmp::Varbind> TableOf(const base::DeviceId& id, const World::Printer& printer) {
  using snmp::Value;
  using snmp::ValueType;
  const auto general = [](std::uint32_t column) {
    return oids::kGeneralEntry.Child(column).Child(1);
  };
  std::vector<snmp::Varbind> table = {
      {oids::kSysDescr, Value::Octets("Printer")},
      {oids::kSysUpTime, Value::Number(ValueType::kTimeTicks, printer.uptime_ticks)},
      {oids::kHrDeviceEntry.Child(oids::kHrDeviceType).Child(1),
       Value::ObjectId(oids::kHrDeviceTypePrinter)},
      {oids::kHrDeviceEntry.Child(oids::kHrDeviceStatus).Child(1),
       Value::Integer(printer.jammed ? 5 : 2)},
      {oids::kHrPrinterEntry.Child(oids::kHrPrinterStatus).Child(1), Value::Integer(3)},
      {oids::kHrPrinterEntry.Child(oids::kHrPrinterDetectedErrorState).Child(1),
       Value::Octets(printer.jammed ? std::string_view("\x04") : std::string_view("\0", 1))},
      {general(oids::kSerialNumber), Value::Octets(id.ToHex())},
      Cell(oids::kMarkerEntry, oids::kMarkerCounterUnit, 1, Value::Integer(7)),
      Cell(oids::kMarkerEntry,
           oids::kMarkerLifeCount,
           1,
           Value::Number(ValueType::kCounter32, 4711)),
      Cell(oids::kSuppliesEntry, oids::kSupplyType, 1, Value::Integer(3)),
      Cell(oids::kSuppliesEntry, oids::kSupplyLevel, 1, Value::Integer(-3)),
  };
  if (printer.jammed) {
    for (const auto& [column, value] : {std::pair<std::uint32_t, int>{oids::kAlertSeverity, 3},
                                        {oids::kAlertGroup, 13},
                                        {oids::kAlertGroupIndex, 1},
                                        {oids::kAlertCode, 8},
                                        {oids::kAlertTime, 90'000}}) {
      table.push_back(Cell(oids::kAlertEntry, column, 1, Value::Integer(value)));
    }
  }
  SortReadings(table);
  return table;
}

ReadAnswer Collector::Answer(const ReadRequest& read) {
  ReadAnswer answer;
  answer.id = read.id;
  const base::DeviceId id = *base::DeviceId::FromBytes(read.target->device_id());
  const World::Printer& printer = world_.printers.at(id);
  if (printer.silent) return answer;
  answer.result = ReadAnswer::Result::kAnswered;
  answer.complete = true;
  for (const snmp::Varbind& varbind : TableOf(id, printer)) {
    const bool wanted =
        std::find(read.plan.scalars.begin(), read.plan.scalars.end(), varbind.name) !=
            read.plan.scalars.end() ||
        std::any_of(read.plan.subtrees.begin(),
                    read.plan.subtrees.end(),
                    [&](const snmp::Oid& tree) { return varbind.name.StartsWith(tree); });
    if (wanted) answer.values.push_back(varbind);
  }
  return answer;
}

class PollCoreTest : public ::testing::Test {
 protected:
  PollCoreTest() { world_.printers[device_] = {}; }

  // Lets `seconds` pass, a second at a time, for every collector given.
  template <class... Collectors>
  void Pass(int seconds, Collectors&... collectors) {
    for (int i = 0; i < seconds; ++i) {
      world_.clock.Advance(std::chrono::seconds(1));
      for (auto& [id, printer] : world_.printers) printer.uptime_ticks += 100;
      (collectors.Settle(), ...);
    }
  }

  std::vector<Event> Of(Event::BodyCase body) const {
    std::vector<Event> found;
    for (const Event& event : world_.events) {
      if (event.body_case() == body) found.push_back(event);
    }
    return found;
  }

  std::set<std::string> Ids(Event::BodyCase body) const {
    std::set<std::string> ids;
    for (const Event& event : Of(body)) ids.insert(event.id());
    return ids;
  }

  World world_;
  // Always the same, so that its slots lie at the same times in each run.
  base::DeviceId device_ = *base::DeviceId::FromBytes("device number 01");
};

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
  EXPECT_EQ(a.core().target_figures().refused, 1u);
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

TEST_F(PollCoreTest, AnOwnerThatSeesAHigherTermFallsSilent) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  Collector b(world_, "b", 1);
  b.GivePartition();
  b.AddDevice(device_);
  b.Settle();
  a.Settle();
  EXPECT_EQ(a.purges, 1);

  const int before = a.reads;
  world_.printers[device_].jammed = true;
  Pass(120, a, b);
  EXPECT_EQ(a.reads, before);
  EXPECT_EQ(Of(Event::kAlert).size(), 1u);
}

TEST_F(PollCoreTest, ReleasesAPartitionWhenNothingIsOnItsWay) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Turn();
  a.Turn();
  a.Turn();  // A reading is under way.
  ASSERT_GT(a.reads, 0);
  a.TakePartition();
  EXPECT_TRUE(a.released.empty());

  a.Settle();
  EXPECT_EQ(a.released, std::vector<std::int32_t>{0});
}

TEST_F(PollCoreTest, ASlowDeviceHoldsUpNeitherAHandOverNorAStop) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.answering = false;
  a.Settle();
  ASSERT_EQ(a.reads, 1);
  ASSERT_FALSE(a.core().IsQuiet());

  a.TakePartition();
  a.Settle();
  EXPECT_EQ(a.released, std::vector<std::int32_t>{0});
  EXPECT_EQ(a.forgotten, 2);  // The reading, and with the partition the device.

  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  ASSERT_FALSE(a.core().IsQuiet());
  a.Stop();
  EXPECT_TRUE(a.core().IsQuiet());
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
