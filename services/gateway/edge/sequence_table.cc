#include "services/gateway/edge/sequence_table.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"

namespace platen::gateway::edge {

using core::SourceStream;

absl::StatusOr<SequenceTable> SequenceTable::Load(Database& database, std::int64_t now_ms) {
  PLATEN_ASSIGN_OR_RETURN(
      Statement put,
      database.Prepare(
          "INSERT OR REPLACE INTO sequences(installation, instance, epoch, lane, route,"
          " seen, claimed, claimed_ms, excused) VALUES(?,?,?,?,?,?,?,?,?)"));
  SequenceTable table(std::move(put));
  PLATEN_ASSIGN_OR_RETURN(
      Statement all,
      database.Prepare("SELECT installation, instance, epoch, lane, route, seen,"
                       " claimed, claimed_ms, excused FROM sequences"));
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, all.Step());
    if (!row) break;
    Seen seen{.claimed = static_cast<std::uint64_t>(all.Int(6)), .claimed_ms = all.Int(7)};
    PLATEN_ASSIGN_OR_RETURN(seen.numbers.seen, core::IntervalSet::Decode(all.Bytes(5)));
    PLATEN_ASSIGN_OR_RETURN(seen.numbers.excused, core::IntervalSet::Decode(all.Bytes(8)));
    SourceStream stream{all.String(0),
                        all.String(1),
                        static_cast<std::uint64_t>(all.Int(2)),
                        static_cast<event::v1::Lane>(all.Int(3)),
                        all.String(4)};
    ++table.streams_of_[stream.installation];
    table.committed_.emplace(std::move(stream), std::move(seen));
  }
  PLATEN_RETURN_IF_ERROR(table.Forget(database, now_ms));
  return table;
}

absl::Status SequenceTable::Forget(Database& database, std::int64_t now_ms) {
  std::vector<SourceStream> over;
  for (const auto& [stream, seen] : committed_) {
    if (seen.claimed_ms != 0 && now_ms - seen.claimed_ms > kKeptMs && HasLaterLife(stream) &&
        seen.numbers.Missing(seen.claimed) == 0) {
      over.push_back(stream);
    }
  }
  if (over.empty()) return absl::OkStatus();
  PLATEN_RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  PLATEN_ASSIGN_OR_RETURN(Statement forget,
                          database.Prepare("DELETE FROM sequences WHERE installation=? AND"
                                           " instance=? AND epoch=? AND lane=? AND route=?"));
  for (const SourceStream& stream : over) {
    BindStream(forget, stream);
    PLATEN_RETURN_IF_ERROR(forget.Run());
    committed_.erase(stream);
    --streams_of_[stream.installation];
  }
  return database.Execute("COMMIT");
}

int SequenceTable::BindStream(Statement& statement, const SourceStream& stream) {
  statement.BindText(1, stream.installation)
      .BindText(2, stream.instance)
      .Bind(3, static_cast<std::int64_t>(stream.epoch))
      .Bind(4, stream.lane)
      .BindText(5, stream.route);
  return 6;
}

SequenceTable::Seen* SequenceTable::FindChanged(const SourceStream& stream) {
  const auto changed = changed_.find(stream);
  if (changed != changed_.end()) return &changed->second;
  const auto before = committed_.find(stream);
  if (before != committed_.end()) return &changed_.emplace(stream, before->second).first->second;
  std::size_t& streams = streams_of_[stream.installation];
  if (streams >= kStreamsMax) return nullptr;
  ++streams;
  return &changed_[stream];
}

std::uint64_t SequenceTable::Add(const core::SequenceReport& report, std::int64_t now_ms) {
  Seen* const seen = FindChanged(report.stream);
  if (seen == nullptr) {
    ++unbooked_;
    return 0;
  }
  if (report.first != 0) {
    std::uint64_t repeated = 0;
    if (report.is_told_gap) {
      seen->numbers.excused.Add(report.first, report.last);
    } else {
      const core::NumberRange came{report.first, report.last};
      for (const auto& range : seen->numbers.seen.RangesIn(came)) repeated += range.count();
      seen->numbers.seen.Add(report.first, report.last);
    }
    return repeated;
  }
  heard_ms_[LifeOf(report.stream)] = now_ms;
  if (report.claimed > seen->claimed) {
    seen->claimed = report.claimed;
    seen->claimed_ms = now_ms;
  }
  return 0;
}

absl::Status SequenceTable::Write() {
  for (const auto& [stream, seen] : changed_) {
    const std::string numbers = seen.numbers.seen.Encode();
    const std::string excused = seen.numbers.excused.Encode();
    const int next = BindStream(put_, stream);
    put_.BindBlob(next, numbers)
        .Bind(next + 1, static_cast<std::int64_t>(seen.claimed))
        .Bind(next + 2, seen.claimed_ms)
        .BindBlob(next + 3, excused);
    PLATEN_RETURN_IF_ERROR(put_.Run());
  }
  return absl::OkStatus();
}

void SequenceTable::Commit() {
  for (auto& [stream, seen] : changed_) committed_[stream] = std::move(seen);
  changed_.clear();
}

void SequenceTable::Rollback() {
  for (const auto& [stream, seen] : changed_) {
    if (!committed_.contains(stream)) --streams_of_[stream.installation];
  }
  changed_.clear();
}

std::uint64_t SequenceTable::Missing(std::int64_t now_ms, std::int64_t patience_ms) const {
  std::uint64_t missing = 0;
  for (const auto& [stream, seen] : committed_) {
    const bool due = now_ms - seen.claimed_ms >= patience_ms;
    missing += seen.numbers.Missing(due ? seen.claimed : 0);
  }
  return missing;
}

SequenceTable::Life SequenceTable::LifeOf(const SourceStream& stream) {
  return {stream.installation, stream.instance, stream.epoch};
}

bool SequenceTable::HasLaterLife(const SourceStream& stream) const {
  const auto later_in = [&stream](const Streams& known) {
    const auto behind =
        known.lower_bound({stream.installation, stream.instance, stream.epoch + 1, {}, {}});
    return behind != known.end() && behind->first.installation == stream.installation &&
           behind->first.instance == stream.instance;
  };
  return later_in(committed_) || later_in(changed_);
}

void SequenceTable::ForEachWithHoles(const Look& look) const {
  const auto show = [&](const SourceStream& stream, const Seen& seen) {
    if (seen.numbers.Missing(seen.claimed) == 0) return;
    const auto heard = heard_ms_.find(LifeOf(stream));
    look(stream,
         seen.numbers,
         {.claimed = seen.claimed,
          .heard_ms = heard == heard_ms_.end() ? 0 : heard->second,
          .ended = HasLaterLife(stream)});
  };
  for (const auto& [stream, seen] : changed_) show(stream, seen);
  for (const auto& [stream, seen] : committed_) {
    if (!changed_.contains(stream)) show(stream, seen);
  }
}

}  // namespace platen::gateway::edge
