#include "services/gateway/edge/sequence_table.h"

#include <utility>

#include "libs/base/status.h"
#include "services/gateway/core/source_stream.h"

namespace platen::gateway::edge {

absl::StatusOr<SequenceTable> SequenceTable::Load(Database& database) {
  PLATEN_ASSIGN_OR_RETURN(
      Statement put, database.Prepare("INSERT OR REPLACE INTO sequences VALUES(?,?,?,?,?,?,?,?)"));
  SequenceTable table(std::move(put));
  PLATEN_ASSIGN_OR_RETURN(Statement all,
                          database.Prepare("SELECT instance, epoch, lane, route, seen, claimed, "
                                           "claimed_ms, excused FROM sequences"));
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, all.Step());
    if (!row) return table;
    Seen seen{.claimed = static_cast<std::uint64_t>(all.Int(5)), .claimed_ms = all.Int(6)};
    PLATEN_ASSIGN_OR_RETURN(seen.numbers.seen, core::IntervalSet::Decode(all.Bytes(4)));
    PLATEN_ASSIGN_OR_RETURN(seen.numbers.excused, core::IntervalSet::Decode(all.Bytes(7)));
    table.committed_.emplace(Key(all.String(0),
                                 static_cast<std::uint64_t>(all.Int(1)),
                                 static_cast<int>(all.Int(2)),
                                 all.String(3)),
                             std::move(seen));
  }
}

std::uint64_t SequenceTable::Add(const core::SequenceReport& report, std::int64_t now_ms) {
  const Key key(report.instance, report.epoch, report.lane, report.route);
  auto changed = changed_.find(key);
  if (changed == changed_.end()) {
    const auto before = committed_.find(key);
    changed = changed_.emplace(key, before == committed_.end() ? Seen() : before->second).first;
  }
  Seen& seen = changed->second;
  if (report.first != 0) {
    std::uint64_t repeated = 0;
    if (report.is_told_gap) {
      seen.numbers.excused.Add(report.first, report.last);
    } else {
      const core::NumberRange came{report.first, report.last};
      for (const auto& range : seen.numbers.seen.RangesIn(came)) repeated += range.count();
      seen.numbers.seen.Add(report.first, report.last);
    }
    return repeated;
  }
  heard_ms_[{report.instance, report.epoch}] = now_ms;
  if (report.claimed > seen.claimed) {
    seen.claimed = report.claimed;
    seen.claimed_ms = now_ms;
  }
  return 0;
}

absl::Status SequenceTable::Write() {
  for (const auto& [key, seen] : changed_) {
    const auto& [instance, epoch, lane, route] = key;
    const std::string numbers = seen.numbers.seen.Encode();
    const std::string excused = seen.numbers.excused.Encode();
    put_.BindText(1, instance)
        .Bind(2, static_cast<std::int64_t>(epoch))
        .Bind(3, lane)
        .BindText(4, route)
        .BindBlob(5, numbers)
        .Bind(6, static_cast<std::int64_t>(seen.claimed))
        .Bind(7, seen.claimed_ms)
        .BindBlob(8, excused);
    PLATEN_RETURN_IF_ERROR(put_.Run());
  }
  return absl::OkStatus();
}

void SequenceTable::Commit() {
  for (auto& [key, seen] : changed_) committed_[key] = std::move(seen);
  changed_.clear();
}

std::uint64_t SequenceTable::Missing(std::int64_t now_ms, std::int64_t patience_ms) const {
  std::uint64_t missing = 0;
  for (const auto& [key, seen] : committed_) {
    const bool due = now_ms - seen.claimed_ms >= patience_ms;
    missing += seen.numbers.Missing(due ? seen.claimed : 0);
  }
  return missing;
}

bool SequenceTable::HasLaterLife(const Key& key) const {
  const auto later_in = [&key](const std::map<Key, Seen>& known) {
    const auto behind = known.lower_bound({std::get<0>(key), std::get<1>(key) + 1, 0, {}});
    return behind != known.end() && std::get<0>(behind->first) == std::get<0>(key);
  };
  return later_in(committed_) || later_in(changed_);
}

void SequenceTable::ForEachWithHoles(const Look& look) const {
  const auto show = [&](const Key& key, const Seen& seen) {
    if (seen.numbers.Missing(seen.claimed) == 0) return;
    const auto& [instance, epoch, lane, route] = key;
    const auto heard = heard_ms_.find({instance, epoch});
    look(core::ToName({instance, epoch, static_cast<event::v1::Lane>(lane), route}),
         seen.numbers,
         {.claimed = seen.claimed,
          .heard_ms = heard == heard_ms_.end() ? 0 : heard->second,
          .ended = HasLaterLife(key)});
  };
  for (const auto& [key, seen] : changed_) show(key, seen);
  for (const auto& [key, seen] : committed_) {
    if (!changed_.contains(key)) show(key, seen);
  }
}

}  // namespace platen::gateway::edge
