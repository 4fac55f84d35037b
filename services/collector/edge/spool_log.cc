#include "services/collector/edge/spool_log.h"

#include <algorithm>
#include <utility>

#include "platen/collector/v1/state.pb.h"

#include "libs/base/planted_bug.h"
#include "libs/event/timestamps.h"

namespace platen::collector::edge {
namespace {

// What is only to be deleted waits for company.
constexpr std::size_t kForgottenMax = 1000;
constexpr base::Duration kForgottenWait = std::chrono::milliseconds(500);
// Commits cost an fsync each; alerts wait this long for company at the most.
constexpr base::Duration kGroupWait = std::chrono::milliseconds(10);
constexpr std::uint64_t kGroupBytes = 256 * 1024;
// Rows that one call of Take() looks at.
constexpr std::size_t kLookMax = 2000;

std::string_view WordsOf(SpoolLoss loss) {
  switch (loss) {
    case SpoolLoss::kFull:
      return "shed: Kafka was away for longer than the spool has room for";
    case SpoolLoss::kMemory:
      return "shed: the spool's disk could not be written, and memory was full";
    case SpoolLoss::kOvertaken:
      return "given up: another collector had taken over first, and says what still holds";
    case SpoolLoss::kDamaged:
      return "given up: the spool's disk gave back other bytes than were written";
    case SpoolLoss::kRefused:
      return "given up: Kafka refused them for good";
  }
  return "";
}

event::v1::Gap::Reason ReasonOf(SpoolLoss loss) {
  if (loss == SpoolLoss::kOvertaken) return event::v1::Gap::REASON_GIVEN_UP;
  return loss == SpoolLoss::kDamaged ? event::v1::Gap::REASON_CORRUPT : event::v1::Gap::REASON_SHED;
}

}  // namespace

core::SpoolGap GapOf(const SpoolRow& row, SpoolLoss loss) {
  return {.reason = ReasonOf(loss),
          .epoch = row.epoch,
          .lane = row.lane(),
          .route = row.route,
          .first = row.sequence,
          .last = row.sequence,
          .detail = std::string(WordsOf(loss))};
}

// --- Taking in -----------------------------------------------------------------------------------

void SpoolLog::Add(const event::v1::Event& event, std::int32_t partition, std::uint64_t token) {
  Added added;
  added.token = token;
  SpoolRow& row = added.row;
  row.partition = partition;
  row.device = event.device_id();
  row.counted = core::RestsOnState(event);
  row.epoch = event.source().epoch();
  row.sequence = event.source().sequence();
  row.route = event.source().route();
  row.time = event::FromProto(event.observation_time());
  row.bytes = event.SerializeAsString();
  row.size = SpoolSizeOf(row.bytes.size());
  added.gap = FindReported(event);
  BoundMemory(event.lane(), row.size);
  row.id = ++lane(event.lane()).last_id;
  ++lane(event.lane()).added;
  added_bytes_ += row.size;
  added_.push_back(std::move(added));
}

void SpoolLog::AddState(SpoolState state, std::uint64_t token) {
  state.size = SpoolSizeOf(state.value.value_or("").size());
  added_keys_.emplace(state.partition, state.key);
  added_states_.push_back({std::move(state), token, ++last_version_});
}

// Only where the file can't be written does so much wait: one reading of each device at the most.
void SpoolLog::BoundMemory(event::v1::Lane incoming, std::uint64_t size) {
  if (trouble_.ok()) return;
  while (added_bytes_ + size > options_.memory_bytes_max) {
    std::array<bool, core::kLaneCount> can_go{};
    for (std::size_t i = 0; i < core::kLaneCount; ++i) can_go[i] = lanes_[i].added > 0;
    const auto gives_way = core::GivesWay(incoming, can_go);
    if (!gives_way.has_value()) return;
    const auto oldest = std::ranges::find_if(
        added_, [&](const Added& each) { return each.row.lane() == *gives_way; });
    MergeGap(GapOf(oldest->row, SpoolLoss::kMemory), gaps_);
    Count(*gives_way, SpoolLoss::kMemory);
    gaps_changed_ = true;
    --lane(*gives_way).added;
    added_bytes_ -= oldest->row.size;
    ended_early_.push_back(oldest->token);
    added_.erase(oldest);
  }
}

void SpoolLog::Purge(Ended& ended) {
  for (const Added& each : added_) ended.events.push_back({each.token, absl::CancelledError()});
  for (const AddedState& each : added_states_) {
    ended.states.push_back({each.token, absl::CancelledError()});
  }
  for (Lane& each : lanes_) each.added = 0;
  added_.clear();
  added_states_.clear();
  added_keys_.clear();
  added_bytes_ = 0;
}

bool SpoolLog::IsDue(base::MonotonicTime now) const {
  if (!trouble_.ok() || store_ == nullptr) return now >= retry_at_;
  if (!added_.empty() || !added_states_.empty() || !forgotten_states_.empty()) {
    return added_bytes_ >= kGroupBytes || now - last_write_ >= kGroupWait;
  }
  return forgotten_.size() >= kForgottenMax ||
         ((!forgotten_.empty() || gaps_changed_) && now - last_write_ >= kForgottenWait);
}

void SpoolLog::Flush(base::MonotonicTime now, base::WallTime wall, Ended& ended) {
  for (const std::uint64_t token : std::exchange(ended_early_, {})) {
    ended.events.push_back({token, absl::OkStatus()});  // Counted and remembered: it has ended.
  }
  if (base::IsPlanted(base::PlantedBug::kAnswersBeforeSync)) {
    for (Added& each : added_) {
      ended.events.push_back({std::exchange(each.token, 0), absl::OkStatus()});
    }
  }
  if (!IsDue(now)) return;
  last_write_ = now;
  if (store_ == nullptr) {
    if (const absl::Status opened = OpenStore(wall); !opened.ok()) {
      return Failed(opened, now, wall);
    }
  }
  Writing writing;
  writing.gaps = gaps_;
  if (const absl::Status written = Write(writing); !written.ok()) {
    store_->Rollback();
    return Failed(written, now, wall);
  }
  trouble_ = absl::OkStatus();
  Apply(writing, ended);
}

void SpoolLog::Failed(const absl::Status& status, base::MonotonicTime now, base::WallTime wall) {
  trouble_ = status;
  retry_at_ = now + std::chrono::seconds(1);
  ++figures_.failed_writes;
  if (!absl::IsDataLoss(status)) return;
  trouble_ = SetAside(status, wall);
  if (trouble_.ok()) retry_at_ = now;
}

// --- Giving out ----------------------------------------------------------------------------------

absl::Status SpoolLog::Take(event::v1::Lane number,
                            std::size_t limit,
                            std::vector<SpoolRow>& rows) {
  Lane& from = lane(number);
  if (store_ == nullptr || limit == 0 || from.records <= from.given_out + from.forgotten) {
    return absl::OkStatus();
  }
  std::size_t looked = 0;
  std::vector<SpoolRow> damaged;
  const absl::Status scanned = store_->Scan(number, from.seen, kLookMax, true, [&](SpoolRow& row) {
    ++looked;
    from.seen = row.id;
    if (given_out_.contains(row.id) || forgotten_.contains(row.id)) return true;
    if (from.passed.contains(row.partition) || states_.contains(row.partition)) {
      from.passed.insert(row.partition);
      return true;
    }
    if (row.bytes.empty()) {
      damaged.push_back(std::move(row));
      return true;
    }
    given_out_[row.id] = row.size;
    ++from.given_out;
    rows.push_back(std::move(row));
    return --limit > 0;
  });
  for (const SpoolRow& row : damaged) Lose(row, SpoolLoss::kDamaged);
  const bool exhausted = looked < kLookMax && limit > 0;
  const auto open = [this](std::int32_t passed) { return !states_.contains(passed); };
  if (exhausted && std::ranges::any_of(from.passed, open)) {
    from.passed.clear();
    from.seen = LaneBase(number);
  }
  return scanned;
}

void SpoolLog::Forget(std::int64_t id, std::uint64_t size) {
  Lane& of = lane(SpoolRow{.id = id}.lane());
  if (given_out_.erase(id) > 0) --of.given_out;
  if (forgotten_.emplace(id, size).second) ++of.forgotten;
}

void SpoolLog::Delivered(std::int64_t id) {
  const auto given = given_out_.find(id);
  if (given != given_out_.end()) Forget(id, given->second);
}

void SpoolLog::Lose(const SpoolRow& row, SpoolLoss loss) {
  Forget(row.id, row.size);
  MergeGap(GapOf(row, loss), gaps_);
  gaps_changed_ = true;
  Count(row.lane(), loss);
}

void SpoolLog::TakeBack() {
  given_out_.clear();
  for (const event::v1::Lane number : event::kLanes) {
    Lane& each = lane(number);
    each.given_out = 0;
    each.seen = LaneBase(number);
    each.passed.clear();
  }
}

void SpoolLog::TakeBack(std::int64_t id) {
  Lane& of = lane(SpoolRow{.id = id}.lane());
  if (given_out_.erase(id) > 0) --of.given_out;
  of.seen = std::min(of.seen, id - 1);
}

bool SpoolLog::HasRows() const {
  return std::ranges::any_of(
      lanes_, [](const Lane& each) { return each.records > each.given_out + each.forgotten; });
}

bool SpoolLog::IsEmpty() const {
  return added_.empty() && gaps_.empty() && std::ranges::all_of(lanes_, [](const Lane& each) {
           return each.records == each.forgotten;
         });
}

bool SpoolLog::IsWaiting(event::v1::Lane number) const {
  const Lane& of = lanes_[core::PlaceOf(number)];
  return of.added > 0 || of.records > of.given_out + of.forgotten;
}

// --- States --------------------------------------------------------------------------------------

bool SpoolLog::HoldsState(std::int32_t partition, std::string_view key) const {
  const std::string wanted(key);
  const std::pair wanted_key(partition, wanted);
  if (added_keys_.contains(wanted_key) || forgotten_states_.contains(wanted_key)) return true;
  const auto found = states_.find(partition);
  return found != states_.end() && found->second.contains(wanted);
}

bool SpoolLog::HoldsStates(std::int32_t partition) const {
  return states_.contains(partition) ||
         std::ranges::any_of(added_states_, [partition](const AddedState& each) {
           return each.state.partition == partition;
         });
}

absl::StatusOr<std::optional<SpoolState>> SpoolLog::ReadState(std::int32_t partition,
                                                              const std::string& key) {
  if (store_ == nullptr) return trouble_;
  auto state = store_->ReadState(partition, key);
  if (!state.ok() || state->has_value()) return state;
  const auto kept = states_.find(partition);
  if (kept == states_.end()) return state;
  const auto of_device = kept->second.find(key);
  if (of_device != kept->second.end()) Shared(partition, key, of_device->second.version);
  return state;
}

absl::StatusOr<std::string> SpoolLog::OutboxOf(std::int32_t partition,
                                               const std::string& key,
                                               std::uint64_t bytes_max) {
  if (store_ == nullptr) return trouble_;
  const auto rows = store_->CountedOf(partition, key, bytes_max);
  if (!rows.ok()) return rows.status();
  collector::v1::DeviceState outbox;
  for (const SpoolRow& row : *rows) {
    if (row.bytes.empty() || forgotten_.contains(row.id)) continue;
    if (!outbox.add_outbox()->ParseFromString(row.bytes)) outbox.mutable_outbox()->RemoveLast();
  }
  return outbox.SerializeAsString();
}

void SpoolLog::Shared(std::int32_t partition, const std::string& key, std::uint64_t version) {
  const auto kept = states_.find(partition);
  if (kept == states_.end()) return;
  const auto of_device = kept->second.find(key);
  if (of_device == kept->second.end() || of_device->second.version != version) return;
  bytes_ -= of_device->second.size;
  kept->second.erase(of_device);
  if (kept->second.empty()) states_.erase(kept);
  forgotten_states_.emplace(partition, key);
}

// --- Gaps ----------------------------------------------------------------------------------------

void SpoolLog::MergeGap(const core::SpoolGap& gap, std::vector<SpoolGapRow>& gaps) {
  if (base::IsPlanted(base::PlantedBug::kShedsSilently)) return;
  for (SpoolGapRow& each : gaps) {
    if (each.said || !each.gap.GoesOn(gap)) continue;
    each.gap.last = gap.last;
    return;
  }
  gaps.push_back({++last_gap_, gap, false});
}

// The gap that the event tells of; 0: none of these.
std::int64_t SpoolLog::FindReported(const event::v1::Event& event) const {
  if (!event.has_gap()) return 0;
  const auto reported = std::ranges::find_if(gaps_, [&](const SpoolGapRow& each) {
    const event::v1::Gap said = core::ToEvent(each.gap, options_.instance).gap();
    return each.said && said.stream() == event.gap().stream() &&
           said.first() == event.gap().first() && said.last() == event.gap().last();
  });
  return reported == gaps_.end() ? 0 : reported->id;
}

std::vector<event::v1::Event> SpoolLog::TakeGaps(base::WallTime now) {
  std::vector<event::v1::Event> events;
  for (SpoolGapRow& each : gaps_) {
    if (each.said || events.size() == core::kGapReportsMax) continue;
    each.said = true;
    event::v1::Event& event = events.emplace_back(core::ToEvent(each.gap, options_.instance));
    *event.mutable_observation_time() = event::ToProto(now);
  }
  return events;
}

void SpoolLog::Count(event::v1::Lane number, SpoolLoss loss) {
  ++figures_.lost[core::PlaceOf(number)][static_cast<std::size_t>(loss)];
}

SpoolLogFigures SpoolLog::figures() {
  SpoolLogFigures figures = figures_;
  figures.bytes = bytes_;
  for (const auto& [partition, kept] : states_) figures.states += kept.size();
  for (const event::v1::Lane number : event::kLanes) {
    const Lane& of = lane(number);
    figures.records[core::PlaceOf(number)] = of.records - of.forgotten;
    if (store_ == nullptr || of.records == 0) continue;
    store_
        ->Scan(number,
               0,
               1,
               false,
               [&](const SpoolRow& row) {
                 const bool first = figures.oldest == base::WallTime();
                 figures.oldest = first ? row.time : std::min(figures.oldest, row.time);
                 return false;
               })
        .IgnoreError();  // A damaged file shows when it is written.
  }
  return figures;
}

}  // namespace platen::collector::edge
