#include "libs/broker/kafka/publisher.h"

#include <algorithm>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/admin.h"
#include "libs/broker/kafka/errors.h"

namespace platen::broker::kafka {
namespace {

constexpr std::chrono::milliseconds kAskWait{5000};
// No broker of ours takes a larger record; the topic's own bound may be lower.
constexpr std::size_t kRecordBytesMax = 1'000'000 - 512;
constexpr std::size_t kDeliveriesPerPoll = 10'000;
constexpr std::size_t kSpareMax = 4096;
constexpr std::size_t kSpareBytesMax = 4096;
// A connection has five requests on the way at most, and librdkafka 2.0 turns without a rest while
// more are due. A batch may become two of them: its thread takes what is there already.
constexpr std::size_t kBusyLanesMax = 2;
// What is on the way when a handle breaks may still arrive; each that does is one repeat less.
constexpr base::Duration kSettle = std::chrono::seconds(2);
// As long is waited for what is on the way when the TLS files have changed.
constexpr base::Duration kDrain = std::chrono::seconds(5);
constexpr base::Duration kRebuildPauseMin = std::chrono::milliseconds(20);
constexpr base::Duration kRebuildPauseMax = std::chrono::seconds(5);

std::size_t SizeOf(const OutgoingRecord& record) {
  std::size_t size = record.key.size() + record.value.value_or("").size();
  for (const HeaderView& header : record.headers) size += header.name.size() + header.value.size();
  return size;
}

rd_kafka_headers_t* MakeHeaders(const char* at,
                                const std::vector<std::pair<std::uint32_t, std::uint32_t>>& sizes) {
  if (sizes.empty()) return nullptr;
  rd_kafka_headers_t* headers = rd_kafka_headers_new(sizes.size());
  for (const auto& [name, value] : sizes) {
    rd_kafka_header_add(headers, at, name, at + name, value);
    at += name + value;
  }
  return headers;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Publisher>> KafkaPublisher::Create(
    const KafkaOptions& options, const PublisherOptions& publisher) {
  auto created = std::make_unique<KafkaPublisher>(options, publisher);
  PLATEN_RETURN_IF_ERROR(created->OpenHandle());
  return created;
}

KafkaPublisher::KafkaPublisher(const KafkaOptions& options, const PublisherOptions& publisher)
    : options_(options),
      publisher_(publisher),
      queue_bytes_max_(publisher.queue_bytes > 0 ? publisher.queue_bytes
                                                 : options.producer_queue_bytes),
      context_{.log = options.log},
      rebuild_pause_(kRebuildPauseMin) {}

KafkaPublisher::~KafkaPublisher() {
  CloseHandle();
}

absl::Status KafkaPublisher::OpenHandle() {
  PLATEN_ASSIGN_OR_RETURN(ConfPtr conf, PublisherConf(options_, publisher_, &context_));
  PLATEN_ASSIGN_OR_RETURN(const Handle handle,
                          NewHandle(RD_KAFKA_PRODUCER, std::move(conf), options_));
  handle_ = handle.client;
  tls_ = handle.tls;
  queue_.reset(rd_kafka_queue_get_main(handle_));
  return absl::OkStatus();
}

void KafkaPublisher::CloseHandle() {
  if (handle_ == nullptr) return;
  rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  queue_.reset();
  rd_kafka_destroy(handle_);
  handle_ = nullptr;
  tls_.reset();
}

absl::StatusOr<std::int32_t> KafkaPublisher::PartitionCount(std::string_view topic) {
  if (const auto known = topics_.find(topic); known != topics_.end()) {
    return static_cast<std::int32_t>(known->second.size());
  }
  PLATEN_ASSIGN_OR_RETURN(
      const std::int32_t count,
      AskPartitionCount(handle_, std::string(topic), kAskWait, options_.stopping));
  const auto [it, inserted] = topics_.try_emplace(std::string(topic));
  for (std::int32_t number = 0; number < count; ++number) {
    Lane& lane = it->second.emplace_back();
    lane.topic = &it->first;
    lane.number = number;
  }
  return count;
}

absl::StatusOr<KafkaPublisher::Lane*> KafkaPublisher::FindLane(const OutgoingRecord& record) {
  auto topic = topics_.find(record.topic);
  if (topic == topics_.end()) {
    PLATEN_RETURN_IF_ERROR(PartitionCount(record.topic).status());
    topic = topics_.find(record.topic);
  }
  if (record.partition < 0 || static_cast<std::size_t>(record.partition) >= topic->second.size()) {
    return base::NotFound("kafka: topic ", record.topic, " has no partition ", record.partition);
  }
  return &topic->second[static_cast<std::size_t>(record.partition)];
}

absl::StatusOr<PublishId> KafkaPublisher::Publish(const OutgoingRecord& record) {
  PLATEN_ASSIGN_OR_RETURN(Lane* const lane, FindLane(record));
  const std::size_t bytes = SizeOf(record);
  if (bytes > kRecordBytesMax) {
    return base::InvalidArgument("kafka: a record of ", bytes, " bytes for ", record.topic);
  }
  if (record.key.empty() && !record.value.has_value()) {
    // A broker would refuse it with its whole batch, and cost a session.
    return base::InvalidArgument("kafka: a tombstone without a key for ", record.topic);
  }
  if (queue_bytes_ + bytes > queue_bytes_max_ && !records_.empty()) {
    return base::ResourceExhausted("kafka: the publisher's queue is full (producer_queue_bytes)");
  }
  Record& kept = Keep(record, bytes, lane);
  if (!broken_) SendOrHold(kept);
  return kept.id;
}

KafkaPublisher::Record& KafkaPublisher::Keep(const OutgoingRecord& record,
                                             std::size_t bytes,
                                             Lane* lane) {
  if (spare_.empty()) spare_.emplace_back();
  records_.splice(records_.end(), spare_, spare_.begin());
  Record& kept = records_.back();
  kept.self = std::prev(records_.end());
  kept.id = ++last_id_;
  kept.lane = lane;
  kept.key_size = static_cast<std::uint32_t>(record.key.size());
  kept.value_size = static_cast<std::uint32_t>(record.value.value_or("").size());
  kept.tombstone = !record.value.has_value();
  kept.suspect = false;
  kept.header_sizes.clear();
  kept.bytes.clear();
  kept.bytes.reserve(bytes);
  kept.bytes.append(record.key);
  kept.bytes.append(record.value.value_or(""));
  for (const HeaderView& header : record.headers) {
    kept.bytes.append(header.name).append(header.value);
    kept.header_sizes.emplace_back(header.name.size(), header.value.size());
  }
  queue_bytes_ += bytes;
  return kept;
}

// librdkafka reads the value where it lies (no copy), and copies key and headers.
rd_kafka_resp_err_t KafkaPublisher::Send(Record& record) {
  char* const key = record.bytes.data();
  char* const value = key + record.key_size;
  rd_kafka_headers_t* const headers = MakeHeaders(value + record.value_size, record.header_sizes);
  rd_kafka_vu_t arguments[6];
  arguments[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  arguments[0].u.cstr = record.lane->topic->c_str();
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = record.lane->number;
  arguments[2].vtype = RD_KAFKA_VTYPE_KEY;
  arguments[2].u.mem = {record.key_size > 0 ? key : nullptr, record.key_size};
  arguments[3].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[3].u.mem = {record.tombstone ? nullptr : value, record.value_size};
  arguments[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[4].u.ptr = &record;
  arguments[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[5].u.headers = headers;
  rd_kafka_error_t* error = rd_kafka_produceva(handle_, arguments, headers != nullptr ? 6 : 5);
  if (error == nullptr) {
    if (record.lane->in_flight++ == 0) ++busy_lanes_;
    ++sent_;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  return code;
}

void KafkaPublisher::SendOrHold(Record& record) {
  Lane& lane = *record.lane;
  lane.held.push_back(&record);
  if (!publisher_.gather) return Pump(lane);
  if (!lane.has_turn) turns_.push_back(&lane);
  lane.has_turn = true;
}

void KafkaPublisher::Pump(Lane& lane) {
  while (!broken_ && !lane.held.empty()) {
    Record& next = *lane.held.front();
    if ((next.suspect || lane.alone || !lane.begun) && lane.in_flight > 0) break;
    const rd_kafka_resp_err_t error = Send(next);
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) break;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && ClassifyDelivery(error) != Disposition::kRefused) {
      return Break(rd_kafka_err2str(error));
    }
    lane.held.pop_front();
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      Finish(next, StatusOf(error, base::StrCat("publishing to ", *lane.topic)), -1);
      continue;
    }
    lane.alone = next.suspect;
  }
  holding_ = holding_ || lane.holding();
}

void KafkaPublisher::TakeTurns() {
  std::size_t left = broken_ ? 0 : turns_.size();
  for (; left > 0 && busy_lanes_ < kBusyLanesMax; --left) {
    Lane& lane = *turns_.front();
    turns_.pop_front();
    if (lane.in_flight == 0) Pump(lane);
    lane.has_turn = !lane.held.empty();
    if (lane.has_turn) turns_.push_back(&lane);
  }
}

void KafkaPublisher::PumpAll() {
  if (publisher_.gather) return TakeTurns();
  if (!holding_ || broken_) return;
  holding_ = false;
  for (auto& [name, lanes] : topics_) {
    for (Lane& lane : lanes) {
      if (lane.holding()) Pump(lane);
    }
  }
}

int KafkaPublisher::WaitMillis(std::chrono::milliseconds max_wait) const {
  if (!pending_.empty()) return 0;
  base::Duration wait = max_wait;
  if (broken_) {
    const base::MonotonicTime due =
        sent_ > 0 ? std::max(settle_until_, rebuild_not_before_) : rebuild_not_before_;
    wait = std::min(wait, due - clock_.Now());
  }
  return static_cast<int>(std::max<std::int64_t>(0, base::ToMillis(wait)));
}

std::span<const Delivery> KafkaPublisher::Poll(std::chrono::milliseconds max_wait) {
  RenewIfDue();
  RebuildIfDue();
  PumpAll();
  while (EventPtr event{rd_kafka_queue_poll(queue_.get(), WaitMillis(max_wait))}) {
    HandleEvent(event.get());
    if (pending_.size() >= kDeliveriesPerPoll) break;
    max_wait = std::chrono::milliseconds(0);
  }
  RebuildIfDue();
  PumpAll();
  deliveries_.clear();
  deliveries_.swap(pending_);
  return deliveries_;
}

void KafkaPublisher::HandleEvent(rd_kafka_event_t* event) {
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
    while (const rd_kafka_message_t* report = rd_kafka_event_message_next(event)) {
      HandleReport(*report);
    }
    return;
  }
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_ERROR) return;
  const char* text = rd_kafka_event_error_string(event);
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__FATAL) {
    Break(text);
  } else if (options_.log) {
    options_.log(base::StrCat("publisher: ", text));
  }
}

void KafkaPublisher::HandleReport(const rd_kafka_message_t& report) {
  Record& record = *static_cast<Record*>(report._private);
  Lane& lane = *record.lane;
  if (--lane.in_flight == 0) --busy_lanes_;
  --sent_;
  const bool was_alone = std::exchange(lane.alone, false);
  switch (ClassifyDelivery(report.err)) {
    case Disposition::kDelivered:
      lane.begun = true;
      rebuild_pause_ = kRebuildPauseMin;
      return Finish(record, absl::OkStatus(), report.offset);
    case Disposition::kRefused:
      if (was_alone) {
        rebuild_pause_ = kRebuildPauseMin;
        Finish(record, StatusOf(report.err, base::StrCat("publishing to ", *lane.topic)), -1);
      } else {
        record.suspect = true;
      }
      return Break(rd_kafka_err2str(report.err));
    case Disposition::kRetry:
      return Break(rd_kafka_err2str(report.err));
  }
}

void KafkaPublisher::Finish(Record& record, absl::Status status, std::int64_t offset) {
  pending_.push_back({record.id, std::move(status), offset});
  queue_bytes_ -= record.bytes.size();
  const bool reuse = spare_.size() < kSpareMax && record.bytes.capacity() <= kSpareBytesMax;
  if (reuse) {
    spare_.splice(spare_.begin(), records_, record.self);
  } else {
    records_.erase(record.self);
  }
}

void KafkaPublisher::Break(std::string_view why) {
  if (broken_) return;
  broken_ = true;
  const base::MonotonicTime now = clock_.Now();
  settle_until_ = now + kSettle;
  rebuild_not_before_ = now + rebuild_pause_;
  rebuild_pause_ = std::min(rebuild_pause_ * 2, kRebuildPauseMax);
  if (options_.log) {
    options_.log(base::StrCat(
        "publisher: the session is rebuilt, ", records_.size(), " records are sent again: ", why));
  }
  rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

// What is new waits until what was sent is answered: so none overtakes another.
void KafkaPublisher::RenewIfDue() {
  if (broken_ || !IsFormer(tls_, options_)) return;
  broken_ = true;
  rebuild_not_before_ = clock_.Now();
  settle_until_ = rebuild_not_before_ + kDrain;
}

void KafkaPublisher::RebuildIfDue() {
  if (!broken_) return;
  const base::MonotonicTime now = clock_.Now();
  if (now < rebuild_not_before_ || (sent_ > 0 && now < settle_until_)) return;
  CloseHandle();
  // The same options made a handle before: only a machine without threads or memory fails here.
  ABSL_RAW_CHECK(OpenHandle().ok(), "kafka: the publisher's session can't be made anew");
  broken_ = false;
  HoldEverything();
}

void KafkaPublisher::HoldEverything() {
  for (auto& [name, lanes] : topics_) {
    for (Lane& lane : lanes) {
      lane.held.clear();
      lane.in_flight = 0;
      lane.alone = false;
      lane.has_turn = false;
      lane.begun = false;
    }
  }
  sent_ = 0;
  busy_lanes_ = 0;
  turns_.clear();
  for (Record& record : records_) {
    Lane& lane = *record.lane;
    lane.held.push_back(&record);
    if (!lane.has_turn) turns_.push_back(&lane);
    lane.has_turn = true;
  }
  holding_ = !records_.empty();
}

void KafkaPublisher::Purge() {
  CloseHandle();
  ABSL_RAW_CHECK(OpenHandle().ok(), "kafka: the publisher's session can't be made anew");
  broken_ = false;
  while (!records_.empty()) {
    Finish(records_.front(), absl::CancelledError("kafka: purged"), -1);
  }
  HoldEverything();
}

}  // namespace platen::broker::kafka
