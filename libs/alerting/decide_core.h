// Decide: pairs beginnings and ends of alerts, by device, and says who is to be told when. Of a
// site's or subnet's outage it says only who takes care of it (outage_alert.h). That no collector
// is left it finds itself (collector_watch.h).
//
// Each record of platen.alerts.v1 takes these steps, and has ended after the last:
//
//   decide → state with outbox → (acknowledged) → notifications, decisions → (all acknowledged)
//
// after which a state without outbox follows and nothing waits for it. So a crash between any two
// steps loses nothing: what had been decided stands in the state and is said again, not decided
// again; what had not is read again, for its offset was not committed. The price is that what was
// in flight at a crash is said twice, under the same ids. What time and people's rules do to an
// alert takes the same steps, but that no input waits for it.
//
// Thread-confined. Memory: the alerts that are open or ended within `forget_after`, of the
// partitions assigned; all records of platen.rules.v1.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "libs/alerting/alert_record.h"
#include "libs/alerting/decide.h"
#include "libs/alerting/effects.h"
#include "libs/alerting/group.h"
#include "libs/alerting/site_roll.h"
#include "libs/alerting/telling.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "libs/flow/offset_tracker.h"
#include "libs/rules/rule_book.h"

namespace platen::alerting {

struct DecideOptions {
  // How long an ended alert is remembered, so that late copies of its events are known as such.
  base::Duration forget_after = std::chrono::hours(24 * 7);
  // More alerts of one device are quarantined, once none that has ended can be forgotten for them.
  std::size_t alerts_per_device_max = 1000;
  // No collector is heard for so long, and others are: the collectors are gone.
  base::Duration collectors_gone_after = std::chrono::minutes(3);
};

struct StateEffect {
  Token token = 0;
  std::int32_t partition = 0;
  std::string key;
  // Absent: a tombstone.
  std::optional<std::string> value;
};

struct NotificationEffect {
  Token token = 0;
  KeyedNotification keyed;
};

// For the alerts lane: a decision, for the history, or an alert that decide itself has found.
struct DecisionEffect {
  Token token = 0;
  event::v1::Event event;
};

// To be carried out in this order.
struct DecideEffects {
  std::vector<StateEffect> states;
  std::vector<NotificationEffect> notifications;
  std::vector<DecisionEffect> decisions;
  std::vector<DeadLetterEffect> dead_letters;
  std::vector<CommitEffect> commits;
  // Why each event was treated as it was, for metrics and logs.
  std::vector<notifier::v1::DecisionReason> reasons;
};

class DecideCore {
 public:
  explicit DecideCore(DecideOptions options);
  ~DecideCore();

  // The rules of the configuration: what platen.rules.v1 says under a name goes before what is said
  // here. Holds for what happens from now on; whoever was told of a beginning is told of its end.
  // The first one that is wrong is returned, and nothing has changed then.
  absl::Status SetDefaults(const std::vector<rules::v1::Record>& records);

  // One record of platen.rules.v1; `value` absent: a tombstone. To be read to the end before any
  // partition is assigned. kInvalidArgument where it is wrong: what was before under the name
  // stands.
  absl::Status OnRule(base::WallTime now,
                      std::string_view key,
                      std::optional<std::string_view> value,
                      DecideEffects& effects);

  // What is in force. Valid until the next call of something else.
  const rules::RuleBook& rules() const { return book_; }

  // Who is polled where, by which a site's silence is known. Holds for what is told from now on.
  SiteRoll& roll() { return roll_; }

  // A partition is given to this member. Its state is to be read to the end before any input.
  void Assign(std::int32_t partition);

  // One record of the state partition; `value` absent: a tombstone. An undecodable one is skipped:
  // returns kInvalidArgument for the log. REQUIRES: assigned, not restored.
  absl::Status OnRestored(std::int32_t partition,
                          std::string_view key,
                          std::optional<std::string_view> value);

  // The state partition was read to its end: outboxes are said again, and what was due meanwhile is
  // looked at. Until then no input may come.
  DecideEffects OnRestoreEnd(base::WallTime now, std::int32_t partition);

  // REQUIRES: restored; offsets of a partition grow.
  DecideEffects OnRecord(base::WallTime now, const InputRecord& record);

  // What carried this token is with Kafka.
  DecideEffects OnAcknowledged(Token token);

  // Looks at what is due, and forgets alerts that ended long ago. To be called at next_wake(), and
  // every minute or so.
  DecideEffects OnTimer(base::WallTime now);

  // When the next alert is due; nothing where none is.
  std::optional<base::WallTime> next_wake() const;

  // The partition is gone; what was in flight for it is forgotten, its tokens are ignored.
  void Revoke(std::int32_t partition);

  // Nothing of the partition is in flight: it may be given back without anything to say again.
  bool is_idle(std::int32_t partition) const;

  // Inputs that have not ended.
  std::size_t open_inputs() const;

  // Decisions that are not yet with Kafka.
  std::size_t outbox_entries() const;

