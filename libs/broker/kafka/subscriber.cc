#include "libs/broker/kafka/subscriber.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/broker/kafka/errors.h"

namespace platen::broker::kafka {
namespace {

PartitionListPtr ListOf(const std::vector<PartitionOffset>& positions) {
  PartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const PartitionOffset& position : positions) {
    rd_kafka_topic_partition_list_add(
        list.get(), position.partition.topic.c_str(), position.partition.number)
        ->offset = position.offset;
  }
  return list;
}

template <class Partitions>
PartitionListPtr ListOfPartitions(const Partitions& partitions) {
  PartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const Partition& partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number);
  }
  return list;
}

std::vector<Partition> PartitionsOf(const rd_kafka_topic_partition_list_t& list) {
  std::vector<Partition> partitions;
  for (int i = 0; i < list.cnt; ++i) {
    partitions.push_back({list.elems[i].topic, list.elems[i].partition});
  }
  return partitions;
}

std::int64_t ToLibrary(std::int64_t offset) {
  if (offset == kBeginning) return RD_KAFKA_OFFSET_BEGINNING;
  return offset == kEnd ? RD_KAFKA_OFFSET_END : offset;
}

KafkaSubscriber* Owner(void* opaque) {
  return static_cast<KafkaSubscriber*>(static_cast<HandleContext*>(opaque)->owner);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Subscriber>> KafkaSubscriber::Create(
    const KafkaOptions& options, const SubscriberOptions& subscriber) {
  const bool by_group = !subscriber.topics.empty() && !subscriber.group.empty();
  const bool by_name =
      subscriber.topics.empty() && subscriber.group.empty() && !subscriber.partitions.empty();
  if (by_group == by_name) {
    return base::InvalidArgument("kafka: a subscriber has topics and a group, or partitions");
  }
  auto created = std::make_unique<KafkaSubscriber>(options, subscriber);
  PLATEN_RETURN_IF_ERROR(created->Open());
  return created;
}

KafkaSubscriber::KafkaSubscriber(const KafkaOptions& options, const SubscriberOptions& subscriber)
    : kafka_options_(options), options_(subscriber) {}

KafkaSubscriber::~KafkaSubscriber() {
  closing_ = true;
  DropFetched();
  if (handle_ == nullptr) return;
  if (last_ == nullptr) AnswerRebalances();
  CloseHandle();
}

absl::Status KafkaSubscriber::Open() {
  PLATEN_RETURN_IF_ERROR(OpenHandle());
  return Start();
}

absl::Status KafkaSubscriber::OpenHandle() {
  context_ = std::make_unique<HandleContext>(HandleContext{kafka_options_.log, this});
  PLATEN_ASSIGN_OR_RETURN(ConfPtr conf, SubscriberConf(kafka_options_, options_, context_.get()));
  rd_kafka_conf_set_rebalance_cb(conf.get(), OnRebalance);
  rd_kafka_conf_set_offset_commit_cb(conf.get(), OnCommit);
  rd_kafka_conf_set_error_cb(conf.get(), OnError);
  PLATEN_ASSIGN_OR_RETURN(const Handle handle,
                          NewHandle(RD_KAFKA_CONSUMER, std::move(conf), kafka_options_));
  handle_ = handle.client;
  tls_ = handle.tls;
  rd_kafka_poll_set_consumer(handle_);
  queue_.reset(rd_kafka_queue_get_consumer(handle_));
  return absl::OkStatus();
}

absl::Status KafkaSubscriber::Start() {
  if (options_.topics.empty()) {
    for (const PartitionOffset& position : options_.partitions) owned_[position.partition] = {};
    Assign(options_.partitions);
    return absl::OkStatus();
  }
  const PartitionListPtr topics(
      rd_kafka_topic_partition_list_new(static_cast<int>(options_.topics.size())));
  for (const std::string& topic : options_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  return StatusOf(rd_kafka_subscribe(handle_, topics.get()), "subscribing");
}

void KafkaSubscriber::OnRebalance(rd_kafka_t* /*handle*/,
                                  rd_kafka_resp_err_t error,
                                  rd_kafka_topic_partition_list_t* partitions,
                                  void* opaque) {
  if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    Owner(opaque)->HandleAssigned(*partitions);
  } else {
    Owner(opaque)->HandleRevoked(*partitions);
  }
}

void KafkaSubscriber::HandleAssigned(const rd_kafka_topic_partition_list_t& partitions) {
  ever_assigned_ = true;
  if (partitions.cnt == 0) return Assign({});
  std::vector<Partition> assigned = PartitionsOf(partitions);
  if (closing_ || renewal_ != Renewal::kNone) return AssignToLeave(assigned);
  const std::int64_t start =
      options_.use_committed ? RD_KAFKA_OFFSET_STORED : RD_KAFKA_OFFSET_BEGINNING;
  for (const Partition& partition : assigned) {
    owned_[partition] = {};
    assigning_[partition] = start;
  }
  steps_.emplace_back(Assigned{std::move(assigned)});
}

void KafkaSubscriber::HandleRevoked(const rd_kafka_topic_partition_list_t& partitions) {
  std::vector<Partition> going = PartitionsOf(partitions);
  if (closing_ || going.empty() || rd_kafka_assignment_lost(handle_) != 0) {
    Unassign(going);
    Forget(going);
    const bool told = !closing_ && renewal_ != Renewal::kCommitting && !going.empty();
    if (told) steps_.emplace_back(Lost{std::move(going)});
    return;
  }
  if (renewal_ != Renewal::kNone) {  // They have been asked for already.
    owed_ = std::move(going);
    if (revoking_.empty()) Unassign(std::exchange(owed_, {}));
    return;
  }
  revoking_.insert(going.begin(), going.end());
  release_deadline_ = clock_.Now() + options_.release_timeout;
  steps_.emplace_back(Revoked{std::move(going)});
}

void KafkaSubscriber::Forget(const std::vector<Partition>& partitions) {
  for (const Partition& partition : partitions) {
    owned_.erase(partition);
    assigning_.erase(partition);
    revoking_.erase(partition);
    std::erase(released_, partition);
    commits_.Forget(partition);
  }
}

void KafkaSubscriber::OnCommit(rd_kafka_t* /*handle*/,
                               rd_kafka_resp_err_t error,
                               rd_kafka_topic_partition_list_t* offsets,
                               void* opaque) {
  KafkaSubscriber& self = *Owner(opaque);
  if (error == RD_KAFKA_RESP_ERR__NO_OFFSET || offsets == nullptr) {
    return self.commits_.EndRound(self.clock_.Now(), {});
  }
  CommitResult result;
  std::vector<PartitionOffset> failed;
  for (int i = 0; i < offsets->cnt; ++i) {
    const rd_kafka_topic_partition_t& elem = offsets->elems[i];
    const rd_kafka_resp_err_t own = error != RD_KAFKA_RESP_ERR_NO_ERROR ? error : elem.err;
    result.positions.push_back({{elem.topic, elem.partition}, elem.offset});
    if (own == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    failed.push_back(result.positions.back());
    result.status.Update(StatusOf(own, base::StrCat("committing offsets of ", elem.topic)));
  }
  self.commits_.EndRound(self.clock_.Now(), failed);
  if (!self.closing_) self.steps_.emplace_back(std::move(result));
}

void KafkaSubscriber::OnError(rd_kafka_t* handle, int error, const char* reason, void* opaque) {
  KafkaSubscriber& self = *Owner(opaque);
  auto code = static_cast<rd_kafka_resp_err_t>(error);
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    char detail[256];
    code = rd_kafka_fatal_error(handle, detail, sizeof detail);
  }
  const absl::Status status = StatusOf(code, base::StrCat("reading (", reason, ")"));
  if (self.kafka_options_.log) self.kafka_options_.log(std::string(status.message()));
  const bool told = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !absl::IsUnavailable(status);
  if (told && !self.closing_) self.steps_.emplace_back(status);
}

void KafkaSubscriber::Assign(const std::vector<PartitionOffset>& positions) {
  std::vector<PartitionOffset> translated = positions;
  std::vector<Partition> paused;
  for (PartitionOffset& position : translated) {
    const auto owned = owned_.find(position.partition);
    if (owned != owned_.end()) owned->second.start = position.offset;
    position.offset = ToLibrary(position.offset);
    if (owned == owned_.end()) continue;
    if (owned->second.paused) paused.push_back(position.partition);
  }
  const PartitionListPtr list = ListOf(translated);
  if (rd_kafka_error_t* error = rd_kafka_incremental_assign(handle_, list.get())) {
    if (kafka_options_.log) kafka_options_.log(rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
  }
  if (!paused.empty()) Pause(paused);
}

// For who is about to leave. To refuse them would be easier, and then librdkafka would ask them
// back for ever: the member would never leave.
void KafkaSubscriber::AssignToLeave(const std::vector<Partition>& partitions) {
  std::vector<PartitionOffset> positions;
  for (const Partition& partition : partitions) positions.push_back({partition, kEnd});
  Assign(positions);
  rd_kafka_pause_partitions(handle_, ListOfPartitions(partitions).get());
}

void KafkaSubscriber::Unassign(const std::vector<Partition>& partitions) {
  if (rd_kafka_error_t* error =
          rd_kafka_incremental_unassign(handle_, ListOfPartitions(partitions).get())) {
    if (kafka_options_.log) kafka_options_.log(rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
  }
}

void KafkaSubscriber::BeginAssigned() {
  assigned_told_ = false;
  if (assigning_.empty()) return;
  std::vector<PartitionOffset> positions;
  for (const auto& [partition, offset] : assigning_) positions.push_back({partition, offset});
  assigning_.clear();
  Assign(positions);
}

void KafkaSubscriber::StartAt(const PartitionOffset& position) {
  if (!owned_.contains(position.partition) || revoking_.contains(position.partition)) return;
  if (const auto assigning = assigning_.find(position.partition); assigning != assigning_.end()) {
    assigning->second = position.offset;
    return;
  }
  // Not rd_kafka_seek(): it refuses a partition that stands still out of range.
  owned_[position.partition].position = -1;
  owned_[position.partition].ended = -1;
  Unassign({position.partition});
  Assign({position});
}

void KafkaSubscriber::SetPaused(const Partition& partition, bool paused) {
  const auto owned = owned_.find(partition);
  if (owned != owned_.end()) owned->second.paused = paused;
}

void KafkaSubscriber::Pause(std::span<const Partition> partitions) {
  for (const Partition& partition : partitions) SetPaused(partition, true);
  rd_kafka_pause_partitions(handle_, ListOfPartitions(partitions).get());
}

void KafkaSubscriber::Resume(std::span<const Partition> partitions) {
  for (const Partition& partition : partitions) SetPaused(partition, false);
  rd_kafka_resume_partitions(handle_, ListOfPartitions(partitions).get());
}

void KafkaSubscriber::Commit(const PartitionOffset& next) {
  const auto owned = owned_.find(next.partition);
  if (owned == owned_.end()) return;
  owned->second.ended = std::max(owned->second.ended, next.offset);
  commits_.Ask(next);
}

void KafkaSubscriber::SendCommits(bool at_once) {
  const std::vector<PartitionOffset> round = commits_.TakeRound(clock_.Now(), at_once);
  if (round.empty()) return;
  const rd_kafka_resp_err_t error = rd_kafka_commit(handle_, ListOf(round).get(), /*async=*/1);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) commits_.EndRound(clock_.Now(), round);
}

void KafkaSubscriber::Release(std::span<const Partition> partitions) {
  for (const Partition& partition : partitions) {
    if (revoking_.erase(partition) > 0) released_.push_back(partition);
  }
  // librdkafka expects one answer to one revocation.
  if (revoking_.empty() && !released_.empty()) FinishRevoked();
}

void KafkaSubscriber::FinishRevoked() {
  SendCommits(/*at_once=*/true);
  const std::vector<Partition> going = std::exchange(released_, {});
  if (renewal_ == Renewal::kNone) {
    Unassign(going);
  } else if (!owed_.empty()) {
    Unassign(std::exchange(owed_, {}));  // The rest goes when the group is left.
  }
  Forget(going);
}

void KafkaSubscriber::GiveUpIfOverdue() {
  if (revoking_.empty() || clock_.Now() < release_deadline_) return;
  std::vector<Partition> overdue(revoking_.begin(), revoking_.end());
  released_.insert(released_.end(), overdue.begin(), overdue.end());
  revoking_.clear();
  FinishRevoked();
  steps_.emplace_back(Lost{std::move(overdue)});
}

std::int64_t KafkaSubscriber::lag() const {
  std::int64_t sum = 0;
  for (const auto& [partition, owned] : owned_) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const std::int64_t from =
        options_.use_committed && !options_.group.empty() ? owned.ended : owned.position;
    if (from < 0 || rd_kafka_get_watermark_offsets(
                        handle_, partition.topic.c_str(), partition.number, &low, &high) !=
                        RD_KAFKA_RESP_ERR_NO_ERROR) {
      continue;
    }
    sum += std::max<std::int64_t>(0, high - from);
  }
  return sum;
}

}  // namespace platen::broker::kafka
