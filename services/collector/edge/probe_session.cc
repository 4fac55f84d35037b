#include "services/collector/edge/probe_session.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/collector/core/printer_oids.h"
#include "services/collector/core/reading_plan.h"
#include "services/collector/core/readings.h"

namespace platen::collector::edge {
namespace {

core::ReadingPlan HelloPlan() {
  return {.scalars = {core::oids::kSysDescr, core::oids::kSysObjectId, core::oids::kSysUpTime}};
}

}  // namespace

ProbeSession::ProbeSession(const ProbeOptions& options,
                           snmp::Datagrams& network,
                           const base::Clock& clock,
                           const core::ProfileSet& profiles,
                           snmp::SipKey key)
    : options_(options),
      network_(network),
      clock_(clock),
      profiles_(profiles),
      reader_(options.reader, network, key) {}

void ProbeSession::Run(std::span<const snmp::Endpoint> hosts, const Answered& answered) {
  hosts_.clear();
  for (const snmp::Endpoint& endpoint : hosts) hosts_.push_back({.endpoint = endpoint});
  for (core::DeviceSlot slot = 0; slot < hosts_.size(); ++slot) {
    if (options_.sweep) {
      Ask(slot, Stage::kHello, HelloPlan());
    } else {
      Ask(slot, Stage::kStandard, core::StandardPlan());
    }
  }
  std::size_t left = hosts_.size();
  std::vector<core::ReadAnswer> answers;
  while (left > 0) {
    answers.clear();
    reader_.Poll(clock_.Now(), answers);
    for (core::ReadAnswer& answer : answers) {
      if (OnAnswer(std::move(answer), answered)) --left;
    }
    if (left > 0 && answers.empty()) WaitForReader(reader_, clock_.Now(), network_);
  }
}

void ProbeSession::Ask(core::DeviceSlot slot, Stage stage, core::ReadingPlan plan) {
  Host& host = hosts_[slot];
  host.stage = stage;
  event::v1::Target target;
  target.set_address(host.endpoint.AddressToString());
  target.mutable_snmp()->set_version(options_.version);
  target.mutable_snmp()->set_port(host.endpoint.port);
  reader_.Start(
      {.id = {slot, ++host.reading}, .access = core::AccessOf(target), .plan = std::move(plan)});
}

bool ProbeSession::OnAnswer(core::ReadAnswer answer, const Answered& answered) {
  const core::DeviceSlot slot = answer.id.device;
  Host& host = hosts_[slot];
  const bool silent = answer.result != core::ReadAnswer::Result::kAnswered;
  if (!answer.refusal.empty()) refusal_ = answer.refusal;
  if (silent && host.values.empty()) return true;
  if (silent && host.stage == Stage::kContext) {
    Tell(host, answered);
    return true;
  }
  host.complete = host.complete && !silent && answer.complete;
  std::ranges::move(answer.values, std::back_inserter(host.values));
  if (!silent && host.stage == Stage::kHello) {
    host.complete = true;
    Ask(slot, Stage::kStandard, core::StandardPlan());
    return false;
  }
  core::SortReadings(host.values);
  if (!silent && host.stage == Stage::kStandard) {
    host.profile = core::ChooseProfile(host.values, profiles_);
    if (host.profile != nullptr) {
      core::ReadingPlan plan = core::VendorPlan(*host.profile, core::ReadPurpose::kEverything);
      if (!plan.empty()) {
        Ask(slot, Stage::kVendor, std::move(plan));
        return false;
      }
    }
  }
  if (host.stage != Stage::kContext) {
    if (auto plan = core::ContextPlan(host.profile, host.values)) {
      Ask(slot, Stage::kContext, *std::move(plan));
      return false;
    }
  }
  Tell(host, answered);
  return true;
}

void ProbeSession::Tell(const Host& host, const Answered& answered) const {
  answered(core::MakeSnapshot({.readings = host.values,
                               .profile = host.profile,
                               .address = host.endpoint.AddressToString(),
                               .read_time = clock_.WallNow(),
                               .complete = host.complete}));
}

}  // namespace platen::collector::edge
