// Watches the whole pipeline from outside and says what was promised and does not hold. It believes
// no process: it reads what Kafka holds and what is on the gateway's disk.
//
// A record of a lane is owed from when Kafka has it. It has ended when its event is on the
// gateway's disk, when its dead letter is in Kafka, or when a gap event in Kafka covers it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "absl/container/flat_hash_map.h"
#include "libs/broker/memory/memory_broker.h"
#include "services/relay/core/relay_core.h"
#include "tests/simulation/pipeline/gateway_host.h"
#include "tests/simulation/pipeline/printers.h"
#include "tests/simulation/pipeline/promises.h"
#include "tests/simulation/pipeline/trace.h"

namespace platen::simulation {

class CollectorProcess;

// How the records of the lanes have fared: received = delivered + quarantined + dropped +
// in_flight.
struct Fates {
  std::uint64_t received = 0;
  std::uint64_t delivered = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t dropped = 0;  // Eaten by retention, and told.
  std::uint64_t in_flight = 0;
};

// Thread-confined. What it is made with must outlive it.
class Oracle {
 public:
  Oracle(broker::memory::MemoryBroker& broker,
         GatewayHost& gateway,
         const std::vector<SimPrinter>& printers,
         Promises& promises,
         const Trace& trace);

  // To be called after each step: looks at what is new, and at what must always hold.
  void Look();

  // What a collector owes is in its spool, in Kafka, or told of; and what its next heartbeat would
  // claim is in Kafka, or told of.
  void Check(const std::string& name, CollectorProcess& collector);

  // The numbers of one relay's lane must add up.
  void Check(const relay::core::RelayTotals& totals, std::size_t in_flight);

  // At the end: nothing is in flight, and what is at the gateway is what happened.
  void CheckEnd();

  // Whether everything that Kafka has has ended and is committed.
  bool IsDrained() const;

  // Why not, for people.
  std::string WhatIsLeft();

  // The first promise that did not hold; empty where all did.
  const std::string& violation() const { return violation_; }

  // A promise did not hold, found elsewhere.
  void Fail(const std::string& what);

  // How many different jams of the printer Kafka has the beginning, or the end, of.
  int raised(std::size_t printer) const { return static_cast<int>(alarms_[printer].raised.size()); }

  // Whether the event is one of these beginnings.
  bool HasBegun(std::size_t printer, const std::string& event) const {
    return alarms_[printer].raised.contains(event);
  }

  int ended(std::size_t printer) const { return static_cast<int>(alarms_[printer].ended.size()); }

  // The highest term that was claimed in the device's partition.
  std::uint64_t claimed(const base::DeviceId& device) const;

  // Ends of jams that a collector tells which had been overtaken.
  std::uint64_t told_by_term() const { return told_by_term_.size(); }

  const Fates& fates() const { return fates_; }

  std::uint64_t notifications() const { return told_.size(); }

 private:
  // One event by its id.
  struct Fact {
    std::size_t lane_partition = 0;
    std::int64_t first_offset = 0;
    std::set<std::size_t> payloads;  // Hashes of how it was written: who says it again is another.
    bool stored = false;
  };

  enum class Fate : std::uint8_t { kInFlight, kDelivered, kQuarantined, kDropped };

  struct LaneRecord {
    std::string id;  // Empty: no event.
    Fate fate = Fate::kInFlight;
    // Of an alert: "TRANSITION alert", where the notifier has to tell of it.
    std::string to_tell;
  };

  struct LanePartition {
    broker::Partition partition;
    std::string group;
    std::int64_t begin = 0;  // Offset of records[0].
    std::vector<LaneRecord> records;
    std::int64_t ended = 0;    // Everything below has ended.
    std::int64_t told = 0;     // Everything below was told or promised, where it had to be.
    std::int64_t stored = -1;  // First offset of the newest event at the gateway.
  };

  struct Alarms {
    std::set<std::string> raised;
    std::set<std::string> ended;
  };

  struct Tap {
    broker::Partition partition;
    std::int64_t next = 0;
  };

  void HearLane(std::size_t number);
  void HearEvent(LanePartition& lane,
                 std::size_t number,
                 std::int64_t offset,
                 const std::string& value);
  void HearAlert(const event::v1::Event& event, LaneRecord& record);
  void HearGap(const event::v1::Gap& gap);
  void HearNotification(const std::string& value);
  void HearDecision(const broker::memory::StoredRecord& record);
  void HearState(const broker::memory::StoredRecord& record, std::int32_t partition);
  void HearDeadLetter(const std::string& value);
  void HearStored(const StoredEvent& stored);
  void CheckOrder(const event::v1::Event& event);
  void CheckCommits(LanePartition& lane);
  void CheckTold(LanePartition& lane);
  void Settle(LaneRecord& record, Fate fate);
  LaneRecord* Find(const broker::Partition& partition, std::int64_t offset);
  void CheckJams();
  void CheckSequences();
  void CheckOrders();

  broker::memory::MemoryBroker& broker_;
  GatewayHost& gateway_;
  const std::vector<SimPrinter>& printers_;
  Promises& promises_;
  const Trace& trace_;
  std::string violation_;

  std::vector<LanePartition> lanes_;
  std::vector<Tap> notifications_;
  std::vector<Tap> states_;
  std::vector<Tap> decisions_;
  std::vector<Tap> dead_letters_;
  std::int64_t last_seq_ = 0;

  absl::flat_hash_map<std::string, Fact> facts_;
  absl::flat_hash_map<std::string, std::string> id_of_occurrence_;
  SequencesSeen numbers_;  // As they stand in Kafka.
  // Device, lane, source, epoch: the newest number at the gateway.
  std::map<std::tuple<std::string, int, std::string, std::uint64_t>, std::uint64_t> order_;
  std::map<std::string, std::size_t> printer_of_;
  std::vector<Alarms> alarms_;
  std::map<std::string, std::uint64_t> terms_;  // Highest of each device's alerts.
  std::map<std::int32_t, std::uint64_t> claimed_;
  std::set<std::string> told_by_term_;
  std::set<std::string> promised_;           // As told_, in an outbox of the notifier.
  std::map<std::string, std::string> told_;  // "TRANSITION alert" → notification id.
  Fates fates_;
  bool has_gap_ = false;
  std::uint64_t claims_checked_ = 0;
  std::uint64_t transactions_ = 0;
  std::uint64_t rollbacks_ = 0;
};

}  // namespace platen::simulation
