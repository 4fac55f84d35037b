// The Subscriber on librdkafka.
//
// One queue carries records, rebalances and the outcome of commits; Poll() takes from it what is
// there and gives it out one step at a time. librdkafka waits for our assign and unassign calls, so
// a rebalance is answered late on purpose: assigned partitions when the caller has had the chance
// to say StartAt(), revoked ones when it says Release().
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "libs/base/real_clock.h"
#include "libs/base/time.h"
#include "libs/broker/broker.h"
#include "libs/broker/kafka/conf.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/broker/kafka/subscriber_commits.h"

namespace platen::broker::kafka {

class KafkaSubscriber final : public Subscriber {
 public:
  static absl::StatusOr<std::unique_ptr<Subscriber>> Create(const KafkaOptions& options,
                                                            const SubscriberOptions& subscriber);
  KafkaSubscriber(const KafkaOptions& options, const SubscriberOptions& subscriber);
  ~KafkaSubscriber() override;

  absl::StatusOr<Step> Poll(std::chrono::milliseconds max_wait) override;
  void StartAt(const PartitionOffset& position) override;
  void Pause(std::span<const Partition> partitions) override;
  void Resume(std::span<const Partition> partitions) override;
  void Commit(const PartitionOffset& next) override;
  void Release(std::span<const Partition> partitions) override;
  std::int64_t lag() const override;
  void Close(std::chrono::milliseconds max_wait) override;

 private:
  struct Owned {
    std::int64_t start = kBeginning;  // Where reading began, as far as known.
    std::int64_t position = -1;       // Next offset to give out, -1 until the first record.
    std::int64_t ended = -1;          // First offset not known to have ended; as above.
    bool paused = false;
  };

  absl::Status Open();
  absl::Status OpenHandle();
  absl::Status Start();

  // librdkafka's callbacks, on the thread that polls.
  static void OnRebalance(rd_kafka_t* handle,
                          rd_kafka_resp_err_t error,
                          rd_kafka_topic_partition_list_t* partitions,
                          void* opaque);
  static void OnCommit(rd_kafka_t* handle,
                       rd_kafka_resp_err_t error,
                       rd_kafka_topic_partition_list_t* offsets,
                       void* opaque);
  static void OnError(rd_kafka_t* handle, int error, const char* reason, void* opaque);

  void HandleAssigned(const rd_kafka_topic_partition_list_t& partitions);
  void HandleRevoked(const rd_kafka_topic_partition_list_t& partitions);
  void Forget(const std::vector<Partition>& partitions);
  void LeaveGroup(base::MonotonicTime deadline);
  bool HasMemberId() const;
  void AwaitClosed(base::MonotonicTime deadline);
  // Answers one thing of what comes while leaving, and throws records away.
  void ServeLast(std::chrono::milliseconds max_wait);

  void BeginAssigned();
  void AnswerRebalances();
  bool AwaitsFirstAssignment(base::Duration max_wait);
  void SetPaused(const Partition& partition, bool paused);
  void SendCommits(bool at_once);
  void GiveUpIfOverdue();
  void FinishRevoked();
  void Assign(const std::vector<PartitionOffset>& positions);
  void AssignToLeave(const std::vector<Partition>& partitions);
  void Unassign(const std::vector<Partition>& partitions);

  // subscriber_renewal.cc: another handle for other TLS files.
  enum class Renewal { kNone, kHandingBack, kCommitting, kLeaving };
  void Renew();
  void HandBackAll();
  void BeginToLeave();
  void JoinAnew();
  void RenewInPlace();
  void CloseHandle();

  // subscriber_fetch.cc: from messages to steps.
  Step AwaitLeft(std::chrono::milliseconds max_wait);
  void Fetch(std::chrono::milliseconds max_wait);
  rd_kafka_message_t* PollOne(std::chrono::milliseconds max_wait);
  void WakeFetcher();
  void FreeRun();
  void DropFetched();
  // The next step out of what was fetched; none where nothing is left.
  std::optional<absl::StatusOr<Step>> NextStep();
  std::optional<absl::StatusOr<Step>> StepOfError(const rd_kafka_message_t& message);
  std::optional<absl::StatusOr<Step>> StepOfReset(const Partition& partition, std::int64_t wanted);
  Step TakeRun();
  void AddRecord(const rd_kafka_message_t& message);

  const KafkaOptions kafka_options_;
  const SubscriberOptions options_;
  base::RealClock clock_;
  std::unique_ptr<HandleContext> context_;
  rd_kafka_t* handle_ = nullptr;
  std::shared_ptr<const TlsVersion> tls_;  // What handle_ was made of.
  QueuePtr queue_;
  bool closing_ = false;
  bool ever_assigned_ = false;
  bool gave_up_joining_ = false;  // Closed while the group kept it waiting.

  std::map<Partition, Owned> owned_;
  std::map<Partition, std::int64_t> assigning_;  // To begin: where to start.
  bool assigned_told_ = false;                   // The caller has heard of assigning_.
  std::set<Partition> revoking_;                 // Told, not yet released.
  std::vector<Partition> released_;  // Released, while others of the same round are not.
  base::MonotonicTime release_deadline_;
  CommitQueue commits_;

  Renewal renewal_ = Renewal::kNone;
  base::MonotonicTime renewal_deadline_;
  std::vector<Partition> owed_;  // librdkafka waits for them; they are being handed back anyway.
  QueuePtr last_;                // While leaving: what is still to be answered.

  std::vector<rd_kafka_message_t*> fetched_;
  // Messages [run_begin_, next_fetched_) back the views of the last batch.
  std::size_t run_begin_ = 0;
  std::size_t next_fetched_ = 0;
  std::size_t given_since_wake_ = 0;  // Bytes given out since librdkafka was made to fetch.
  std::deque<absl::StatusOr<Step>> steps_;
  std::vector<RecordView> records_;
  std::vector<HeaderView> headers_;
  std::vector<std::pair<std::size_t, std::size_t>> header_ranges_;
};

}  // namespace platen::broker::kafka
