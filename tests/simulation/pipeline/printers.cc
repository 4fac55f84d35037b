#include "tests/simulation/pipeline/printers.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"

namespace platen::simulation {
namespace {

namespace core = collector::core;
namespace oids = collector::core::oids;
using snmp::Value;
using snmp::ValueType;

constexpr base::Duration kTimeout = std::chrono::seconds(2);

snmp::Oid OfDevice(const snmp::Oid& entry, std::uint32_t column) {
  return entry.Child(column).Child(1);
}

// What an agent would say to `plan`.
bool IsAsked(const core::ReadingPlan& plan, const snmp::Oid& name) {
  const auto below = [&name](const snmp::Oid& tree) { return name.StartsWith(tree); };
  const auto behind = [&name](const core::ReadingPlan::Tail& tail) {
    return name.StartsWith(tail.column) && tail.last < name;
  };
  return std::find(plan.scalars.begin(), plan.scalars.end(), name) != plan.scalars.end() ||
         std::any_of(plan.subtrees.begin(), plan.subtrees.end(), below) ||
         std::any_of(plan.tails.begin(), plan.tails.end(), behind);
}

}  // namespace

SimPrinter::SimPrinter(int number, bool has_rows, const base::SimClock& clock)
    : clock_(clock),
      number_(number),
      has_rows_(has_rows),
      address_(base::StrCat("10.0.0.", number + 1)),
      booted_(clock.Now() - std::chrono::hours(20)) {
  id_.raw()[0] = static_cast<std::uint8_t>(number * 37 + 11);
  id_.raw()[15] = static_cast<std::uint8_t>(number);
}

void SimPrinter::Jam() {
  jammed_ = true;
  ++jams_;
  raised_ticks_ = Ticks();
  table_.clear();
}

void SimPrinter::Clear() {
  jammed_ = false;
  table_.clear();
}

std::uint64_t SimPrinter::Ticks() const {
  return static_cast<std::uint64_t>(base::ToMillis(clock_.Now() - booted_) / 10);
}

const std::vector<snmp::Varbind>& SimPrinter::Table() {
  if (!table_.empty()) {
    const auto up = std::find_if(
        table_.begin(), table_.end(), [](const auto& v) { return v.name == oids::kSysUpTime; });
    up->value = Value::Number(ValueType::kTimeTicks, Ticks());
    return table_;
  }
  const auto jams = static_cast<std::uint64_t>(jams_);
  table_ = {
      {oids::kSysDescr, Value::Octets("Simulated printer")},
      {oids::kSysUpTime, Value::Number(ValueType::kTimeTicks, Ticks())},
      {OfDevice(oids::kHrDeviceEntry, oids::kHrDeviceType),
       Value::ObjectId(oids::kHrDeviceTypePrinter)},
      {OfDevice(oids::kHrDeviceEntry, oids::kHrDeviceStatus), Value::Integer(jammed_ ? 5 : 2)},
      {OfDevice(oids::kHrPrinterEntry, oids::kHrPrinterStatus), Value::Integer(jammed_ ? 1 : 3)},
      {OfDevice(oids::kHrPrinterEntry, oids::kHrPrinterDetectedErrorState),
       Value::Octets(jammed_ ? std::string_view("\x04") : std::string_view("\0", 1))},
      {OfDevice(oids::kGeneralEntry, oids::kSerialNumber),
       Value::Octets(base::StrCat("SIM", number_))},
      {oids::kMarkerEntry.Child(oids::kMarkerCounterUnit).Child({1, 1}), Value::Integer(7)},
      {oids::kMarkerEntry.Child(oids::kMarkerLifeCount).Child({1, 1}),
       Value::Number(ValueType::kCounter32, 1000 + jams)},
  };
  if (has_rows_) {
    table_.push_back({OfDevice(oids::kGeneralEntry, oids::kAlertAllEvents),
                      Value::Number(ValueType::kCounter32, jams)});
    if (jammed_) AddRow();
  }
  core::SortReadings(table_);
  return table_;
}

void SimPrinter::AddRow() {
  const auto add = [this](std::uint32_t column, Value value) {
    table_.emplace_back(
        oids::kAlertEntry.Child(column).Child({1, static_cast<std::uint32_t>(jams_)}),
        std::move(value));
  };
  add(oids::kAlertSeverity, Value::Integer(3));
  add(oids::kAlertTraining, Value::Integer(3));
  add(oids::kAlertGroup, Value::Integer(13));
  add(oids::kAlertGroupIndex, Value::Integer(1));
  add(oids::kAlertLocation, Value::Integer(1));
  add(oids::kAlertCode, Value::Integer(8));
  add(oids::kAlertDescription, Value::Octets("Paper jam"));
  add(oids::kAlertTime, Value::Number(ValueType::kTimeTicks, raised_ticks_));
}

void PrinterReader::Start(const core::ReadRequest& request) {
  Job& job = jobs_[request.id.device];
  job.id = request.id;
  job.address = request.target->address();
  job.plan = request.plan;
  job.silent = random_.Chance(faults_.silent);
  job.partial = random_.Chance(faults_.partial);
  const auto most = static_cast<std::uint64_t>(base::ToMillis(faults_.delay_max));
  const base::Duration delay = std::chrono::milliseconds(random_.Below(most + 1));
  job.due = clock_.Now() + (job.silent ? kTimeout : delay);
}

void PrinterReader::Poll(base::MonotonicTime now, std::vector<core::ReadAnswer>& answers) {
  for (auto it = jobs_.begin(); it != jobs_.end();) {
    if (it->second.due > now) {
      ++it;
      continue;
    }
    answers.push_back(Answer(it->second));
    it = jobs_.erase(it);
  }
}

core::ReadAnswer PrinterReader::Answer(const Job& job) {
  core::ReadAnswer answer;
  answer.id = job.id;
  const auto printer = std::find_if(printers_.begin(), printers_.end(), [&job](const auto& each) {
    return each.address() == job.address;
  });
  if (job.silent || printer == printers_.end() || printer->silent || !job.plan.context.empty()) {
    return answer;
  }
  answer.result = core::ReadAnswer::Result::kAnswered;
  answer.complete = !job.partial || job.plan.subtrees.empty();
  if (!answer.complete) answer.unfinished = job.plan.subtrees;
  for (const snmp::Varbind& varbind : printer->Table()) {
    if (IsAsked(job.plan, varbind.name)) answer.values.push_back(varbind);
  }
  return answer;
}

}  // namespace platen::simulation
