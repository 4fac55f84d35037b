// The loop of role `poll`: what comes in by the three seams and from the network goes to the core,
// what the core wants done goes out. One thread, which is the only one that touches any of it.
#pragma once

#include <deque>
#include <functional>
#include <variant>

#include "libs/base/time.h"
#include "libs/snmp/datagrams.h"
#include "services/collector/core/poll_core.h"
#include "services/collector/core/seams.h"
#include "services/collector/edge/device_reader.h"
#include "services/collector/edge/notifications.h"

namespace platen::collector::edge {

// Everything must outlive the loop.
struct PollLoopParts {
  const base::Clock& clock;
  core::PollCore& core;
  core::TargetSource& targets;
  core::StateStore& state;
  core::EventPublisher& events;
  DeviceReader& reader;
  snmp::Datagrams& network;
  // Null where nobody listens for any.
  Notifications* notifications = nullptr;
};

// How it goes.
struct PollLoopFigures {
  core::FleetFigures fleet;
  ReaderFigures reader;
  std::array<std::uint64_t, snmp::kMatchResults> matches{};
  snmp::DatagramCounts datagrams;
  NotificationFigures notifications;
  std::size_t partitions = 0;
  std::size_t partitions_lost = 0;
  std::uint64_t claims_lost = 0;
  core::TargetFigures targets;
  std::uint64_t numbers_given_up = 0;
  std::size_t backlog = 0;
};

class PollLoop {
 public:
  // Called once a second, for metrics and heartbeats; may add to the effects.
  using OnSecond = std::function<void(const core::Now&, const PollLoopFigures&, core::Effects&)>;

  PollLoop(const PollLoopParts& parts, OnSecond on_second);

  // One turn: takes what there is, does what follows, waits at most `wait_max` for the network.
  // Returns the first error of a seam; the turn is done all the same, and the next one may go well.
  absl::Status Turn(base::Duration wait_max);

  // Nothing new is read any more.
  void Stop();

  // Everything that was on its way has ended.
  bool IsQuiet() const { return parts_.core.IsQuiet() && backlog_.empty(); }

 private:
  using Write = std::variant<core::StateWrite, core::EventWrite>;

  absl::Status TakeInputs(const core::Now& now, core::Effects& effects);
  void TakeNotifications(const core::Now& now);
  void OpenAndClose(core::Effects& effects);
  void Apply(const core::Now& now, core::Effects& effects);
  void WriteBacklog();
  void ReleaseSettled();
  absl::Status Offer(const Write& write);

  core::Now Moment() const { return {parts_.clock.Now(), parts_.clock.WallNow()}; }

  PollLoopFigures Figures() const;

  PollLoopParts parts_;
  OnSecond on_second_;
  base::MonotonicTime next_report_;
  // Writes that Kafka had no room for. While there are any, nothing new is read, so that it stays
  // short.
  std::deque<Write> backlog_;
  // Partitions that go to another, once it can find all that is known of their devices.
  std::vector<std::int32_t> releases_;
  std::vector<core::TargetSource::Step> target_steps_;
  std::vector<core::StateStore::Step> state_steps_;
  std::vector<core::Published> published_;
  std::vector<core::ReadAnswer> answers_;
};

}  // namespace platen::collector::edge
