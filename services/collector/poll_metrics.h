// What role `poll` shows to Prometheus, copied once a second from the loop's own numbers.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "libs/service/metrics.h"
#include "services/collector/edge/poll_loop.h"

namespace platen::collector {

// Update() belongs to the loop's thread.
class PollMetrics {
 public:
  explicit PollMetrics(service::Metrics& metrics);

  void Update(const edge::PollLoopFigures& figures);

 private:
  // A counter that follows a number which only grows.
  struct Follower {
    service::Counter* counter = nullptr;
    std::uint64_t seen = 0;

    void Follow(std::uint64_t now) {
      counter->Increment(static_cast<double>(now - seen));
      seen = now;
    }
  };

  service::Gauge& devices_;
  service::Gauge& reading_;
  service::Gauge& settling_;
  service::Gauge& waiting_;
  service::Gauge& partitions_;
  service::Gauge& partitions_lost_;
  service::Gauge& backlog_;
  Follower answered_;
  Follower silent_;
  Follower partial_;
  Follower events_;
  Follower refused_;
  Follower requests_;
  service::Gauge& waiting_for_links_;
  Follower answers_from_elsewhere_;
  Follower timeouts_;
  Follower misconfigured_;
  Follower bytes_sent_;
  Follower bytes_received_;
  Follower claims_lost_;
  Follower numbers_given_up_;
  Follower targets_read_;
  Follower targets_refused_;
  Follower targets_undecodable_;
  Follower states_undecodable_;
  Follower alerts_missed_;
  Follower alerts_left_out_;
  Follower meters_left_out_;
  Follower other_device_;
  Follower supplies_left_out_;
  Follower overflow_;
  Follower notified_;
  Follower notified_again_;
  Follower notified_limited_;
  Follower notified_by_strangers_;
  Follower notifications_overflow_;
  service::Histogram& delay_;
  edge::Delays delays_seen_;
  std::array<Follower, snmp::kDecodeFaults> decode_faults_;
  std::array<Follower, snmp::usm::kHeards> heard_;
  std::array<Follower, snmp::kMatchResults> matches_;
  std::array<Follower, edge::kNotifieds> notifications_;
};

}  // namespace platen::collector
