#include "services/gateway/edge/pipeline_view.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::gateway::edge {
namespace {

int PlaceOnTheWay(const std::string& role) {
  if (role == "collector") return 0;
  if (role == "relay") return 1;
  if (role == "gateway") return 2;
  return role == "notifier" ? 3 : 4;
}

}  // namespace

PipelineView::Known& PipelineView::Find(const std::string& key,
                                        const std::string& installation,
                                        const std::string& instance) {
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  if (known_.size() >= kHopsMax) {
    known_.erase(
        std::ranges::min_element(known_, {}, [](const auto& entry) { return entry.second.heard; }));
  }
  Known& known = known_[key];
  known.installation = installation;
  known.instance = instance;
  return known;
}

void PipelineView::OnArrived(const std::string& installation,
                             const std::string& relay_instance,
                             const core::AdmittedBatch& batch) {
  const std::string sources = base::StrCat("source/", installation, "/");
  const std::string relays = base::StrCat("relay/", installation, "/");
  const base::MonotonicTime now = clock_.Now();
  const base::WallTime wall = clock_.WallNow();
  std::map<std::string_view, std::uint64_t> by_source;
  std::uint64_t events = 0;
  for (const core::SequenceReport& report : batch.sequences) {
    if (report.count() == 0) continue;
    by_source[report.stream.instance] += report.count();
    events += report.count();
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [instance, count] : by_source) {
    Known& source = Find(sources + std::string(instance), installation, std::string(instance));
    source.rate.Add(now, count);
    source.heard = wall;
  }
  Known& relay = Find(relays + relay_instance, installation, relay_instance);
  relay.role = "relay";
  relay.heard = wall;
  relay.rate.Add(now, events);
  for (const core::AdmittedEvent& event : batch.events) {
    if (!event.heartbeat.has_value()) continue;
    const core::HeartbeatReport& heartbeat = *event.heartbeat;
    const bool is_relay = heartbeat.role == "relay";
    Known& source =
        Find((is_relay ? relays : sources) + heartbeat.instance, installation, heartbeat.instance);
    source.role = heartbeat.role;
    source.said = heartbeat;
    source.heard = wall;
    if (is_relay) known_.erase(sources + heartbeat.instance);
  }
}

void PipelineView::OnStored(std::uint64_t events) {
  const std::lock_guard lock(mutex_);
  Known& gateway = Find("gateway/" + gateway_instance_, "", gateway_instance_);
  gateway.role = "gateway";
  gateway.heard = clock_.WallNow();
  gateway.rate.Add(clock_.Now(), events);
}

std::vector<PipelineView::Hop> PipelineView::hops() {
  const base::MonotonicTime now = clock_.Now();
  std::vector<Hop> hops;
  {
    const std::lock_guard lock(mutex_);
    Find("gateway/" + gateway_instance_, "", gateway_instance_).role = "gateway";
    known_["gateway/" + gateway_instance_].heard = clock_.WallNow();
    for (auto& [key, known] : known_) {
      Hop& hop = hops.emplace_back();
      hop.history = known.rate.History(now);
      hop.hop.set_role(known.role.empty() ? "collector" : known.role);
      hop.hop.set_instance(known.instance);
      hop.hop.set_installation(known.installation);
      hop.hop.set_events_per_second(known.rate.PerSecond(now));
      *hop.hop.mutable_last_heard_time() = platen::event::ToProto(known.heard);
      for (const auto& [name, value] : known.said.figures) {
        auto* figure = hop.hop.add_figures();
        figure->set_name(name);
        figure->set_value(value);
      }
      for (const auto& slow : known.said.slowest) *hop.hop.add_slowest()->mutable_reading() = slow;
      hop.hop.mutable_partitions()->Assign(known.said.partitions.begin(),
                                           known.said.partitions.end());
    }
  }
  std::ranges::stable_sort(hops, {}, [](const Hop& hop) {
    return std::pair(PlaceOnTheWay(hop.hop.role()), hop.hop.instance());
  });
  return hops;
}

}  // namespace platen::gateway::edge
