#include "services/notifier/edge/publish_queue.h"

namespace platen::notifier::edge {

void PublishQueue::Add(OwnedRecord record, Done done) {
  waiting_.push_back({std::move(record), std::move(done)});
}

void PublishQueue::Poll(std::chrono::milliseconds max_wait) {
  std::vector<std::pair<Done, absl::Status>> ended;
  PublishWaiting(ended);
  const bool wait = ended.empty() && !published_.empty();
  for (const broker::Delivery& delivery :
       publisher_->Poll(wait ? max_wait : std::chrono::milliseconds(0))) {
    const auto found = published_.find(delivery.id);
    if (found == published_.end()) continue;
    ended.emplace_back(std::move(found->second), delivery.status);
    published_.erase(found);
  }
  for (const auto& [done, status] : ended) done(status);
  // What the calls have added goes out at once: an alarm waits for nothing.
  ended.clear();
  PublishWaiting(ended);
  for (const auto& [done, status] : ended) done(status);
}

absl::StatusOr<broker::PublishId> PublishQueue::Publish(const OwnedRecord& record) {
  const std::vector<broker::HeaderView> headers = broker::ViewsOf(record.headers);
  broker::OutgoingRecord outgoing;
  outgoing.topic = record.topic;
  outgoing.partition = record.partition;
  outgoing.key = record.key;
  if (record.value.has_value()) outgoing.value = *record.value;
  outgoing.headers = headers;
  return publisher_->Publish(outgoing);
}

void PublishQueue::PublishWaiting(std::vector<std::pair<Done, absl::Status>>& ended) {
  obstacle_ = absl::OkStatus();
  while (!waiting_.empty()) {
    Waiting& first = waiting_.front();
    const absl::StatusOr<broker::PublishId> id = Publish(first.record);
    if (id.ok()) {
      published_.emplace(*id, std::move(first.done));
    } else if (absl::IsInvalidArgument(id.status())) {
      ended.emplace_back(std::move(first.done), id.status());
    } else {
      obstacle_ = id.status();
      return;
    }
    waiting_.pop_front();
  }
}

}  // namespace platen::notifier::edge
