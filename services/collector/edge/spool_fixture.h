// What the tests of the spool share: events, a spool on a real disk, and a Kafka that goes away.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/event/sequence.h"
#include "libs/event/timestamps.h"
#include "services/collector/edge/spool.h"
#include "tests/support/child_process.h"

namespace platen::collector::edge {

inline std::string DeviceOf(char letter) {
  return std::string(16, letter);
}

// A reading of an interval: told apart by itself.
inline event::v1::Event Reading(char device, std::uint64_t number) {
  event::v1::Event event;
  event.set_device_id(DeviceOf(device));
  event.set_tenant("acme");
  event.set_term(5);
  event.mutable_occurrence()->mutable_scheduled()->set_number(number);
  *event.mutable_observation_time() = event::ToProto(base::WallFromMillis(1'000'000));
  event.mutable_meter_reading();
  return event;
}

// An alert that its device's state has counted.
inline event::v1::Event Alert(char device, std::uint64_t instance) {
  event::v1::Event event = Reading(device, 0);
  event.mutable_occurrence()->mutable_instance()->set_instance(instance);
  event.mutable_alert()->set_alert_id("a");
  return event;
}

// The same with its place in an alert's life, at a time in seconds.
inline event::v1::Event Alert(char device,
                              std::uint64_t instance,
                              event::v1::AlertTransition transition,
                              int seconds) {
  event::v1::Event event = Alert(device, instance);
  event.mutable_occurrence()->mutable_instance()->set_transition(transition);
  event.mutable_alert()->set_alert_id("jam/" + std::to_string(instance));
  event.mutable_alert()->set_transition(transition);
  *event.mutable_observation_time() = event::ToProto(base::WallFromMillis(seconds * 1000));
  return event;
}

inline event::v1::Event Log(char device, std::uint64_t number) {
  event::v1::Event event = Reading(device, number);
  event.mutable_debug_log();
  return event;
}

// A Kafka's two ends. What it takes is acknowledged at the next Poll() while it is there.
struct FakeKafka {
  struct Record {
    std::string key;
    std::optional<std::string> value;
    base::WallTime time = base::WallFromMillis(9000);
  };

  bool away = false;
  // Delivered, in order.
  std::vector<event::v1::Event> events;
  // Partitions of device-state.
  std::map<std::int32_t, std::vector<Record>> states;
  // States are written, and nobody has read them yet.
  bool reads = true;
};

class FakeEvents final : public core::EventPublisher {
 public:
  explicit FakeEvents(FakeKafka& kafka) : kafka_(kafka) {}

  absl::Status Publish(const event::v1::Event& event, std::uint64_t token) override {
    taken_.emplace_back(event, token);
    return absl::OkStatus();
  }

  absl::Status Poll(std::vector<core::Published>& published) override {
    std::move(cancelled_.begin(), cancelled_.end(), std::back_inserter(published));
    cancelled_.clear();
    if (kafka_.away) return absl::OkStatus();
    for (auto& [event, token] : std::exchange(taken_, {})) {
      kafka_.events.push_back(std::move(event));
      published.push_back({token, absl::OkStatus()});
    }
    return absl::OkStatus();
  }

  void Purge() override {
    for (const auto& [event, token] : std::exchange(taken_, {})) {
      cancelled_.push_back({token, absl::CancelledError()});
    }
  }

  std::size_t in_flight() const { return taken_.size(); }

 private:
  FakeKafka& kafka_;
  std::vector<std::pair<event::v1::Event, std::uint64_t>> taken_;
  std::vector<core::Published> cancelled_;
};

class FakeState final : public core::StateStore {
 public:
  explicit FakeState(FakeKafka& kafka) : kafka_(kafka) {}

  void Open(std::int32_t partition) override { open_[partition] = {0, false}; }

  void Close(std::int32_t partition) override { open_.erase(partition); }

  absl::Status Put(std::int32_t partition,
                   std::string_view key,
                   std::optional<std::string_view> value,
                   std::uint64_t token) override {
    FakeKafka::Record record{std::string(key), std::nullopt};
    if (value.has_value()) record.value.emplace(*value);
    taken_.push_back({partition, std::move(record), token});
    return absl::OkStatus();
  }

  absl::Status Poll(std::vector<Step>& steps) override {
    for (core::StatePut& put : std::exchange(cancelled_, {})) steps.emplace_back(std::move(put));
    if (kafka_.away) return absl::OkStatus();
    for (Taken& taken : std::exchange(taken_, {})) {
      kafka_.states[taken.partition].push_back(std::move(taken.record));
      steps.emplace_back(core::StatePut{taken.token, absl::OkStatus()});
    }
    if (!kafka_.reads) return absl::OkStatus();
    for (auto& [partition, at] : open_) {
      const std::vector<FakeKafka::Record>& log = kafka_.states[partition];
      for (; at.first < log.size(); ++at.first) {
        steps.emplace_back(
            core::StateRead{partition, log[at.first].key, log[at.first].value, log[at.first].time});
      }
      if (!std::exchange(at.second, true)) steps.emplace_back(core::StateRestored{partition});
    }
    return absl::OkStatus();
  }

  void Purge() override {
    for (const Taken& taken : std::exchange(taken_, {})) {
      cancelled_.push_back({taken.token, absl::CancelledError()});
    }
  }

 private:
  struct Taken {
    std::int32_t partition;
    FakeKafka::Record record;
    std::uint64_t token;
  };

  FakeKafka& kafka_;
  std::vector<Taken> taken_;
  std::vector<core::StatePut> cancelled_;
  // Next record, and whether the end was told.
  std::map<std::int32_t, std::pair<std::size_t, bool>> open_;
};

}  // namespace platen::collector::edge
