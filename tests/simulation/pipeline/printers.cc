#include "tests/simulation/pipeline/printers.h"

#include <algorithm>

#include "libs/base/status.h"

namespace platen::simulation {
namespace {

namespace core = collector::core;

constexpr base::Duration kTimeout = std::chrono::seconds(2);

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
    : JammingPrinter(number, has_rows, clock), address_(base::StrCat("10.0.0.", number + 1)) {
  id_.raw()[0] = static_cast<std::uint8_t>(number * 37 + 11);
  id_.raw()[15] = static_cast<std::uint8_t>(number);
}

void PrinterReader::Start(const core::ReadRequest& request) {
  Job& job = jobs_[request.id.device];
  job.id = request.id;
  job.address = request.access.agent.AddressToString();
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
