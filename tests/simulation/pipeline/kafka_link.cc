#include "tests/simulation/pipeline/kafka_link.h"

#include <utility>

#include "libs/base/status.h"

namespace platen::simulation {
namespace {

// What is published while the way is cut waits in the client, as librdkafka's queue does.
class LinkedPublisher final : public broker::Publisher {
 public:
  LinkedPublisher(std::unique_ptr<broker::Publisher> publisher,
                  const base::SimClock& clock,
                  std::shared_ptr<const Cuts> cuts)
      : publisher_(std::move(publisher)), clock_(clock), cuts_(std::move(cuts)) {}

  absl::StatusOr<broker::PublishId> Publish(const broker::OutgoingRecord& record) override {
    return publisher_->Publish(record);
  }

  std::span<const broker::Delivery> Poll(std::chrono::milliseconds max_wait) override {
    ended_.clear();
    ended_.swap(purged_);
    if (clock_.Now() < cuts_->all_until) return ended_;
    for (const broker::Delivery& each : publisher_->Poll(max_wait)) ended_.push_back(each);
    return ended_;
  }

  // What is given up in the client is told without Kafka.
  void Purge() override {
    publisher_->Purge();
    for (const broker::Delivery& each : publisher_->Poll(std::chrono::milliseconds(0))) {
      purged_.push_back(each);
    }
  }

  std::size_t in_flight() const override { return publisher_->in_flight(); }

  absl::StatusOr<std::int32_t> PartitionCount(std::string_view topic) override {
    return publisher_->PartitionCount(topic);
  }

 private:
  const std::unique_ptr<broker::Publisher> publisher_;
  std::vector<broker::Delivery> purged_;
  std::vector<broker::Delivery> ended_;
  const base::SimClock& clock_;
  const std::shared_ptr<const Cuts> cuts_;
};

class LinkedSubscriber final : public broker::Subscriber {
 public:
  LinkedSubscriber(std::unique_ptr<broker::Subscriber> subscriber,
                   bool in_group,
                   const base::SimClock& clock,
                   std::shared_ptr<const Cuts> cuts)
      : subscriber_(std::move(subscriber)),
        in_group_(in_group),
        clock_(clock),
        cuts_(std::move(cuts)) {}

  absl::StatusOr<Step> Poll(std::chrono::milliseconds max_wait) override {
    const base::MonotonicTime now = clock_.Now();
    if (now < cuts_->all_until || (in_group_ && now < cuts_->group_until)) {
      return base::Unavailable("the way to Kafka is cut");
    }
    return subscriber_->Poll(max_wait);
  }

  void StartAt(const broker::PartitionOffset& position) override { subscriber_->StartAt(position); }

  void Pause(std::span<const broker::Partition> partitions) override {
    subscriber_->Pause(partitions);
  }

  void Resume(std::span<const broker::Partition> partitions) override {
    subscriber_->Resume(partitions);
  }

  void Commit(const broker::PartitionOffset& next) override { subscriber_->Commit(next); }

  void Release(std::span<const broker::Partition> partitions) override {
    subscriber_->Release(partitions);
  }

  std::int64_t lag() const override { return subscriber_->lag(); }

  void Close(std::chrono::milliseconds max_wait) override { subscriber_->Close(max_wait); }

 private:
  const std::unique_ptr<broker::Subscriber> subscriber_;
  const bool in_group_;
  const base::SimClock& clock_;
  const std::shared_ptr<const Cuts> cuts_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<broker::Publisher>> KafkaLink::NewPublisher(
    const broker::PublisherOptions& options) {
  PLATEN_ASSIGN_OR_RETURN(auto publisher, broker_.NewPublisher(options));
  return std::make_unique<LinkedPublisher>(std::move(publisher), clock_, cuts_);
}

absl::StatusOr<std::unique_ptr<broker::Subscriber>> KafkaLink::NewSubscriber(
    const broker::SubscriberOptions& options) {
  PLATEN_ASSIGN_OR_RETURN(auto subscriber, broker_.NewSubscriber(options));
  return std::make_unique<LinkedSubscriber>(
      std::move(subscriber), !options.group.empty(), clock_, cuts_);
}

}  // namespace platen::simulation
