// Decide: pairs beginnings and ends of alerts, by device, and says who is to be told.
//
// Each record of platen.alerts.v1 takes these steps, and has ended after the last:
//
//   decide → state with outbox → (acknowledged) → notifications → (all acknowledged)
//
// after which a state without outbox follows and nothing waits for it. So a crash between any two
// steps loses nothing: what had been decided stands in the state and is said again, not decided
// again; what had not is read again, for its offset was not committed. The price is that the
// notifications in flight at a crash are said twice, under the same ids.
//
// Thread-confined. Memory: the alerts that are open or ended within `forget_after`, of the
// partitions assigned.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "absl/container/flat_hash_map.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "libs/flow/offset_tracker.h"
#include "services/notifier/core/alert_record.h"
#include "services/notifier/core/decide.h"
#include "services/notifier/core/effects.h"
#include "services/notifier/core/group.h"
#include "services/notifier/core/routing.h"

namespace platen::notifier::core {

struct DecideOptions {
  // How long an ended alert is remembered, so that late copies of its events are known as such.
  base::Duration forget_after = std::chrono::hours(24 * 7);
  // More alerts of one device are quarantined, once none that has ended can be forgotten for them.
  std::size_t alerts_per_device_max = 1000;
};

struct StateEffect {
  Token token = 0;
  std::int32_t partition = 0;
  std::string key;
  // Absent: a tombstone.
  std::optional<v1::AlertState> state;
};

struct NotificationEffect {
  Token token = 0;
  KeyedNotification keyed;
};

// To be carried out in this order.
struct DecideEffects {
  std::vector<StateEffect> states;
  std::vector<NotificationEffect> notifications;
  std::vector<DeadLetterEffect> dead_letters;
  std::vector<CommitEffect> commits;
  // Why each event was treated as it was, for metrics and logs.
  std::vector<v1::DecisionReason> reasons;
};

class DecideCore {
 public:
  DecideCore(DecideOptions options, Routing routing);
  ~DecideCore();

  // Who is told of what from now on. Whoever was told of a beginning is told of its end.
  void SetRouting(Routing routing) { routing_ = std::move(routing); }

  // A partition is given to this member. Its state is to be read to the end before any input.
  void Assign(std::int32_t partition);

  // One record of the state partition; `value` absent: a tombstone. An undecodable one is skipped:
  // returns kInvalidArgument for the log. REQUIRES: assigned, not restored.
  absl::Status OnRestored(std::int32_t partition,
                          std::string_view key,
                          std::optional<std::string_view> value);

  // The state partition was read to its end: outboxes are said again. Until then no input may come.
  DecideEffects OnRestoreEnd(std::int32_t partition);

  // REQUIRES: restored; offsets of a partition grow.
  DecideEffects OnRecord(base::WallTime now, const InputRecord& record);

  // What carried this token is with Kafka.
  DecideEffects OnAcknowledged(Token token);

  // Forgets alerts that ended long ago. To be called every minute or so.
  DecideEffects OnTimer(base::WallTime now);

  // The partition is gone; what was in flight for it is forgotten, its tokens are ignored.
  void Revoke(std::int32_t partition);

  // Nothing of the partition is in flight: it may be given back without anything to say again.
  bool is_idle(std::int32_t partition) const;

  // Inputs that have not ended.
  std::size_t open_inputs() const;

  // Decisions that are not yet with Kafka as notifications.
  std::size_t outbox_entries() const;

 private:
  struct Device;
  struct PartitionState;

  // What is published and not acknowledged.
  struct Waiting {
    enum class What { kState, kCleanState, kNotification, kDeadLetter };
    What what = What::kState;
    std::int32_t partition = 0;
    base::DeviceId device;
    std::string alert_id;
    // Entry of the outbox that it is about; 0 where none.
    std::uint64_t serial = 0;
    // Input that ends by it; -1 where none.
    std::int64_t input = -1;
  };

  void Judge(base::WallTime now,
             PartitionState& partition,
             const InputRecord& record,
             const event::v1::Event& event,
             DecideEffects& effects);
  bool Apply(base::WallTime now,
             PartitionState& partition,
             const event::v1::Event& event,
             const Verdict& verdict,
             const Waiting& state,
             DecideEffects& effects);
  void Quarantine(PartitionState& partition,
                  const InputRecord& record,
                  std::string_view reason,
                  std::string_view detail,
                  DecideEffects& effects);
  bool MakeRoom(PartitionState& partition, const base::DeviceId& device, DecideEffects& effects);
  void WriteState(PartitionState& partition, Waiting waiting, DecideEffects& effects);
  void Forget(PartitionState& partition,
              const base::DeviceId& device,
              const std::string& alert_id,
              DecideEffects& effects);
  void Say(PartitionState& partition,
           const Waiting& origin,
           PendingEntry& pending,
           DecideEffects& effects);
  void OnSaid(PartitionState& partition, const Waiting& waiting, DecideEffects& effects);
  static PendingEntry& FindEntry(PartitionState& partition, const Waiting& waiting);
  Token Wait(PartitionState& partition, Waiting waiting);
  static void End(PartitionState& partition, std::int64_t input, DecideEffects& effects);

  const DecideOptions options_;
  Routing routing_;
  Token last_token_ = 0;
  std::uint64_t last_serial_ = 0;
  std::map<std::int32_t, std::unique_ptr<PartitionState>> partitions_;
  absl::flat_hash_map<Token, Waiting> waiting_;
};

}  // namespace platen::notifier::core
