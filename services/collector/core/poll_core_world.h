// Everything outside the collector's core, for its tests: a log of state, printers, and collectors
// that share them, without time or network.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "services/collector/core/poll_core.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"

namespace platen::collector::core {

// What collectors share.
class World {
 public:
  struct Record {
    std::string key;
    std::optional<std::string> value;
  };

  struct Printer {
    bool silent = false;
    bool hangs = false;  // It is silent, and its time is never over.
    bool jammed = false;
    std::uint32_t uptime_ticks = 100'000;
    // What it has beyond the usual, or otherwise; by name.
    std::vector<snmp::Varbind> has;
    // What it says in the context "Own" only; without any it does not answer there.
    std::vector<snmp::Varbind> in_context;
    // What it lacks: everything at or below.
    std::vector<snmp::Oid> lacks;
  };

  base::SimClock clock;
  std::vector<Record> log;  // One partition of device-state.
  std::vector<event::v1::Event> events;
  std::map<base::DeviceId, Printer> printers;

  Now now() const { return {clock.Now(), clock.WallNow()}; }

  // Each has an address of its own.
  std::string AddressOf(const base::DeviceId& id) {
    auto at = std::find(lives_.begin(), lives_.end(), id);
    if (at == lives_.end()) at = lives_.insert(at, id);
    return base::StrCat("192.0.2.", at - lives_.begin());
  }

  const base::DeviceId& WhoLivesAt(const snmp::Endpoint& agent) const {
    return lives_.at(agent.address.back());
  }

 private:
  std::vector<base::DeviceId> lives_;  // By the address's last number.
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

  void LosePartition() { Target(PartitionLost{0}); }

  void AddDevice(const base::DeviceId& id) {
    event::v1::Target target;
    target.set_device_id(std::string(id.bytes()));
    target.set_tenant("acme");
    target.set_site("hq");
    target.set_address(world_.AddressOf(id));
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
  bool publishing = true;  // Else events stay on their way, and a purge ends them.
  bool answering = true;   // Else requests stay under way.
  std::vector<std::int32_t> released;
  int reads = 0;
  std::vector<ReadingPlan> plans;
  bool once = false;  // The last request was to be sent once.
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
    if (effects.purge) {
      for (const std::uint64_t token : std::exchange(unpublished_, {})) {
        published_.push_back({token, absl::CancelledError()});
      }
    }
    forgotten += static_cast<int>(effects.forget.size());
    released.insert(released.end(), effects.release.begin(), effects.release.end());
    for (StateWrite& write : effects.states) {
      if (!accept_state) continue;
      world_.log.push_back({write.key, write.value});
      puts_.push_back({write.token, absl::OkStatus()});
    }
    for (EventWrite& write : effects.events) {
      if (!publishing) {
        unpublished_.push_back(write.token);
        continue;
      }
      world_.events.push_back(write.event);
      published_.push_back({write.token, absl::OkStatus()});
    }
    for (const ReadRequest& read : effects.reads) {
      ++reads;
      plans.push_back(read.plan);
      once = read.once;
      const bool hangs = world_.printers.at(world_.WhoLivesAt(read.access.agent)).hangs;
      if (answering && !hangs) answers_.push_back(Answer(read));
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
  std::vector<std::uint64_t> unpublished_;
  std::vector<ReadAnswer> answers_;
};

inline snmp::Varbind Cell(const snmp::Oid& entry,
                          std::uint32_t column,
                          std::uint32_t row,
                          snmp::Value value) {
  return {entry.Child(column).Child({1, row}), std::move(value)};
}

// Everything a printer has, by name.
inline std::vector<snmp::Varbind> TableOf(const base::DeviceId& id, const World::Printer& printer) {
  using snmp::operator""_oid;
  using snmp::Value;
  using snmp::ValueType;
  const auto general = [](std::uint32_t column) {
    return oids::kGeneralEntry.Child(column).Child(1);
  };
  std::vector<snmp::Varbind> table = {
      {oids::kSysDescr, Value::Octets("Printer")},
      {oids::kSysObjectId, Value::ObjectId("1.3.6.1.4.1.99999.1"_oid)},
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
  table.insert(table.begin(), printer.has.begin(), printer.has.end());
  std::erase_if(table, [&printer](const snmp::Varbind& varbind) {
    return std::any_of(printer.lacks.begin(), printer.lacks.end(), [&](const snmp::Oid& lack) {
      return varbind.name.StartsWith(lack);
    });
  });
  SortReadings(table);
  return table;
}

inline ReadAnswer Collector::Answer(const ReadRequest& read) {
  ReadAnswer answer;
  answer.id = read.id;
  const base::DeviceId id = world_.WhoLivesAt(read.access.agent);
  const World::Printer& printer = world_.printers.at(id);
  if (printer.silent || (!read.plan.context.empty() && printer.in_context.empty())) return answer;
  answer.result = ReadAnswer::Result::kAnswered;
  answer.complete = true;
  for (const snmp::Varbind& varbind :
       read.plan.context.empty() ? TableOf(id, printer) : printer.in_context) {
    const bool wanted =
        std::find(read.plan.scalars.begin(), read.plan.scalars.end(), varbind.name) !=
            read.plan.scalars.end() ||
        std::any_of(read.plan.subtrees.begin(),
                    read.plan.subtrees.end(),
                    [&](const snmp::Oid& tree) { return varbind.name.StartsWith(tree); }) ||
        std::any_of(
            read.plan.tails.begin(), read.plan.tails.end(), [&](const ReadingPlan::Tail& tail) {
              return varbind.name.StartsWith(tail.column) && tail.last < varbind.name;
            });
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

  std::vector<event::v1::Event> Of(event::v1::Event::BodyCase body) const {
    std::vector<event::v1::Event> found;
    for (const event::v1::Event& event : world_.events) {
      if (event.body_case() == body) found.push_back(event);
    }
    return found;
  }

  std::set<std::string> Ids(event::v1::Event::BodyCase body) const {
    std::set<std::string> ids;
    for (const event::v1::Event& event : Of(body)) ids.insert(event.id());
    return ids;
  }

  World world_;
  // Always the same, so that its slots lie at the same times in each run.
  base::DeviceId device_ = *base::DeviceId::FromBytes("device number 01");
};

}  // namespace platen::collector::core
