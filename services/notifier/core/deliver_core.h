// Deliver: at least once, each message under its one id, in order for each receiver and incident,
// and no receiver waits for another.
//
// A record of platen.notifications.v1 has ended when its delivery has (the receiver took it,
// refused it for good, or was away for days) and the report of that is with Kafka, or when it is
// parked: kept in platen.deliveries.v1, which is done when its receiver stays away or has more
// waiting than may hold inputs open. So the offsets of a partition move on while one of its
// receivers is dead, and a restart finds everything again.
//
// A record that comes again, because its offset could not be committed before its partition went,
// is not sent again by the process that has delivered it (delivered_memory.h), and waits where that
// process is still trying it.
//
// Messages of a group wait for one another (grouper.h). What is to wait for longer than a moment is
// parked meanwhile; what came of several is one digest, which ends for all of them.
//
// Where a whole site does not answer, its receivers are told of the site (site_outages.h); what
// they are not told of its devices is parked meanwhile.
//
// A receiver has a rate, where it is given one: what exceeds it waits. One that was away, and for
// whom more waits than it wants to hear one by one, hears it as digests, one for each partition and
// kMembersMax messages; so does one whose parked messages are found at a start.
//
// An alert's history says at once how each of its messages ended; of those that went to many it
// says so in few events. Of what has not ended it says so
// when its first try fails and when it is put aside, and not at each try: a receiver that is dead
// for days would fill it.
//
// Bounds: a receiver has at most `queued_max` messages waiting; beyond that the oldest of the
// device that has most is given up, with a report and a dead letter.
//
// Thread-confined.
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
#include "platen/notifier/v1/notification.pb.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "libs/alerting/effects.h"
#include "libs/alerting/grouper.h"
#include "libs/alerting/identity.h"
#include "libs/alerting/site_outages.h"
#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/base/time.h"
#include "libs/flow/offset_tracker.h"
#include "services/notifier/core/delivered_memory.h"
#include "services/notifier/core/receiver_queue.h"
#include "services/notifier/core/send_result.h"

namespace platen::notifier::core {

using alerting::CommitEffect;
using alerting::DeadLetterEffect;
using alerting::Grouper;
using alerting::IdOf;
using alerting::InputRecord;

// Stands for every receiver whose name begins with "contacts/".
inline constexpr std::string_view kContacts = "contacts/*";
bool IsContact(std::string_view receiver);

// How many tries may begin within how long: after a rest all at once, then evenly.
struct ReceiverRate {
  std::uint32_t messages = 1;
  base::Duration per = std::chrono::minutes(1);

  friend bool operator==(const ReceiverRate&, const ReceiverRate&) = default;
};

// On which terms a receiver is spoken to.
struct ReceiverTerms {
  // Kind of its channel: "email".
  std::string channel;
  // Absent: as often as there is something to say.
  std::optional<ReceiverRate> rate;
  // Where more wait when it comes back, they go as digests; and where five times as many wait for
  // one that is well, in a storm.
  std::size_t digest_above = 20;
};

// By receiver; kContacts stands for all contacts.
using TermsByReceiver = std::map<std::string, ReceiverTerms>;

struct DeliverOptions {
  ReceiverQueueOptions queue;
  // Tries after which a message is parked, whatever its receiver does with others.
  std::uint32_t park_after = 3;
  // Messages of one receiver that may hold their inputs open; more are parked at once.
  std::size_t held_open_max = 200;
  // Messages that may wait for one receiver. Half of that for one that is well, and nothing more is
  // read.
  std::size_t queued_max = 10'000;
  // Age at which a message is given up, once another try has failed.
  base::Duration give_up_after = std::chrono::hours(72);
  // Messages that may wait for others of their group; more go alone.
  std::size_t grouped_max = 10'000;
  // What waits for others for longer is parked.
  base::Duration held_for_group_max = std::chrono::seconds(5);
  // Ids of deliveries that are known again.
  std::size_t remembered_max = 50'000;
  // How long messages wait for a receiver that the configuration does not name. A change of it
  // reaches the notifiers of an installation one after the other.
  base::Duration unnamed_max = std::chrono::minutes(10);
  // This life of the notifier, for the ids of its reports.
  std::uint64_t epoch = 0;
};

// Both clocks at one moment.
struct Moment {
  base::MonotonicTime monotonic;
  base::WallTime wall;
};

// Try to hand this over; the outcome comes back by OnResult() or OnResults().
struct SendEffect {
  Token token = 0;
  std::shared_ptr<const v1::Notification> notification;
  // From 1.
  std::uint32_t attempt = 0;
};

struct ParkEffect {
  Token token = 0;
  std::int32_t partition = 0;
  std::string key;
  // Absent: a tombstone.
  std::optional<v1::ParkedDelivery> parked;
};

// An event for the alerts lane.
struct ReportEffect {
  // Of all that hang on it: to be acknowledged with it.
  std::vector<Token> tokens;
  event::v1::Event event;
  // Of how a message ended: the record that it came in. Below zero elsewhere.
  std::int32_t partition = -1;
  std::int64_t offset = -1;
};

// For metrics and logs.
struct EndedEffect {
  std::shared_ptr<const v1::Notification> notification;
  event::v1::NotificationReport::Outcome outcome;
  std::uint32_t attempts = 0;
};

// A try failed and will be repeated; for metrics and logs.
struct RetryEffect {
  std::shared_ptr<const v1::Notification> notification;
  std::uint32_t attempts = 0;
  std::string detail;
};

struct DeliverEffects {
  std::vector<SendEffect> sends;
  std::vector<ParkEffect> parks;
  std::vector<ReportEffect> reports;
  std::vector<DeadLetterEffect> dead_letters;
  std::vector<CommitEffect> commits;
  std::vector<EndedEffect> ended;
  std::vector<RetryEffect> retries;
  // Records of messages whose receivers have them already: not sent again.
  std::size_t repeats_spared = 0;
  // Messages that were put into digests, for their receivers had come back.
  std::size_t gathered = 0;
  // Beginnings of which nobody is told, for people are told of the site.
  std::size_t inhibited = 0;
};

class DeliverCore {
 public:
  // `random` must outlive this.
  DeliverCore(DeliverOptions options, const TermsByReceiver& receivers, base::Random& random);
  ~DeliverCore();

