#include <algorithm>
#include <utility>

#include "libs/alerting/collector_watch.h"
#include "libs/alerting/decide_state.h"
#include "libs/base/status.h"

namespace platen::alerting {

// The input need not wait for what follows from it: lost, it follows from the next heartbeat.
void DecideCore::OnHeartbeat(base::WallTime now,
                             PartitionState& partition,
                             const event::v1::Event& event,
                             DecideEffects& effects) {
  const bool is_collector = event.heartbeat().role() == "collector";
  if (!partition.collectors.OnHeartbeat(now, is_collector, options_.collectors_gone_after, roll_)) {
    return;
  }
  const notifier::v1::CollectorsGone& gone = *partition.collectors.gone();
  WriteCollectors(
      partition,
      gone.has_end_time() ? Waiting::What::kCollectorsBack : Waiting::What::kCollectorsGone,
      gone.SerializeAsString(),
      effects);
}

void DecideCore::WriteCollectors(PartitionState& partition,
                                 Waiting::What what,
                                 std::optional<std::string> value,
                                 DecideEffects& effects) {
  StateEffect effect{.partition = partition.number,
                     .key = std::string(CollectorWatch::kStateKey),
                     .value = std::move(value)};
  effect.token = Wait(partition, {.what = what, .partition = partition.number});
  effects.states.push_back(std::move(effect));
}

// What is kept is said: after a crash once more, under the same ids.
void DecideCore::SayCollectors(PartitionState& partition, bool is_over, DecideEffects& effects) {
  const Waiting::What what =
      is_over ? Waiting::What::kCollectorsEndSaid : Waiting::What::kNothingFollows;
  for (event::v1::Event& event : ToEvents(*partition.collectors.gone(), is_over)) {
    if (is_over) ++partition.collector_ends_unsaid;
    effects.decisions.push_back(
        {.token = Wait(partition, {.what = what, .partition = partition.number}),
         .event = std::move(event)});
  }
}

void DecideCore::OnCollectorsEndSaid(PartitionState& partition, DecideEffects& effects) {
  if (--partition.collector_ends_unsaid > 0) return;
  partition.collectors.OnEndSaid();
  WriteCollectors(partition, Waiting::What::kNothingFollows, std::nullopt, effects);
}

absl::Status DecideCore::RestoreCollectors(PartitionState& partition,
                                           std::optional<std::string_view> value) {
  notifier::v1::CollectorsGone gone;
  if (!value.has_value()) {
    partition.collectors.Restore(std::nullopt);
  } else if (gone.ParseFromArray(value->data(), static_cast<int>(value->size())) &&
             !gone.devices().empty()) {
    partition.collectors.Restore(std::move(gone));
  } else {
    return base::InvalidArgument("the state of the collectors can't be decoded");
  }
  return absl::OkStatus();
}

base::Duration DecideCore::collectors_unheard() const {
  base::Duration longest{0};
  for (const auto& [number, partition] : partitions_) {
    longest = std::max(longest, partition->collectors.unheard());
  }
  return longest;
}

}  // namespace platen::alerting
