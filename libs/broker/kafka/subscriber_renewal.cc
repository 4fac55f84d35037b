// The part of KafkaSubscriber that replaces its handle where the TLS files have changed.
//
// A member of a group goes through what any rebalance brings: partitions are asked back, positions
// are committed, the group is left, and a new handle joins it. A reader of named partitions has
// nothing to hand back, and is placed where it was.
#include <algorithm>

#include "absl/base/internal/raw_logging.h"
#include "libs/broker/kafka/subscriber.h"

namespace platen::broker::kafka {
namespace {

// What is not committed by then is read again: the broker no longer answers the former handle.
constexpr std::chrono::seconds kCommitWait{2};
// Who has not left by then is dropped by the group when its session ends.
constexpr std::chrono::seconds kLeaveWait{2};
// A handle that nobody has closed is a crash to its group anyway.
constexpr std::chrono::seconds kCrashWait{1};

}  // namespace

void KafkaSubscriber::Renew() {
  if (renewal_ == Renewal::kNone) {
    if (closing_ || !IsFormer(tls_, kafka_options_)) return;
    if (options_.group.empty()) return RenewInPlace();
    // One rebalance at a time; that one's end is near.
    if (!assigning_.empty() || !revoking_.empty() || !released_.empty()) return;
    renewal_ = Renewal::kHandingBack;
    HandBackAll();
  }
  if (renewal_ == Renewal::kHandingBack && revoking_.empty()) {
    renewal_ = Renewal::kCommitting;
    renewal_deadline_ = clock_.Now() + kCommitWait;
  }
  if (renewal_ == Renewal::kCommitting && (commits_.idle() || clock_.Now() >= renewal_deadline_)) {
    BeginToLeave();
  }
  if (renewal_ != Renewal::kLeaving) return;
  ServeLast(std::chrono::milliseconds(0));
  if (rd_kafka_consumer_closed(handle_) != 0 || clock_.Now() >= renewal_deadline_) JoinAnew();
}

void KafkaSubscriber::HandBackAll() {
  DropFetched();
  std::vector<Partition> all;
  for (const auto& [partition, owned] : owned_) all.push_back(partition);
  if (all.empty()) return;
  Pause(all);
  revoking_.insert(all.begin(), all.end());
  release_deadline_ = clock_.Now() + options_.release_timeout;
  steps_.emplace_back(Revoked{std::move(all)});
}

void KafkaSubscriber::BeginToLeave() {
  closing_ = true;
  renewal_ = Renewal::kLeaving;
  renewal_deadline_ = clock_.Now() + kLeaveWait;
  DropFetched();
  AnswerRebalances();
  last_.reset(rd_kafka_queue_new(handle_));
  if (rd_kafka_error_t* error = rd_kafka_consumer_close_queue(handle_, last_.get())) {
    rd_kafka_error_destroy(error);
    renewal_deadline_ = clock_.Now();
  }
}

void KafkaSubscriber::JoinAnew() {
  CloseHandle();
  owned_.clear();
  commits_ = CommitQueue();
  owed_.clear();
  closing_ = false;
  ever_assigned_ = false;
  renewal_ = Renewal::kNone;
  // TLS files are tried before they are handed on: only a machine without memory fails here.
  ABSL_RAW_CHECK(Open().ok(), "kafka: the subscriber's client can't be made anew");
}

void KafkaSubscriber::RenewInPlace() {
  DropFetched();
  std::vector<PartitionOffset> positions;
  for (const auto& [partition, owned] : owned_) {
    positions.push_back({partition, owned.position >= 0 ? owned.position : owned.start});
  }
  CloseHandle();
  ABSL_RAW_CHECK(OpenHandle().ok(), "kafka: the subscriber's client can't be made anew");
  Assign(positions);
}

// What librdkafka can't end without an abort, or would wait for for ever (it asks for answers to
// rebalances on the queue of a close that was not waited for), is left alone, threads and all. The
// group drops it when its session ends with the process, or when nobody has asked it for records
// for a minute.
void KafkaSubscriber::CloseHandle() {
  if (handle_ == nullptr) return;
  const bool stuck = last_ != nullptr && rd_kafka_consumer_closed(handle_) == 0;
  queue_.reset();
  if (stuck || gave_up_joining_ || AwaitsFirstAssignment(kCrashWait)) {
    // Its threads go on using them.
    static_cast<void>(context_.release());
    static_cast<void>(last_.release());
  } else {
    last_.reset();
    rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
  handle_ = nullptr;
  tls_.reset();
}

}  // namespace platen::broker::kafka