  // The configuration has changed: these are the receivers from now on, as in the constructor.
  // `changed` are those that are reached in another way than before: they are tried at once. Tries
  // under way go on and count. What waits for a receiver that is named no longer is parked, and
  // refused unless a change names it again within `unnamed_max`.
  DeliverEffects SetReceivers(const Moment& now,
                              const TermsByReceiver& receivers,
                              const std::set<std::string>& changed);

  // A partition is given to this member. Its parked deliveries are to be read before any input.
  void Assign(std::int32_t partition);

  // One record of the deliveries partition; `value` absent: a tombstone. kInvalidArgument where it
  // can't be decoded or stands under another key than its id's; it is skipped.
  absl::Status OnRestored(std::int32_t partition,
                          std::string_view key,
                          std::optional<std::string_view> value);
  DeliverEffects OnRestoreEnd(const Moment& now, std::int32_t partition);

  // REQUIRES: restored; offsets of a partition grow.
  DeliverEffects OnRecord(const Moment& now, const InputRecord& record);

  DeliverEffects OnResult(const Moment& now, Token token, const SendResult& result);

  // Several that came together. Messages of one record that fared alike share a report, which names
  // all of their receivers.
  DeliverEffects OnResults(const Moment& now,
                           const std::vector<std::pair<Token, SendResult>>& results);

  DeliverEffects OnAcknowledged(Token token);

  // Begins the tries that are due. To be called no later than next_wake().
  DeliverEffects OnTimer(const Moment& now);
  std::optional<base::MonotonicTime> next_wake() const;

  // The partition is to be given back: nothing more of it is tried. It is idle once the tries under
  // way have an outcome and Kafka has acknowledged what that led to.
  void Drain(std::int32_t partition);
  bool is_idle(std::int32_t partition) const;

  // The partition is gone; its tokens are ignored.
  void Revoke(std::int32_t partition);

  // Tries under way.
  std::size_t sending() const { return tries_.size(); }

  // Deliveries that wait or are tried, and those of them that are parked.
  std::size_t queued() const;

  // So much waits for a receiver that is well that nothing more is to be read: it is for whoever
  // reads to wait, and not for the oldest to be given up.
  bool is_crowded();

  std::size_t parked() const { return parked_; }

  // Messages that wait for others of their group.
  std::size_t grouped() const { return grouper_.size(); }

  // Messages about devices whose site may not answer, or does not.
  std::size_t held_for_sites() const { return outages_.size(); }

  // Sites of which a receiver is told that they don't answer.
  std::size_t silent_sites() const { return outages_.open(); }

  // Messages that wait because their receivers' rates are used up.
  std::size_t held_by_rate(base::MonotonicTime now) const;

  // Messages that would be known again.
  std::size_t remembered() const { return memory_.size(); }

