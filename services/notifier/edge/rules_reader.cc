#include "services/notifier/edge/rules_reader.h"

#include <utility>
#include <variant>

#include "libs/base/status.h"

namespace platen::notifier::edge {
namespace {

// Enough to take what a poll of Kafka brings, few enough to keep the loop turning.
constexpr int kStepsMax = 64;

}  // namespace

absl::StatusOr<std::unique_ptr<RulesReader>> RulesReader::Open(broker::Broker& broker,
                                                               const std::string& topic,
                                                               std::int32_t partitions) {
  broker::SubscriberOptions options;
  options.use_committed = false;
  options.with_headers = false;
  for (std::int32_t number = 0; number < partitions; ++number) {
    options.partitions.push_back({{topic, number}, broker::kBeginning});
  }
  PLATEN_ASSIGN_OR_RETURN(auto subscriber, broker.NewSubscriber(options));
  std::unique_ptr<RulesReader> reader(new RulesReader(std::move(subscriber)));
  for (std::int32_t number = 0; number < partitions; ++number) reader->left_.insert(number);
  return reader;
}

absl::Status RulesReader::Step(std::chrono::milliseconds max_wait, const Handler& handler) {
  for (int i = 0; i < kStepsMax; ++i) {
    PLATEN_ASSIGN_OR_RETURN(const broker::Subscriber::Step step,
                            subscriber_->Poll(i == 0 ? max_wait : std::chrono::milliseconds(0)));
    if (const auto* const batch = std::get_if<broker::RecordBatch>(&step)) {
      if (batch->records.empty()) return absl::OkStatus();
      for (const broker::RecordView& record : batch->records) handler(record.key, record.value);
    } else if (const auto* const end = std::get_if<broker::EndReached>(&step)) {
      left_.erase(end->position.partition.number);
    } else if (const auto* const range = std::get_if<broker::OutOfRange>(&step)) {
      // Compaction keeps the last record of each key, so nothing is lost by going to the earliest.
      subscriber_->StartAt({range->partition, range->earliest});
    }
  }
  return absl::OkStatus();
}

}  // namespace platen::notifier::edge
