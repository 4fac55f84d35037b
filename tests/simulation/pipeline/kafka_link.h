// One process's way to Kafka, which may be cut: wholly, or for the group's coordinator alone, so
// that the process goes on writing and does not hear that its partitions are another's.
#pragma once

#include <memory>

#include "libs/base/sim_clock.h"
#include "libs/broker/broker.h"

namespace platen::simulation {

// Until when what is cut. Shared by a link and its clients, which outlive neither each other nor
// the process.
struct Cuts {
  base::MonotonicTime all_until;
  base::MonotonicTime group_until;
};

// Thread-confined. `broker` and `clock` must outlive it and its clients.
class KafkaLink final : public broker::Broker {
 public:
  KafkaLink(broker::Broker& broker, const base::SimClock& clock)
      : broker_(broker), clock_(clock), cuts_(std::make_shared<Cuts>()) {}

  void CutAll(base::Duration time) { cuts_->all_until = clock_.Now() + time; }

  void CutGroup(base::Duration time) { cuts_->group_until = clock_.Now() + time; }

  void Heal() { *cuts_ = {}; }

  bool is_cut() const { return clock_.Now() < std::max(cuts_->all_until, cuts_->group_until); }

  absl::StatusOr<std::unique_ptr<broker::Publisher>> NewPublisher(
      const broker::PublisherOptions& options) override;
  absl::StatusOr<std::unique_ptr<broker::Subscriber>> NewSubscriber(
      const broker::SubscriberOptions& options) override;

  absl::Status EnsureTopics(std::span<const broker::TopicSpec> topics,
                            std::chrono::milliseconds max_wait) override {
    return broker_.EnsureTopics(topics, max_wait);
  }

 private:
  broker::Broker& broker_;
  const base::SimClock& clock_;
  const std::shared_ptr<Cuts> cuts_;
};

}  // namespace platen::simulation