 private:
  struct Receiver;
  struct PartitionState;

  // What is published and not acknowledged.
  struct Waiting {
    enum class What { kParked, kTombstone, kEnding, kDeadLetter, kSite };
    What what = What::kParked;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    // Delivery that it is about.
    std::uint64_t sequence = 0;
    // Of what is parked: the message's id.
    base::NotificationId id = {};
    // Of a site's or a subnet's outage.
    alerting::SiteOutages::Place place = {};
  };

  // A delivery that has ended, until Kafka has its report.
  struct Ending {
    std::unique_ptr<Delivery> delivery;
    std::size_t unacknowledged = 0;
  };

  struct Try {
    Receiver* receiver = nullptr;
    Delivery* delivery = nullptr;
  };

  // One message of the record at `offset`.
  void OnNotification(const Moment& now,
                      PartitionState& partition,
                      std::int64_t offset,
                      std::shared_ptr<const v1::Notification> notification,
                      DeliverEffects& effects);
  // Into its receiver's queue, or to others of its group.
  void Admit(const Moment& now, std::unique_ptr<Delivery> delivery, DeliverEffects& effects);
  void SendGroup(const Moment& now, Grouper::Group members, DeliverEffects& effects);
  // Of silent devices and sites: deliver_sites.cc.
  void AdmitToSite(const Moment& now, std::unique_ptr<Delivery> delivery, DeliverEffects& effects);
  // What decide says of an outage.
  void AdmitOfOutage(const Moment& now,
                     std::unique_ptr<Delivery> delivery,
                     DeliverEffects& effects);
  void RestoreSites(const Moment& now,
                    std::int32_t partition,
                    std::vector<v1::ParkedDelivery>& restored,
                    DeliverEffects& effects);
  void TakeSiteTurn(const Moment& now, alerting::SiteOutages::Turn turn, DeliverEffects& effects);
  void EnqueueSite(const Moment& now,
                   std::int32_t partition,
                   v1::Notification notification,
                   base::WallTime begin_time,
                   DeliverEffects& effects);
  void KeepSite(Waiting waiting,
                const v1::Notification& notification,
                bool told,
                base::WallTime begin_time,
                DeliverEffects& effects);
  void ConcludeSite(PartitionState& partition, const Delivery& delivery, DeliverEffects& effects);
  void Cover(const Delivery& delivery, DeliverEffects& effects);
  void SayOutage(const v1::Notification& told, const Waiting& waiting, DeliverEffects& effects);
  void TakeInhibited(DeliverEffects& effects);
  void Bury(std::int32_t partition, std::string_view id, DeliverEffects& effects);
  // A digest, where they are several. REQUIRES: not empty.
  static std::unique_ptr<Delivery> Unite(Grouper::Group members);
  // As digests. REQUIRES: all of one receiver and partition.
  void SendTogether(const Moment& now, Grouper::Group members, DeliverEffects& effects);
  // The receiver is back: what waits for it goes together, where it is much.
  void Gather(const Moment& now, Receiver& receiver, DeliverEffects& effects);
  // Whether much waits for a receiver that is well, and more than one in `share` alone.
  static bool IsStorm(const Receiver& receiver, std::size_t share);
  bool IsCrowded(const Receiver& receiver) const;
  void SetTerms(Receiver& receiver, const ReceiverTerms& terms);
  void Enqueue(const Moment& now, std::unique_ptr<Delivery> delivery, DeliverEffects& effects);
  // Into its receiver's queue, at the place of its sequence.
  Delivery& Put(Receiver& receiver, std::unique_ptr<Delivery> delivery);
  // Begins the tries that are due. The receiver may be gone afterwards.
  void Pump(const Moment& now, Receiver& receiver, DeliverEffects& effects);
  Receiver& ReceiverOf(const Moment& now, const std::string& name);
  // Ends what waits for a receiver that is not named, and the receiver, once it is time.
  void AwaitName(const Moment& now, Receiver& receiver, DeliverEffects& effects);
  void Reschedule(Receiver& receiver);
  void SetWake(Receiver& receiver, std::optional<base::MonotonicTime> wake);
  void TakeResult(const Moment& now,
                  Token token,
                  const SendResult& result,
                  DeliverEffects& effects);
  // Whether the delivery is still queued.
  bool OnFailed(const Moment& now,
                Receiver& receiver,
                Delivery& delivery,
                const SendResult& result,
                DeliverEffects& effects);
  void Park(Receiver& receiver, Delivery& delivery, DeliverEffects& effects);
  // Asks for it to be kept, or what it stands for.
  void Keep(Delivery& delivery, DeliverEffects& effects);
  // It is not in our hands any more.
  void LetGo(const Delivery& delivery);
  // Kafka has all that its end led to.
  void Conclude(PartitionState& partition, const Delivery& delivery, DeliverEffects& effects);
  // Of what does not get through: deliver_delays.cc.
  // Parks it, and says so. REQUIRES: its receiver takes nothing, or not this.
  void PutAside(const Moment& now, Receiver& receiver, Delivery& delivery, DeliverEffects& effects);
  void PutAllAside(const Moment& now, Receiver& receiver, DeliverEffects& effects);
  // Of those of its messages of which it was not said.
  void SayDelayed(const Moment& now,
                  const Receiver& receiver,
                  Delivery& delivery,
                  DeliverEffects& effects);
  void GiveUp(const Moment& now,
              Receiver& receiver,
              Delivery& delivery,
              const std::string& detail,
              DeliverEffects& effects);
  void Finish(const Moment& now,
              std::unique_ptr<Delivery> delivery,
              event::v1::NotificationReport::Outcome outcome,
              const std::string& detail,
              DeliverEffects& effects);
  // The receiver has it, as is remembered; only the report is missing.
  void ReportAgain(const Moment& now,
                   std::unique_ptr<Delivery> delivery,
                   std::uint32_t attempts,
                   DeliverEffects& effects);
  void Report(const Moment& now,
              std::unique_ptr<Delivery> delivery,
              event::v1::NotificationReport::Outcome outcome,
              const std::string& detail,
              DeliverEffects& effects);
  std::unique_ptr<Delivery> Take(Receiver& receiver, std::unique_ptr<Delivery> delivery);
  void OnEnded(PartitionState& partition, std::uint64_t sequence, DeliverEffects& effects);
  // Of what this process has sent, and reads again: deliver_repeats.cc.
  // Of a partition that is gone: what its tries and reports come to is remembered.
  void RememberUnderWay(std::int32_t partition);
  void OnOrphanResult(const Moment& now,
                      Token token,
                      const SendResult& result,
                      DeliverEffects& effects);
  // Whether it is being tried, or one that it stands for, by a try of a partition that is gone.
  bool IsUnderWay(const Delivery& delivery) const;
  bool IsDelivered(const Delivery& message) const;
  // Those that their receiver does not have; of the others it is reported again.
  Grouper::Group WithoutDelivered(const Moment& now,
                                  Grouper::Group members,
                                  DeliverEffects& effects);
  // Takes what the receiver has got meanwhile out of its queue.
  void SpareDelivered(const Moment& now, Receiver& receiver, DeliverEffects& effects);
  Token Wait(const Waiting& waiting);
  // The message with this id holds the record at `offset` open no longer. Does no harm twice.
  static void End(PartitionState& partition,
                  std::int64_t offset,
                  const base::NotificationId& id,
                  DeliverEffects& effects);

