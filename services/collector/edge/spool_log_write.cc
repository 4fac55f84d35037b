// How the spool's file is opened, written, and set aside.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "libs/base/status.h"
#include "services/collector/edge/spool_log.h"

namespace platen::collector::edge {
namespace {

// SQLite's pages are never all full, and its log comes beside them.
std::uint64_t FileBytes(std::uint64_t bytes_max) {
  return bytes_max + bytes_max / 2 + (4u << 20);
}

constexpr std::size_t kTakenOverAtOnce = 1000;

}  // namespace

// --- Opening -------------------------------------------------------------------------------------

absl::StatusOr<std::unique_ptr<SpoolLog>> SpoolLog::Open(const SpoolLogOptions& options,
                                                         base::WallTime now) {
  auto log = std::unique_ptr<SpoolLog>(new SpoolLog(options));
  for (const event::v1::Lane number : event::kLanes) {
    log->lane(number).last_id = log->lane(number).seen = LaneBase(number);
  }
  const absl::Status opened = log->OpenStore(now);
  // A disk that is full or away may come back.
  if (absl::IsFailedPrecondition(opened)) return opened;
  log->trouble_ = opened;
  return log;
}

absl::Status SpoolLog::OpenStore(base::WallTime now) {
  absl::StatusOr<std::unique_ptr<SpoolStore>> opened =
      SpoolStore::Open(options_.file, FileBytes(options_.bytes_max));
  if (absl::IsDataLoss(opened.status())) return SetAside(opened.status(), now);
  if (!opened.ok()) return opened.status();
  store_ = *std::move(opened);
  const absl::Status loaded = Load();
  if (loaded.ok()) return loaded;
  store_.reset();
  return absl::IsDataLoss(loaded) ? SetAside(loaded, now) : loaded;
}

absl::Status SpoolLog::Load() {
  bytes_ = 0;
  for (const event::v1::Lane number : event::kLanes) {
    PLATEN_ASSIGN_OR_RETURN(const SpoolStore::LaneTotal total, store_->Total(number));
    Lane& of = lane(number);
    of.records = total.records;
    of.last_id = std::max(of.last_id, total.last_id);
    bytes_ += total.bytes;
  }
  // What was added while the file could not be read comes behind what is there.
  for (Added& added : added_) added.row.id = ++lane(added.row.lane()).last_id;
  PLATEN_ASSIGN_OR_RETURN(const std::vector<SpoolState> states, store_->States());
  states_.clear();
  for (const SpoolState& state : states) {
    states_[state.partition][state.key] = {state.size, state.term, ++last_version_};
    bytes_ += state.size;
  }
  PLATEN_ASSIGN_OR_RETURN(std::vector<SpoolGapRow> gaps, store_->Gaps());
  for (const SpoolGapRow& gap : gaps) last_gap_ = std::max(last_gap_, gap.id);
  gaps_changed_ = !gaps_.empty();
  for (const SpoolGapRow& known : gaps_) MergeGap(known.gap, gaps);
  gaps_ = std::move(gaps);
  return absl::OkStatus();
}

// The file is kept beside the new one for whoever wants to look.
absl::Status SpoolLog::SetAside(const absl::Status& why, base::WallTime now) {
  const std::string aside = base::StrCat(options_.file, ".damaged-", base::ToMillis(now));
  store_.reset();
  for (const std::string_view suffix : {"", "-wal", "-shm"}) {
    const std::string from = base::StrCat(options_.file, suffix);
    // The log of changes is not always there; without the file itself there is nothing to set
    // aside.
    if (std::rename(from.c_str(), base::StrCat(aside, suffix).c_str()) != 0 && suffix.empty()) {
      return base::Annotate(why, base::StrCat("renaming ", from));
    }
  }
  ++figures_.set_aside;
  TakeBack();
  forgotten_.clear();
  forgotten_states_.clear();
  states_.clear();
  for (Lane& each : lanes_) each.records = each.forgotten = 0;
  PLATEN_ASSIGN_OR_RETURN(store_, SpoolStore::Open(options_.file, FileBytes(options_.bytes_max)));
  const std::size_t taken_over = TakeOver(aside);
  PLATEN_RETURN_IF_ERROR(Load());
  const std::string name = aside.substr(aside.rfind('/') + 1);
  MergeGap({.reason = event::v1::Gap::REASON_CORRUPT,
            .detail = base::StrCat(
                name, " is damaged; ", taken_over, " events were read from it, others are lost")},
           gaps_);
  gaps_changed_ = true;
  return absl::OkStatus();
}

// Whatever can be read: what comes behind the first damage of a lane is lost.
std::size_t SpoolLog::TakeOver(const std::string& damaged) {
  const auto from = SpoolStore::OpenDamaged(damaged);
  if (!from.ok()) return 0;
  std::size_t taken_over = 0;
  std::size_t in_transaction = 0;
  const auto keep = [&](const absl::Status& written) {
    return written.ok() && (++in_transaction % kTakenOverAtOnce != 0 ||
                            (store_->Commit().ok() && store_->Begin().ok()));
  };
  if (!store_->Begin().ok()) return 0;
  if (const auto states = (*from)->States(); states.ok()) {
    for (const SpoolState& state : *states) {
      const auto read = (*from)->ReadState(state.partition, state.key);
      if (!read.ok() || (read->has_value() && !keep(store_->PutState(**read)))) break;
    }
  }
  for (const event::v1::Lane number : event::kLanes) {
    (*from)
        ->Scan(number,
               0,
               static_cast<std::size_t>(-1) >> 1,
               true,
               [&](SpoolRow& row) {
                 if (row.bytes.empty()) return true;
                 const bool kept = keep(store_->AddEvent(row));
                 taken_over += kept ? 1 : 0;
                 return kept;
               })
        .IgnoreError();
  }
  if (const auto gaps = (*from)->Gaps(); gaps.ok()) {
    for (const SpoolGapRow& gap : *gaps) keep(store_->PutGap(gap));
  }
  if (!store_->Commit().ok()) store_->Rollback();
  return taken_over;
}

// --- Writing -------------------------------------------------------------------------------------

absl::Status SpoolLog::Write(Writing& writing) {
  PLATEN_RETURN_IF_ERROR(store_->Begin());
  PLATEN_RETURN_IF_ERROR(WriteForgotten(writing));
  PLATEN_RETURN_IF_ERROR(WriteAdded(writing));
  if (gaps_changed_ || !writing.lost.empty()) {
    for (const SpoolGapRow& gap : writing.gaps) PLATEN_RETURN_IF_ERROR(store_->PutGap(gap));
  }
  return store_->Commit();
}

absl::Status SpoolLog::WriteForgotten(Writing& writing) {
  for (const auto& [id, size] : forgotten_) {
    PLATEN_RETURN_IF_ERROR(store_->DeleteEvent(id));
    --writing.records[core::PlaceOf(SpoolRow{.id = id}.lane())];
    writing.bytes -= static_cast<std::int64_t>(size);
  }
  for (const auto& [partition, key] : forgotten_states_) {
    PLATEN_RETURN_IF_ERROR(store_->DeleteState(partition, key));
  }
  return absl::OkStatus();
}

absl::Status SpoolLog::WriteAdded(Writing& writing) {
  for (const AddedState& added : added_states_) {
    // States are bounded by the devices there are: without room they are kept all the same.
    PLATEN_RETURN_IF_ERROR(MakeRoom(event::v1::LANE_ALERTS, added.state.size, writing).status());
    PLATEN_RETURN_IF_ERROR(store_->PutState(added.state));
  }
  for (const Added& added : added_) {
    const event::v1::Lane number = added.row.lane();
    PLATEN_ASSIGN_OR_RETURN(const bool fits, MakeRoom(number, added.row.size, writing));
    if (!fits) {
      MergeGap(GapOf(added.row, SpoolLoss::kFull), writing.gaps);
      writing.lost.emplace_back(number, SpoolLoss::kFull);
      continue;
    }
    PLATEN_RETURN_IF_ERROR(store_->AddEvent(added.row));
    ++writing.records[core::PlaceOf(number)];
    writing.bytes += static_cast<std::int64_t>(added.row.size);
    if (added.gap == 0) continue;
    PLATEN_RETURN_IF_ERROR(store_->DeleteGap(added.gap));
    std::erase_if(writing.gaps, [&](const SpoolGapRow& each) { return each.id == added.gap; });
  }
  return absl::OkStatus();
}

// False where the newcomer has to give way itself.
absl::StatusOr<bool> SpoolLog::MakeRoom(event::v1::Lane incoming,
                                        std::uint64_t size,
                                        Writing& writing) {
  while (static_cast<std::int64_t>(bytes_ + size) + writing.bytes >
         static_cast<std::int64_t>(options_.bytes_max)) {
    std::array<bool, core::kLaneCount> can_go{};
    for (std::size_t i = 0; i < core::kLaneCount; ++i) {
      can_go[i] = static_cast<std::int64_t>(lanes_[i].records) + writing.records[i] >
                  static_cast<std::int64_t>(lanes_[i].given_out);
    }
    const auto gives_way = core::GivesWay(incoming, can_go);
    if (!gives_way.has_value()) return false;
    PLATEN_ASSIGN_OR_RETURN(const bool gone, GiveUpOldest(*gives_way, writing));
    if (!gone) return false;
  }
  return true;
}

// Of those that Kafka can't have.
absl::StatusOr<bool> SpoolLog::GiveUpOldest(event::v1::Lane number, Writing& writing) {
  std::optional<SpoolRow> oldest;
  PLATEN_RETURN_IF_ERROR(
      store_->Scan(number, 0, lane(number).given_out + 1, false, [&](SpoolRow& row) {
        if (given_out_.contains(row.id)) return true;
        oldest = std::move(row);
        return false;
      }));
  if (!oldest.has_value()) return false;
  PLATEN_RETURN_IF_ERROR(store_->DeleteEvent(oldest->id));
  MergeGap(GapOf(*oldest, SpoolLoss::kFull), writing.gaps);
  writing.lost.emplace_back(number, SpoolLoss::kFull);
  --writing.records[core::PlaceOf(number)];
  writing.bytes -= static_cast<std::int64_t>(oldest->size);
  return true;
}

void SpoolLog::Apply(Writing& writing, Ended& ended) {
  for (std::size_t i = 0; i < core::kLaneCount; ++i) {
    lanes_[i].records = static_cast<std::uint64_t>(static_cast<std::int64_t>(lanes_[i].records) +
                                                   writing.records[i]);
    lanes_[i].added = 0;
    lanes_[i].forgotten = 0;
  }
  bytes_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(bytes_) + writing.bytes);
  for (const auto& [number, loss] : writing.lost) Count(number, loss);
  gaps_ = std::move(writing.gaps);
  gaps_changed_ = false;
  forgotten_.clear();
  forgotten_states_.clear();
  figures_.written += added_.size();
  for (const Added& added : added_) ended.events.push_back({added.token, absl::OkStatus()});
  for (AddedState& added : added_states_) {
    KeptState& kept = states_[added.state.partition][added.state.key];
    bytes_ += added.state.size - kept.size;
    kept = {added.state.size, added.state.term, added.version};
    ended.states.push_back({added.token, absl::OkStatus()});
  }
  added_.clear();
  added_states_.clear();
  added_keys_.clear();
  added_bytes_ = 0;
}

