// The part of KafkaSubscriber that leaves its group.
#include <algorithm>

#include "libs/broker/kafka/subscriber.h"

namespace platen::broker::kafka {
namespace {

constexpr std::chrono::milliseconds kClosePoll{20};
// A session and the rebalance behind it: for so long a group may wait for a member that was killed.
constexpr std::chrono::seconds kGroupWait{8};
// Who has lost its member id asks for another at once.
constexpr std::chrono::milliseconds kMemberIdWait{300};
// Kept for leaving the group, where commits would take all the time there is.
constexpr std::chrono::seconds kLeaveWait{3};

}  // namespace

void KafkaSubscriber::Close(std::chrono::milliseconds max_wait) {
  const base::Duration most = std::min<base::Duration>(max_wait, kGroupWait + kLeaveWait);
  const base::MonotonicTime deadline = clock_.Now() + most;
  const base::MonotonicTime commits_deadline =
      deadline - std::min<base::Duration>(kLeaveWait, most / 2);
  if (renewal_ == Renewal::kLeaving) return AwaitClosed(deadline);
  closing_ = true;
  DropFetched();
  // There is nobody to leave and nothing to commit: the destructor ends it.
  if (options_.group.empty()) return;
  gave_up_joining_ = AwaitsFirstAssignment(commits_deadline - clock_.Now());
  if (gave_up_joining_) return;
  AnswerRebalances();
  while (!commits_.idle() && clock_.Now() < commits_deadline) {
    SendCommits(/*at_once=*/false);
    if (rd_kafka_message_t* message = rd_kafka_consumer_poll(handle_, kClosePoll.count())) {
      rd_kafka_message_destroy(message);
    }
  }
  LeaveGroup(deadline - std::min<base::Duration>(kLeaveWait, most / 4));
  last_.reset(rd_kafka_queue_new(handle_));
  if (rd_kafka_error_t* error = rd_kafka_consumer_close_queue(handle_, last_.get())) {
    rd_kafka_error_destroy(error);
    return;
  }
  AwaitClosed(deadline);
}

// Whether this is a member that never was assigned anything: librdkafka 2.0 aborts where such a one
// is destroyed after the answer to its join (confluentinc/librdkafka issue 4312, mended in 2.3).
// Waits for the assignment, which comes within milliseconds as a rule, and within a session's time
// where another member was killed. Who went before would not have left: see LeaveGroup().
bool KafkaSubscriber::AwaitsFirstAssignment(base::Duration max_wait) {
  if (options_.group.empty()) return false;
  const base::MonotonicTime deadline = clock_.Now() + max_wait;
  base::MonotonicTime joined_at = clock_.Now();
  while (!ever_assigned_) {
    const bool joined = HasMemberId();
    const base::MonotonicTime now = clock_.Now();
    if (joined) joined_at = now;
    if (!joined && now >= joined_at + kMemberIdWait) return false;
    if (now >= deadline) return true;
    if (last_ != nullptr) {
      ServeLast(kClosePoll);
    } else if (rd_kafka_message_t* message = rd_kafka_consumer_poll(handle_, kClosePoll.count())) {
      rd_kafka_message_destroy(message);
    }
  }
  return false;
}

// librdkafka would wait for ever for the answer to a rebalance that it has told of.
void KafkaSubscriber::AnswerRebalances() {
  if (!assigning_.empty()) BeginAssigned();
  if (!revoking_.empty() || !released_.empty()) {
    released_.insert(released_.end(), revoking_.begin(), revoking_.end());
    revoking_.clear();
    FinishRevoked();
  }
  while (rd_kafka_message_t* message = rd_kafka_consumer_poll(handle_, 0)) {
    rd_kafka_message_destroy(message);
  }
}

// librdkafka 2.0 leaves without a word where it is closed in the midst of a rebalance, owning
// nothing; and the broker answers one request of a connection at a time, so that a leave that is
// sent then stands behind a join that waits for others, and is given up after 5 s. Who goes so
// counts as a member until its session ends, and is given partitions. To unsubscribe waits for the
// end of the rebalance, and leaves behind it; the member id is gone once that is on its way.
void KafkaSubscriber::LeaveGroup(base::MonotonicTime deadline) {
  rd_kafka_unsubscribe(handle_);
  while (HasMemberId() && clock_.Now() < deadline) {
    if (rd_kafka_message_t* message = rd_kafka_consumer_poll(handle_, kClosePoll.count())) {
      rd_kafka_message_destroy(message);
    }
  }
}

bool KafkaSubscriber::HasMemberId() const {
  char* const id = rd_kafka_memberid(handle_);
  const bool has = id != nullptr && *id != '\0';
  if (id != nullptr) rd_kafka_mem_free(handle_, id);
  return has;
}

void KafkaSubscriber::AwaitClosed(base::MonotonicTime deadline) {
  while (rd_kafka_consumer_closed(handle_) == 0 && clock_.Now() < deadline) ServeLast(kClosePoll);
}

// rd_kafka_queue_poll_callback() would abort at the first record that is still on its way.
void KafkaSubscriber::ServeLast(std::chrono::milliseconds max_wait) {
  const int millis = static_cast<int>(max_wait.count());
  if (rd_kafka_message_t* message = rd_kafka_consume_queue(last_.get(), millis)) {
    rd_kafka_message_destroy(message);
  }
}

}  // namespace platen::broker::kafka