  // How long heartbeats came and none was a collector's; 0 without their partition.
  base::Duration collectors_unheard() const;

 private:
  struct Device;
  struct PartitionState;

  // What is published and not acknowledged.
  struct Waiting {
    enum class What {
      kState,
      kNothingFollows,
      kSaying,
      kDeadLetter,
      kCollectorsGone,
      kCollectorsBack,
      kCollectorsEndSaid
    };
    What what = What::kState;
    std::int32_t partition = 0;
    base::DeviceId device;
    std::string alert_id;
    // Of a state: the entries that it brings, [first, last); of a saying: its entry in `first`.
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    // Input that ends by it; -1 where none.
    std::int64_t input = -1;
  };

  // Inputs: decide_core.cc.
  void Judge(base::WallTime now,
             PartitionState& partition,
             const InputRecord& record,
             const event::v1::Event& event,
             DecideEffects& effects);
  bool Apply(base::WallTime now,
             PartitionState& partition,
             const event::v1::Event& event,
             const Verdict& verdict,
             Waiting state,
             DecideEffects& effects);
  void OnReport(base::WallTime now,
                PartitionState& partition,
                std::int64_t input,
                const event::v1::Event& event,
                DecideEffects& effects);
  void Include(PartitionState& partition,
               std::vector<notifier::v1::OutboxEntry> entries,
               AlertRecord& record,
               Waiting& state);
  void Quarantine(PartitionState& partition,
                  const InputRecord& record,
                  std::string_view reason,
                  std::string_view detail,
                  DecideEffects& effects);
  bool MakeRoom(PartitionState& partition, const base::DeviceId& device, DecideEffects& effects);

  // Time and rules: decide_looks.cc.
  Scene SceneOf(base::WallTime now, const Device& owner, std::string_view alert_id) const;
  void LookAt(base::WallTime now,
              PartitionState& partition,
              const base::DeviceId& device,
              const std::string& alert_id,
              DecideEffects& effects);
  void LookAgain(base::WallTime now,
                 PartitionState& partition,
                 const base::DeviceId& device,
                 notifier::v1::DecisionReason held,
                 DecideEffects& effects);
  void LookAtHeld(base::WallTime now, notifier::v1::DecisionReason held, DecideEffects& effects);
  void Carry(base::WallTime now,
             PartitionState& partition,
             const base::DeviceId& device,
             const std::string& alert_id,
             Outcome outcome,
             DecideEffects& effects);
  const rules::v1::Record* FindAcknowledgement(const event::v1::Event& event,
                                               const base::DeviceId& device) const;
  void OnAcknowledgement(base::WallTime now,
                         const rules::RecordName& name,
                         const rules::v1::Record* record,
                         DecideEffects& effects);
  void Schedule(PartitionState& partition,
                const base::DeviceId& device,
                const std::string& alert_id,
                const AlertRecord& record);

  // Heartbeats: decide_collectors.cc.
  void OnHeartbeat(base::WallTime now,
                   PartitionState& partition,
                   const event::v1::Event& event,
                   DecideEffects& effects);
  void WriteCollectors(PartitionState& partition,
                       Waiting::What what,
                       std::optional<std::string> value,
                       DecideEffects& effects);
  void SayCollectors(PartitionState& partition, bool is_over, DecideEffects& effects);
  void OnCollectorsEndSaid(PartitionState& partition, DecideEffects& effects);
  static absl::Status RestoreCollectors(PartitionState& partition,
                                        std::optional<std::string_view> value);

  // State and outbox: decide_outbox.cc.
  std::pair<std::uint64_t, std::uint64_t> Enter(PartitionState& partition,
                                                std::vector<notifier::v1::OutboxEntry> entries,
                                                AlertRecord& record);
  void WriteState(PartitionState& partition, Waiting waiting, DecideEffects& effects);
  void Forget(PartitionState& partition,
              const base::DeviceId& device,
              const std::string& alert_id,
              DecideEffects& effects);
  void Say(PartitionState& partition,
           const Waiting& origin,
           PendingEntry& pending,
           DecideEffects& effects);
  void OnStateKept(PartitionState& partition, const Waiting& waiting, DecideEffects& effects);
  void OnSaid(PartitionState& partition, const Waiting& waiting, DecideEffects& effects);
  static PendingEntry& FindEntry(PartitionState& partition,
                                 const base::DeviceId& device,
                                 const std::string& alert_id,
                                 std::uint64_t serial);
  Token Wait(PartitionState& partition, Waiting waiting);
  static void End(PartitionState& partition, std::int64_t input, DecideEffects& effects);

  const DecideOptions options_;
  rules::RuleBook book_;
  SiteRoll roll_;
  std::map<std::string, rules::v1::Record> defaults_;
  // Names under which platen.rules.v1 says something.
  std::set<std::string> said_rules_;
  Token last_token_ = 0;
  std::uint64_t last_serial_ = 0;
  std::map<std::int32_t, std::unique_ptr<PartitionState>> partitions_;
  absl::flat_hash_map<Token, Waiting> waiting_;
};

}  // namespace platen::alerting
