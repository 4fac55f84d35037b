#include "services/relay/edge/record_outbox.h"

#include "libs/base/status.h"

namespace platen::relay::edge {
namespace {

// Where Kafka is away or a topic is missing, asking takes time of the thread that forwards events.
constexpr base::Duration kPauseAfterObstacle = std::chrono::seconds(1);

}  // namespace

RecordOutbox::RecordOutbox(broker::Broker& broker, broker::PublisherOptions options)
    : broker_(broker), options_(options) {}

void RecordOutbox::Add(Sender sender, std::uint64_t name, OwnedRecord record) {
  waiting_.push_back({sender, name, std::move(record)});
}

absl::StatusOr<broker::PublishId> RecordOutbox::Publish(const OwnedRecord& record) {
  if (publisher_ == nullptr) {
    PLATEN_ASSIGN_OR_RETURN(publisher_, broker_.NewPublisher(options_));
  }
  PLATEN_ASSIGN_OR_RETURN(const std::int32_t partitions, publisher_->PartitionCount(record.topic));
  const std::vector<broker::HeaderView> headers = broker::ViewsOf(record.headers);
  broker::OutgoingRecord outgoing = {.topic = record.topic,
                                     .partition = broker::PartitionFor(record.key, partitions),
                                     .key = record.key,
                                     .headers = headers};
  if (record.value) outgoing.value = *record.value;
  return publisher_->Publish(outgoing);
}

void RecordOutbox::PublishWaiting(base::MonotonicTime now, std::vector<Outcome>& outcomes) {
  while (!waiting_.empty() && now >= try_again_at_) {
    const Waiting& first = waiting_.front();
    const absl::StatusOr<broker::PublishId> id = Publish(first.record);
    if (id.ok()) {
      published_[*id] = {first.sender, first.name};
    } else if (absl::IsInvalidArgument(id.status())) {
      outcomes.push_back({first.sender, first.name, id.status()});
    } else {
      obstacle_ = id.status();
      if (!absl::IsResourceExhausted(obstacle_)) try_again_at_ = now + kPauseAfterObstacle;
      return;
    }
    waiting_.pop_front();
  }
  if (waiting_.empty()) obstacle_ = absl::OkStatus();
}

std::vector<RecordOutbox::Outcome> RecordOutbox::Poll(base::MonotonicTime now) {
  std::vector<Outcome> outcomes;
  PublishWaiting(now, outcomes);
  // Also where nothing is on the way: a publisher that nobody asks keeps its certificate.
  if (publisher_ == nullptr) return outcomes;
  for (const broker::Delivery& delivery : publisher_->Poll(std::chrono::milliseconds(0))) {
    const auto found = published_.find(delivery.id);
    if (found == published_.end()) continue;
    outcomes.push_back({found->second.first, found->second.second, delivery.status});
    published_.erase(found);
  }
  return outcomes;
}

}  // namespace platen::relay::edge
