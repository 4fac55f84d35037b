#include "tests/simulation/pipeline/oracle.h"

#include <functional>
#include <utility>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/pipeline.pb.h"
#include "platen/notifier/v1/notification.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "libs/alerting/collector_watch.h"
#include "libs/base/status.h"
#include "libs/event/lanes.h"
#include "tests/simulation/pipeline/processes.h"

namespace platen::simulation {
namespace {

using event::v1::Event;

constexpr std::string_view kRaised = "RAISED ";
constexpr std::string_view kCleared = "CLEARED ";

std::size_t Hash(std::string_view bytes) {
  return std::hash<std::string_view>()(bytes);
}

std::string Short(const std::string& id) {
  return base::HexEncode(id).substr(0, 16);
}

// Everything that tells one fact from another.
std::string OccurrenceOf(const Event& event) {
  std::string key = event.device_id().empty() && !event.occurrence().has_range()
                        ? event.source().instance()
                        : event.device_id();
  key += '/';
  key += std::to_string(event.body_case());
  key += '/';
  key += event.occurrence().SerializeAsString();
  return key;
}

bool IsJam(const Event& event) {
  return event.alert().category() == event::v1::ALERT_CATEGORY_JAM;
}

}  // namespace

Oracle::Oracle(broker::memory::MemoryBroker& broker,
               GatewayHost& gateway,
               const std::vector<SimPrinter>& printers,
               Promises& promises,
               const Trace& trace)
    : broker_(broker),
      gateway_(gateway),
      printers_(printers),
      promises_(promises),
      trace_(trace),
      alarms_(printers.size()) {
  const event::Topics topics("platen");
  const std::string lanes[] = {topics.Lane(event::v1::LANE_ALERTS),
                               topics.Lane(event::v1::LANE_TELEMETRY)};
  for (std::int32_t number = 0; number < kPartitions; ++number) {
    for (std::size_t lane = 0; lane < 2; ++lane) {
      lanes_.push_back({.partition = {lanes[lane], number}, .group = kRelayGroups[lane]});
    }
    notifications_.push_back({{topics.notifications(), number}});
    states_.push_back({{topics.device_state(), number}});
    decisions_.push_back({{topics.notifier_state(), number}});
    dead_letters_.push_back({{topics.deadletter(), number}});
  }
  for (std::size_t i = 0; i < printers.size(); ++i) {
    printer_of_[std::string(printers[i].id().bytes())] = i;
  }
}

void Oracle::Fail(const std::string& what) {
  if (!violation_.empty()) return;
  violation_ = what;
  trace_.Say("BROKEN: ", what);
}

void Oracle::Look() {
  for (std::size_t number = 0; number < lanes_.size(); ++number) HearLane(number);
  for (Tap& tap : dead_letters_) {
    for (const auto& record : broker_.RecordsFrom({tap.partition, tap.next})) {
      tap.next = record.offset + 1;
      HearDeadLetter(record.value.value_or(""));
    }
  }
  for (Tap& tap : states_) {
    for (const auto& record : broker_.RecordsFrom({tap.partition, tap.next})) {
      tap.next = record.offset + 1;
      HearState(record, tap.partition.number);
    }
  }
  for (Tap& tap : decisions_) {
    for (const auto& record : broker_.RecordsFrom({tap.partition, tap.next})) {
      tap.next = record.offset + 1;
      HearDecision(record);
    }
  }
  for (Tap& tap : notifications_) {
    for (const auto& record : broker_.RecordsFrom({tap.partition, tap.next})) {
      tap.next = record.offset + 1;
      HearNotification(record.value.value_or(""));
    }
  }
  if (gateway_.seen().transactions != transactions_) {
    const bool rolled_back = std::exchange(rollbacks_, gateway_.seen().rollbacks) != rollbacks_;
    transactions_ = gateway_.seen().transactions;
    for (const StoredEvent& stored : gateway_.StoredAfter(last_seq_)) HearStored(stored);
    if (rolled_back && gateway_.Sequences() != gateway_.answered_sequences()) {
      Fail("the gateway has recorded numbers of a batch that it rolled back");
    }
  }
  if (!gateway_.misbehaviour().empty()) Fail(gateway_.misbehaviour());
  for (LanePartition& lane : lanes_) CheckCommits(lane);
  fates_.in_flight = fates_.received - fates_.delivered - fates_.quarantined - fates_.dropped;
}

void Oracle::HearLane(std::size_t number) {
  LanePartition& lane = lanes_[number];
  const auto next = static_cast<std::int64_t>(lane.records.size());
  for (const auto& record : broker_.RecordsFrom({lane.partition, next})) {
    lane.records.resize(static_cast<std::size_t>(record.offset) + 1);
    ++fates_.received;
    HearEvent(lane, number, record.offset, record.value.value_or(""));
  }
}

void Oracle::HearEvent(LanePartition& lane,
                       std::size_t number,
                       std::int64_t offset,
                       const std::string& value) {
  LaneRecord& record = lane.records[static_cast<std::size_t>(offset)];
  Event event;
  if (value.empty() || !event.ParseFromString(value)) return;
  const auto [known, fresh] = id_of_occurrence_.emplace(OccurrenceOf(event), event.id());
  if (!fresh && known->second != event.id()) {
    Fail(base::StrCat("one fact has two ids, ",
                      Short(known->second),
                      " and ",
                      Short(event.id()),
                      ": ",
                      event.occurrence().ShortDebugString()));
  }
  const auto& source = event.source();
  numbers_[{.instance = source.instance(),
            .epoch = source.epoch(),
            .lane = event.lane(),
            .route = source.route()}]
      .Add(source.sequence());
  promises_.OnHeard(event);
  record.id = event.id();
  const auto [found, first] =
      facts_.try_emplace(event.id(), Fact{.lane_partition = number, .first_offset = offset});
  found->second.payloads.insert(Hash(value));
  if (found->second.stored) Settle(record, Fate::kDelivered);
  trace_.Say(
      "kafka: ",
      lane.partition.topic,
      "/",
      lane.partition.number,
      "@",
      offset,
      first ? " has " : " has again ",
      Short(event.id()),
      " by ",
      source.instance(),
      " number ",
      source.sequence(),
      " about ",
      base::HexEncode(event.device_id()).substr(0, 4),
      " epoch ",
      source.epoch(),
      " term ",
      event.term(),
      ": ",
      event.occurrence().ShortDebugString(),
      event.has_gap()
          ? base::StrCat(
                " ", event::v1::Gap::Reason_Name(event.gap().reason()), " ", event.gap().detail())
          : "");
  if (event.has_alert()) HearAlert(event, record);
  if (event.has_gap()) HearGap(event.gap());
}

void Oracle::HearAlert(const Event& event, LaneRecord& record) {
  const auto printer = printer_of_.find(event.device_id());
  if (printer == printer_of_.end()) return;
  std::uint64_t& term = terms_[event.device_id()];
  const bool is_old = event.term() < term;
  term = std::max(term, event.term());
  if (!IsJam(event)) return;
  Alarms& alarms = alarms_[printer->second];
  const std::string alert = event.device_id() + event.alert().alert_id();
  if (event.alert().transition() == event::v1::ALERT_TRANSITION_RAISED) {
    alarms.raised.insert(event.id());
    if (!is_old) record.to_tell = base::StrCat(kRaised, alert);
  } else if (event.alert().transition() == event::v1::ALERT_TRANSITION_ENDED) {
    alarms.ended.insert(event.id());
    if (event.term() == 0) told_by_term_.insert(event.id());
    if (!is_old && event.alert().end() == event::v1::ALERT_END_CLEARED) {
      record.to_tell = base::StrCat(kCleared, alert);
    }
  }
  const auto jams = static_cast<std::size_t>(printers_[printer->second].jams());
  if (alarms.raised.size() > jams || alarms.ended.size() > jams) {
    Fail(base::StrCat("printer ",
                      printer->second,
                      " has jammed ",
                      jams,
                      " times, and Kafka has ",
                      alarms.raised.size(),
                      " beginnings and ",
                      alarms.ended.size(),
                      " ends of jams"));
  }
}

void Oracle::HearGap(const event::v1::Gap& gap) {
  for (LanePartition& lane : lanes_) {
    if (gap.stream() != base::StrCat("campus/", lane.partition.topic, "/", lane.partition.number)) {
      continue;
    }
    has_gap_ = true;
    for (std::uint64_t offset = gap.first(); offset <= gap.last(); ++offset) {
      if (offset < lane.records.size()) Settle(lane.records[offset], Fate::kDropped);
    }
  }
}

void Oracle::Settle(LaneRecord& record, Fate fate) {
  if (record.fate != Fate::kInFlight) return;
  record.fate = fate;
  fates_.delivered += fate == Fate::kDelivered ? 1 : 0;
  fates_.quarantined += fate == Fate::kQuarantined ? 1 : 0;
  fates_.dropped += fate == Fate::kDropped ? 1 : 0;
}

Oracle::LaneRecord* Oracle::Find(const broker::Partition& partition, std::int64_t offset) {
  for (LanePartition& lane : lanes_) {
    if (lane.partition != partition) continue;
    const auto index = static_cast<std::size_t>(offset);
    return index < lane.records.size() ? &lane.records[index] : nullptr;
  }
  return nullptr;
}

void Oracle::HearDeadLetter(const std::string& value) {
  event::v1::DeadLetter letter;
  if (!letter.ParseFromString(value)) return Fail("a dead letter can't be read");
  LaneRecord* const record = Find({letter.topic(), letter.partition()}, letter.offset());
  if (record == nullptr) return Fail("a dead letter is about a record that never was");
  trace_.Say("kafka: dead letter ",
             letter.topic(),
             "/",
             letter.partition(),
             "@",
             letter.offset(),
             ": ",
             letter.reason());
  Settle(*record, Fate::kQuarantined);
}

void Oracle::HearState(const broker::memory::StoredRecord& record, std::int32_t partition) {
  const std::string value = record.value.value_or("");
  const std::string where = base::StrCat("kafka: device-state/", partition, "@", record.offset);
  if (record.key == collector::core::kOwnerKey) {
    collector::v1::OwnerClaim claim;
    if (!claim.ParseFromString(value)) return Fail("a claim can't be read");
    claimed_[partition] = std::max(claimed_[partition], claim.term());
    return trace_.Say(
        where, ": ", claim.instance(), " epoch ", claim.epoch(), " claims term ", claim.term());
  }
  collector::v1::DeviceState state;
  if (!state.ParseFromString(value)) return Fail("a device's state can't be read");
  trace_.Say(where,
             ": state of ",
             base::HexEncode(record.key).substr(0, 4),
             ", term ",
             state.term(),
             ", with ",
             state.outbox_size(),
             " events to say");
}

// What stands in an outbox is said by whoever restores it.
void Oracle::HearDecision(const broker::memory::StoredRecord& record) {
  // One is up again within seconds, and Kafka is not away for long.
  if (record.key == alerting::CollectorWatch::kStateKey) {
    return Fail("all collectors are taken for gone, and are not");
  }
  notifier::v1::AlertState state;
  if (!state.ParseFromString(record.value.value_or("")))
    return Fail("a notifier's state can't be read");
  for (const auto& entry : state.outbox()) {
    const bool raised = entry.notification().kind() == notifier::v1::NOTIFICATION_KIND_RAISED;
    promised_.insert(
        base::StrCat(raised ? kRaised : kCleared, state.device_id() + state.alert_id()));
  }
}

void Oracle::HearNotification(const std::string& value) {
  notifier::v1::Notification notification;
  if (!notification.ParseFromString(value)) return Fail("a notification can't be read");
  const Event& event = notification.event();
  if (!IsJam(event)) return;
  const std::string alert = event.device_id() + event.alert().alert_id();
  const bool raised = notification.kind() == notifier::v1::NOTIFICATION_KIND_RAISED;
  const auto [known, fresh] =
      told_.emplace(base::StrCat(raised ? kRaised : kCleared, alert), notification.id());
  if (fresh)
    trace_.Say("kafka: people are told: ", notification.title(), raised ? " began" : " is over");
  if (known->second != notification.id()) {
    Fail(base::StrCat("people are told of ", event.alert().alert_id(), " under two ids"));
  }
  if (!raised && !told_.contains(base::StrCat(kRaised, alert))) {
    Fail(base::StrCat("people are told of the end of ", event.alert().alert_id(), " first"));
  }
}

void Oracle::HearStored(const StoredEvent& stored) {
  last_seq_ = stored.seq;
  const auto found = facts_.find(stored.id);
  if (found == facts_.end()) return Fail("the gateway has an event that nobody has said");
  Fact& fact = found->second;
  if (!fact.payloads.contains(Hash(stored.payload))) {
    return Fail(base::StrCat("event ", Short(stored.id), " is another at the gateway"));
  }
  if (std::exchange(fact.stored, true)) {
    return Fail(base::StrCat("event ", Short(stored.id), " is at the gateway twice"));
  }
  trace_.Say("gateway: stores ", Short(stored.id));
  LanePartition& lane = lanes_[fact.lane_partition];
  // What retention ate may come late, from a relay that had read it before.
  const bool eaten =
      lane.records[static_cast<std::size_t>(fact.first_offset)].fate == Fate::kDropped;
  if (!eaten && fact.first_offset < std::exchange(lane.stored, fact.first_offset)) {
    Fail(base::StrCat("event ",
                      Short(stored.id),
                      " of ",
                      lane.partition.topic,
                      "/",
                      lane.partition.number,
                      " came to the gateway after one behind it"));
  }
  for (auto offset = static_cast<std::size_t>(fact.first_offset); offset < lane.records.size();
       ++offset) {
    if (lane.records[offset].id == stored.id) Settle(lane.records[offset], Fate::kDelivered);
  }
  Event event;
  if (!eaten && event.ParseFromString(stored.payload)) CheckOrder(event);
}

// Of what one life of a source says of a device in a lane, nothing overtakes anything.
void Oracle::CheckOrder(const Event& event) {
  const auto& source = event.source();
  // What a relay says of itself comes from each of its lanes.
  if (event.device_id().empty() && source.instance().starts_with("relay")) return;
  // A collector's report of what its spool has lost takes the place of that.
  if (event.device_id().empty() && event.has_gap()) return;
  std::uint64_t& newest =
      order_[{event.device_id(), event.lane(), source.instance(), source.epoch()}];
  if (source.sequence() <= newest) {
    Fail(base::StrCat("number ",
                      source.sequence(),
                      " of ",
                      source.instance(),
                      " came to the gateway after number ",
                      newest,
                      " of the same device"));
  }
  newest = source.sequence();
}

void Oracle::CheckCommits(LanePartition& lane) {
  const auto end = static_cast<std::int64_t>(lane.records.size());
  while (lane.ended < end &&
         lane.records[static_cast<std::size_t>(lane.ended)].fate != Fate::kInFlight) {
    ++lane.ended;
  }
  const std::int64_t committed = broker_.Committed(lane.group, lane.partition).value_or(0);
  if (committed > lane.ended) {
    Fail(base::StrCat("offset ",
                      committed,
                      " of ",
                      lane.partition.topic,
                      "/",
                      lane.partition.number,
                      " is committed, and ",
                      lane.ended,
                      " has not ended"));
  }
  if (lane.group == kRelayGroups[0]) CheckTold(lane);
}

void Oracle::CheckTold(LanePartition& lane) {
  const std::int64_t committed = broker_.Committed(kDecideGroup, lane.partition).value_or(0);
  for (; lane.told < committed; ++lane.told) {
    const std::string& to_tell = lane.records[static_cast<std::size_t>(lane.told)].to_tell;
    if (to_tell.empty() || told_.contains(to_tell) || promised_.contains(to_tell)) continue;
    return Fail(base::StrCat("the notifier has committed ",
                             committed,
                             " of partition ",
                             lane.partition.number,
                             ", and nobody was told of ",
                             lane.told));
  }
}

void Oracle::Check(const std::string& name, CollectorProcess& collector) {
  const collector::edge::SpoolLog& spool = collector.spool().log();
  if (!spool.IsEmpty()) return;
  if (promises_.Owed(name) > 0) {
    Fail(base::StrCat(name,
                      " has taken ",
                      promises_.WhatIsOwed(name),
                      " for durable, its spool is empty, and Kafka has neither it nor a gap"));
  }
  // A claim only grows, so that a wrong one is still there later.
  if (++claims_checked_ % 16 != 0) return;
  for (const auto& [stream, claimed] : collector.numbers().acknowledged()) {
    const std::uint64_t untold = promises_.FirstUntold({.instance = name,
                                                        .epoch = collector.epoch(),
                                                        .lane = stream.first,
                                                        .route = stream.second},
                                                       claimed);
    if (untold == 0) continue;
    Fail(base::StrCat(name,
                      " claims ",
                      claimed,
                      " numbers of the lane ",
                      event::LaneName(stream.first),
                      ", and Kafka has neither number ",
                      untold,
                      " nor a gap"));
  }
}

void Oracle::Check(const relay::core::RelayTotals& totals, std::size_t in_flight) {
  const std::uint64_t ended =
      totals.delivered + totals.dead_lettered + totals.dropped + totals.handed_back;
  if (totals.received == ended + in_flight) return;
  Fail(base::StrCat("a relay has received ",
                    totals.received,
                    ", ended ",
                    ended,
                    " and has ",
                    in_flight,
                    " in flight"));
}

std::uint64_t Oracle::claimed(const base::DeviceId& device) const {
  const auto found = claimed_.find(broker::PartitionFor(device.bytes(), kPartitions));
  return found == claimed_.end() ? 0 : found->second;
}

bool Oracle::IsDrained() const {
  if (fates_.in_flight > 0) return false;
  for (const LanePartition& lane : lanes_) {
    const auto end = static_cast<std::int64_t>(lane.records.size());
    if (broker_.Committed(lane.group, lane.partition).value_or(0) < end) return false;
    if (lane.group != kRelayGroups[0]) continue;
    if (broker_.Committed(kDecideGroup, lane.partition).value_or(0) < end) return false;
  }
  return true;
}

std::string Oracle::WhatIsLeft() {
  std::string left = base::StrCat(" ", gateway_.OpenAlerts(), " alerts open at the gateway;");
  for (std::size_t i = 0; i < printers_.size(); ++i) {
    left += base::StrCat(" printer ",
                         i,
                         ": ",
                         printers_[i].jams(),
                         " jams, ",
                         raised(i),
                         " beginnings, ",
                         ended(i),
                         " ends;");
  }
  for (const LanePartition& lane : lanes_) {
    left += base::StrCat(" ",
                         lane.partition.topic,
                         "/",
                         lane.partition.number,
                         ": ",
                         lane.records.size(),
                         " records, ended below ",
                         lane.ended,
                         ", relay at ",
                         broker_.Committed(lane.group, lane.partition).value_or(0),
                         ", notifier at ",
                         broker_.Committed(kDecideGroup, lane.partition).value_or(0),
                         ";");
  }
  return left;
}

void Oracle::CheckEnd() {
  CheckJams();
  CheckSequences();
  CheckOrders();
}

void Oracle::CheckJams() {
  std::size_t jams = 0;
  for (std::size_t i = 0; i < printers_.size(); ++i) {
    jams += static_cast<std::size_t>(printers_[i].jams());
    if (raised(i) == printers_[i].jams() && ended(i) == printers_[i].jams()) continue;
    Fail(base::StrCat("printer ",
                      i,
                      " has jammed ",
                      printers_[i].jams(),
                      " times, and Kafka has ",
                      raised(i),
                      " beginnings and ",
                      ended(i),
                      " ends of jams"));
  }
  if (told_.size() != 2 * jams) {
    Fail(
        base::StrCat(jams, " jams began and ended, and people were told ", told_.size(), " times"));
  }
  if (gateway_.OpenAlerts() != 0) {
    Fail(
        base::StrCat("all is well, and the gateway shows ", gateway_.OpenAlerts(), " open alerts"));
  }
}

void Oracle::CheckSequences() {
  // Numbers that retention ate are missing for good, also where another had said the same.
  if (gateway_.Sequences() != numbers_ && !has_gap_) {
    Fail("the gateway's sequence audit differs from the numbers in Kafka");
  }
}

// The newest order for each device is what the collectors read.
void Oracle::CheckOrders() {
  std::map<std::string, std::string> names;
  for (std::int32_t number = 0; number < kPartitions; ++number) {
    for (const auto& record : broker_.RecordsOf({event::Topics("platen").targets(), number})) {
      event::v1::Target target;
      if (!target.ParseFromString(record.value.value_or(""))) continue;
      names[record.key] = target.display_name();
    }
  }
  for (const auto& [device, name] : gateway_.Names()) {
    if (names[device] == name) continue;
    Fail(base::StrCat(
        "the newest order names a device ", name, ", and the collectors read ", names[device]));
  }
}

}  // namespace platen::simulation