  const DeliverOptions options_;
  base::Random& random_;
  Token last_token_ = 0;
  std::uint64_t last_sequence_ = 0;
  std::size_t parked_ = 0;
  std::map<std::string, std::unique_ptr<Receiver>, std::less<>> receivers_;
  std::map<std::int32_t, std::unique_ptr<PartitionState>> partitions_;
  std::set<std::pair<base::MonotonicTime, Receiver*>> wakes_;
  // Names of receivers that were crowded when something came for them.
  std::set<std::string> crowded_;
  absl::flat_hash_map<Token, Try> tries_;
  absl::flat_hash_map<Token, Waiting> waiting_;
  absl::flat_hash_map<std::uint64_t, Ending> endings_;
  // Ids that are queued or ending.
  absl::flat_hash_set<base::NotificationId> held_;
  DeliveredMemory memory_;
  Grouper grouper_;
  alerting::SiteOutages outages_;
  // On which contacts are spoken to; without a channel where there is none.
  ReceiverTerms contacts_;

  // Of partitions that are gone: tries under way, and reports on their way to Kafka.
  struct OrphanedTry {
    std::string receiver;
    // Of a digest its members'.
    std::vector<base::NotificationId> ids;
    std::uint32_t attempts = 0;
  };

  absl::flat_hash_map<Token, OrphanedTry> orphaned_tries_;
  // Of all of them.
  absl::flat_hash_set<base::NotificationId> orphaned_ids_;
  absl::flat_hash_map<Token, base::NotificationId> orphaned_reports_;
};

}  // namespace platen::notifier::core
