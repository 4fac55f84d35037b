#include "services/collector/edge/kafka_events.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/event/headers.h"
#include "libs/event/key.h"

namespace platen::collector::edge {

absl::StatusOr<std::unique_ptr<KafkaEvents>> KafkaEvents::Create(
    std::unique_ptr<broker::Publisher> publisher, const event::Topics& topics) {
  auto events = std::unique_ptr<KafkaEvents>(new KafkaEvents());
  for (const event::v1::Lane lane : event::kLanes) {
    Lane& entry = events->lanes_[static_cast<std::size_t>(lane)];
    entry.topic = topics.Lane(lane);
    PLATEN_ASSIGN_OR_RETURN(entry.partitions, publisher->PartitionCount(entry.topic));
  }
  events->publisher_ = std::move(publisher);
  return events;
}

absl::Status KafkaEvents::Publish(const event::v1::Event& event, std::uint64_t token) {
  const Lane& lane = lanes_[static_cast<std::size_t>(event.lane())];
  const std::vector<std::pair<std::string, std::string>> headers = event::MakeHeaders(event);
  const std::vector<broker::HeaderView> views = broker::ViewsOf(headers);
  const std::string bytes = event.SerializeAsString();
  const std::string_view key = event::KeyOf(event);
  broker::OutgoingRecord record;
  record.topic = lane.topic;
  record.partition = broker::PartitionFor(key, lane.partitions);
  record.key = key;
  record.value = bytes;
  record.headers = views;
  PLATEN_ASSIGN_OR_RETURN(const broker::PublishId id, publisher_->Publish(record));
  tokens_[id] = token;
  return absl::OkStatus();
}

absl::Status KafkaEvents::Poll(std::vector<core::Published>& published) {
  for (const broker::Delivery& delivery : publisher_->Poll(std::chrono::milliseconds(0))) {
    const auto token = tokens_.find(delivery.id);
    if (token == tokens_.end()) continue;
    published.push_back({token->second, delivery.status});
    tokens_.erase(token);
  }
  return absl::OkStatus();
}

}  // namespace platen::collector::edge