// --- Overtaken -----------------------------------------------------------------------------------

absl::Status SpoolLog::Overtaken(std::int32_t partition, const core::Overtaking& by) {
  const auto kept = states_.find(partition);
  if (kept == states_.end()) return absl::OkStatus();
  if (!trouble_.ok() || store_ == nullptr) return trouble_;
  Spared spared;
  absl::Status written = store_->Begin();
  if (written.ok()) written = Spare(partition, by, spared);
  if (written.ok()) written = store_->Commit();
  if (!written.ok()) {
    store_->Rollback();
    return trouble_ = written;
  }
  // Should the process end before these are written, the next life comes to the same. In their
  // order numbers are few gaps.
  std::ranges::sort(spared.given_up, {}, [](const auto& each) { return each.first.id; });
  bytes_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(bytes_) + spared.bytes);
  for (const auto& [row, why] : spared.given_up) Lose(row, why);
  for (const auto& [key, state] : kept->second) {
    bytes_ -= state.size;
    forgotten_states_.emplace(partition, key);
  }
  states_.erase(kept);
  return absl::OkStatus();
}

absl::Status SpoolLog::Spare(std::int32_t partition, const core::Overtaking& by, Spared& spared) {
  for (const auto& [device, state] : states_.at(partition)) {
    PLATEN_ASSIGN_OR_RETURN(std::vector<SpoolRow> rows,
                            store_->CountedOf(partition, device, options_.bytes_max));
    std::erase_if(rows, [this](const SpoolRow& row) {
      return given_out_.contains(row.id) || forgotten_.contains(row.id);
    });
    std::vector<event::v1::Event> events(rows.size());
    std::vector<bool> sound;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      sound.push_back(!rows[i].bytes.empty() && events[i].ParseFromString(rows[i].bytes));
      if (!sound.back()) events[i].Clear();
    }
    const std::vector<core::SpooledFate> fates = core::FatesOf(events, by);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      SpoolRow& row = rows[i];
      if (sound[i] && fates[i] == core::SpooledFate::kSaid) continue;
      if (fates[i] != core::SpooledFate::kNamed || !core::NameByTerm(events[i]).ok()) {
        row.bytes.clear();
        const SpoolLoss why = sound[i] ? SpoolLoss::kOvertaken : SpoolLoss::kDamaged;
        spared.given_up.emplace_back(std::move(row), why);
        continue;
      }
      row.bytes = events[i].SerializeAsString();
      PLATEN_RETURN_IF_ERROR(store_->ReplaceEvent(row));
      spared.bytes += static_cast<std::int64_t>(SpoolSizeOf(row.bytes.size())) -
                      static_cast<std::int64_t>(row.size);
    }
  }
  return absl::OkStatus();
}

}  // namespace platen::collector::edge
