// The Publisher on librdkafka.
//
// The publisher keeps every record until its delivery report says "durable" or "refused for good".
// Any other end (a fatal error of the idempotent producer, an epoch that was fenced, a batch
// refused for one of its records) leads to one way out: the handle is thrown away, a new one is
// made, and everything without Delivery is sent again in order. Records of a refused batch then
// travel alone, with nothing of their partition beside them, so that the refusal names the record.
//
// The same way leads to a session with another certificate, but that nothing is broken then: what
// was sent is waited for first, so that nothing is sent twice.
//
// That order survives rests on enable.gapless.guarantee: after a batch is refused librdkafka stops,
// and the broker's sequence check refuses what was in flight behind it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "libs/base/real_clock.h"
#include "libs/base/time.h"
#include "libs/broker/broker.h"
#include "libs/broker/kafka/conf.h"
#include "libs/broker/kafka/kafka_broker.h"

namespace platen::broker::kafka {

class KafkaPublisher final : public Publisher {
 public:
  static absl::StatusOr<std::unique_ptr<Publisher>> Create(const KafkaOptions& options,
                                                           const PublisherOptions& publisher);
  KafkaPublisher(const KafkaOptions& options, const PublisherOptions& publisher);
  ~KafkaPublisher() override;

  absl::StatusOr<PublishId> Publish(const OutgoingRecord& record) override;
  std::span<const Delivery> Poll(std::chrono::milliseconds max_wait) override;
  void Purge() override;

  std::size_t in_flight() const override { return records_.size(); }

  absl::StatusOr<std::int32_t> PartitionCount(std::string_view topic) override;

 private:
  struct Record;

  struct Lane {  // A partition as the publisher sees it.
    const std::string* topic = nullptr;
    std::int32_t number = 0;
    std::size_t in_flight = 0;
    // Records that wait here, in order, because one before them must arrive first.
    std::deque<Record*> held;
    // The record in flight is a suspect: nothing may share its batch.
    bool alone = false;
    // Stands in turns_.
    bool has_turn = false;
    // Kafka has a record of it from this handle. Until then only one is on the way: a partition
    // takes whatever sequence a new producer begins with, so one that was refused for now (there is
    // no leader yet) would come behind its successor and be answered as a duplicate: lost, and
    // acknowledged.
    bool begun = false;

    bool holding() const { return alone || !held.empty(); }
  };

  struct Record {
    PublishId id = 0;
    Lane* lane = nullptr;
    // Key, value, then names and values of headers.
    std::string bytes;
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> header_sizes;
    bool tombstone = false;
    bool suspect = false;
    std::list<Record>::iterator self;
  };

  absl::Status OpenHandle();
  void CloseHandle();
  absl::StatusOr<Lane*> FindLane(const OutgoingRecord& record);
  Record& Keep(const OutgoingRecord& record, std::size_t bytes, Lane* lane);
  rd_kafka_resp_err_t Send(Record& record);
  void SendOrHold(Record& record);
  void Pump(Lane& lane);
  void PumpAll();
  void TakeTurns();
  void HandleEvent(rd_kafka_event_t* event);
  void HandleReport(const rd_kafka_message_t& report);
  void Finish(Record& record, absl::Status status, std::int64_t offset);
  // The handle is of no use any more; see the head of this file.
  void Break(std::string_view why);
  void RenewIfDue();
  void RebuildIfDue();
  void HoldEverything();
  int WaitMillis(std::chrono::milliseconds max_wait) const;

  const KafkaOptions options_;
  const PublisherOptions publisher_;
  const std::size_t queue_bytes_max_;
  base::RealClock clock_;
  HandleContext context_;
  rd_kafka_t* handle_ = nullptr;
  std::shared_ptr<const TlsVersion> tls_;  // What handle_ was made of.
  QueuePtr queue_;

  std::map<std::string, std::deque<Lane>, std::less<>> topics_;
  // Everything without Delivery, in the order of Publish(); and nodes to use again.
  std::list<Record> records_;
  std::list<Record> spare_;
  std::size_t queue_bytes_ = 0;
  std::size_t sent_ = 0;  // Records librdkafka has.
  // Where batches are gathered: partitions that have one on its way, and those whose records wait
  // for theirs, in order.
  std::size_t busy_lanes_ = 0;
  std::deque<Lane*> turns_;
  PublishId last_id_ = 0;
  std::vector<Delivery> pending_;     // For the next Poll(), and
  std::vector<Delivery> deliveries_;  // what the last one returned.

  bool broken_ = false;   // handle_ takes nothing more and is about to be replaced.
  bool holding_ = false;  // Some lane may hold records.
  base::MonotonicTime settle_until_;
  base::MonotonicTime rebuild_not_before_;
  base::Duration rebuild_pause_;
};

}  // namespace platen::broker::kafka
