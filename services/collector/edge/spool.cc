#include "services/collector/edge/spool.h"

#include <utility>

#include "libs/base/planted_bug.h"
#include "libs/base/status.h"
#include "libs/broker/broker.h"

namespace platen::collector::edge {
namespace {

// What Kafka is given out of the spool at a time: little while it is away, so that alerts that come
// later go before telemetry that is not on its way yet.
constexpr std::size_t kGivenAway = 64;
constexpr std::size_t kGivenMax = 2000;
constexpr std::uint64_t kGivenBytesMax = 4u << 20;

}  // namespace

// --- What both ends share ------------------------------------------------------------------------

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(const SpoolOptions& options,
                                                   const base::Clock& clock) {
  PLATEN_ASSIGN_OR_RETURN(auto log, SpoolLog::Open(options.log, clock.WallNow()));
  auto spool = std::unique_ptr<Spool>(new Spool(options, clock, std::move(log)));
  spool->trouble_ = spool->log_->trouble();
  return spool;
}

void Spool::OnTurn() {
  const base::MonotonicTime now = clock_.Now();
  outage_.OnTime(now, waiting.events + waiting.states > 0);
  const std::size_t states = ended_.states.size();
  log_->Flush(now, clock_.WallNow(), ended_);
  if (ended_.states.size() != states) ++states_written_;
  // Kafka is there and the disk is not: the core says again what waits for the disk, past the
  // spool.
  if (is_direct() && !log_->trouble().ok() && !log_->HasRows()) log_->Purge(ended_);
  const std::lock_guard lock(mutex_);
  if (trouble_ != log_->trouble()) trouble_ = log_->trouble();
}

bool Spool::IsDrained() const {
  if (is_away()) return true;
  if (log_->given_out() > 0 || !log_->states().empty()) return false;
  for (const event::v1::Lane lane : event::kLanes) {
    if (log_->IsWaiting(lane)) return false;
  }
  return true;
}

SpoolFigures Spool::figures() {
  return {log_->figures(), outage_.phase(), outage_.outages()};
}

absl::Status Spool::Check() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

// --- Events --------------------------------------------------------------------------------------

absl::Status SpooledEvents::Publish(const event::v1::Event& event, std::uint64_t token) {
  if (MayGoDirectly(event)) {
    PLATEN_RETURN_IF_ERROR(kafka_->Publish(event, token));
    ++direct_;
    return absl::OkStatus();
  }
  spool_.log().Add(event, PartitionOf(event), token);
  return absl::OkStatus();
}

std::int32_t SpooledEvents::PartitionOf(const event::v1::Event& event) const {
  return event.device_id().empty() ? -1
                                   : broker::PartitionFor(event.device_id(), spool_.partitions());
}

bool SpooledEvents::MayGoDirectly(const event::v1::Event& event) const {
  const SpoolLog& log = spool_.log();
  // The report of a gap of the spool goes by it always, and takes the gap's place.
  if (!spool_.is_direct() || log.IsWaiting(event.lane()) || log.IsReport(event)) return false;
  // It may rest on a state that nobody else can know yet, though Kafka is there again.
  return !log.HoldsStates() || base::IsPlanted(base::PlantedBug::kPassesSpooledState) ||
         !log.HoldsStates(PartitionOf(event));
}

absl::Status SpooledEvents::Poll(std::vector<core::Published>& published) {
  reports_.clear();
  const absl::Status polled = kafka_->Poll(reports_);
  TakeReports(published);
  spool_.waiting.events = direct_ + given_.size();
  spool_.OnTurn();
  // What came out of the spool is safe where it is; and a Kafka that is slow to come back would be
  // slower for each session that is begun anew.
  const bool outage = std::exchange(outages_seen_, spool_.outages()) != spool_.outages();
  if (outage && direct_ > 0) {
    kafka_->Purge();
    TakeBack();
  }
  std::vector<core::Published>& ended = spool_.ended().events;
  published.insert(published.end(), ended.begin(), ended.end());
  ended.clear();
  Drain();
  return polled;
}

void SpooledEvents::TakeReports(std::vector<core::Published>& published) {
  for (core::Published& report : reports_) {
    if (report.status.ok()) spool_.OnSign();
    if ((report.token & kOfSpool) == 0) {
      if (direct_ > 0) --direct_;
      published.push_back(std::move(report));
      continue;
    }
    const auto given = given_.find(report.token);
    if (given == given_.end()) continue;  // Was taken back.
    const SpoolRow& row = given->second;
    if (report.status.ok()) {
      spool_.log().Delivered(row.id);
    } else if (absl::IsCancelled(report.status)) {
      spool_.log().TakeBack(row.id);
    } else {
      spool_.log().Lose(row, SpoolLoss::kRefused);
    }
    given_bytes_ -= row.size;
    given_.erase(given);
  }
}

void SpooledEvents::TakeBack() {
  given_.clear();
  given_bytes_ = 0;
  spool_.log().TakeBack();
}

void SpooledEvents::Purge() {
  kafka_->Purge();
  TakeBack();
  spool_.log().Purge(spool_.ended());
}

void SpooledEvents::Drain() {
  const std::size_t bound = spool_.is_away() ? kGivenAway : kGivenMax;
  std::vector<SpoolRow> rows;
  for (const event::v1::Lane lane : event::kLanes) {
    if (given_.size() >= bound || given_bytes_ >= kGivenBytesMax) return;
    rows.clear();
    // A damaged file shows when it is written next.
    spool_.log().Take(lane, bound - given_.size(), rows).IgnoreError();
    bool full = false;
    for (SpoolRow& row : rows) {
      full = full || given_bytes_ >= kGivenBytesMax || !Give(row);
      if (full) spool_.log().TakeBack(row.id);
    }
    if (full) return;
  }
}

// False where Kafka's client has no room.
bool SpooledEvents::Give(SpoolRow& row) {
  event::v1::Event event;
  if (!event.ParseFromString(row.bytes)) {
    spool_.log().Lose(row, SpoolLoss::kDamaged);
    return true;
  }
  const std::uint64_t token = kOfSpool | ++last_given_;
  const absl::Status given = kafka_->Publish(event, token);
  if (absl::IsResourceExhausted(given) || absl::IsUnavailable(given)) return false;
  if (!given.ok()) {
    spool_.log().Lose(row, SpoolLoss::kRefused);
    return true;
  }
  if (base::IsPlanted(base::PlantedBug::kForgetsSpooled)) spool_.log().Delivered(row.id);
  row.bytes.clear();
  given_bytes_ += row.size;
  given_.emplace(token, std::move(row));
  return true;
}

}  // namespace platen::collector::edge
