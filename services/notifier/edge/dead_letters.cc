#include "services/notifier/edge/dead_letters.h"

#include "libs/event/dead_letter.h"
#include "libs/event/timestamps.h"

namespace platen::notifier::edge {

OwnedRecord MakeDeadLetter(const alerting::DeadLetterEffect& effect,
                           const std::string& topic,
                           base::WallTime now,
                           const TopicPlan& plan) {
  event::v1::DeadLetter letter = effect.letter;
  if (letter.payload().size() > event::kDeadLetterPayloadBytesMax) {
    letter.mutable_payload()->resize(event::kDeadLetterPayloadBytesMax);
  }
  letter.set_topic(topic);
  letter.set_refused_by("notifier");
  *letter.mutable_time() = event::ToProto(now);
  const std::int32_t partition = effect.key.empty()
                                     ? letter.partition() % plan.deadletter_partitions
                                     : broker::PartitionFor(effect.key, plan.deadletter_partitions);
  return {.topic = plan.deadletter,
          .partition = partition,
          .key = effect.key,
          .value = letter.SerializeAsString()};
}

}  // namespace platen::notifier::edge
