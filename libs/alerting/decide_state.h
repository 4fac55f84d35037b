// What decide keeps of a partition, for the files of DecideCore only.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "libs/alerting/collector_watch.h"
#include "libs/alerting/decide_core.h"

namespace platen::alerting {

struct DecideCore::Device {
  std::uint64_t term = 0;
  std::map<std::string, AlertRecord, std::less<>> alerts;

  AlertRecord* Find(std::string_view alert_id) {
    const auto found = alerts.find(alert_id);
    return found == alerts.end() ? nullptr : &found->second;
  }
};

struct DecideCore::PartitionState {
  // An alert that ended, for when it is to be forgotten.
  struct Ended {
    std::int64_t changed_millis = 0;
    base::DeviceId device;
    std::string alert_id;
  };

  // An alert that is to be looked at.
  using Due = std::tuple<std::int64_t, base::DeviceId, std::string>;

  std::int32_t number = 0;
  bool restored = false;
  // Nodes: half of a flat table of a million devices would be room that nobody uses.
  absl::node_hash_map<base::DeviceId, Device> devices;
  flow::OffsetTracker inputs;
  // Entries of an input that are not yet said.
  absl::flat_hash_map<std::int64_t, std::size_t> unsaid;
  std::size_t in_flight = 0;
  std::size_t outbox_entries = 0;
  std::deque<Ended> ended;
  // Each alert at most once: `due_at` says when.
  std::set<Due> due;
  absl::flat_hash_map<std::pair<base::DeviceId, std::string>, std::int64_t> due_at;
  // Hears nobody but in the partition of heartbeats.
  CollectorWatch collectors;
  // Events that say that collectors are back, on their way.
  std::size_t collector_ends_unsaid = 0;

  Device* FindDevice(const base::DeviceId& id) {
    const auto found = devices.find(id);
    return found == devices.end() ? nullptr : &found->second;
  }

  AlertRecord* Find(const base::DeviceId& device, std::string_view alert_id) {
    Device* const found = FindDevice(device);
    return found == nullptr ? nullptr : found->Find(alert_id);
  }
};

}  // namespace platen::alerting
