// Reader's question about what was lost.
#include <optional>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/gateway/core/sequence_audit.h"
#include "services/gateway/core/source_stream.h"
#include "services/gateway/edge/query.h"
#include "services/gateway/edge/reader.h"
#include "services/gateway/edge/schema.h"

namespace platen::gateway::edge {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

// What is known of the numbers of which the gap tells; nothing where there are none of that name. A
// source that tells of its own does not say its installation: it is the one in whose books they
// stand as told.
absl::StatusOr<std::optional<core::SourceNumbers>> NumbersOf(Database& database,
                                                             const ev::Gap& gap) {
  const std::optional<core::SourceStream> stream = core::ParseSourceStream(gap.stream());
  if (!stream.has_value()) return std::nullopt;
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare("SELECT seen, excused FROM sequences WHERE iif(?1='', 1, installation=?1)"
                       " AND instance=?2 AND epoch=?3 AND lane=?4 AND route=?5"));
  find.BindText(1, gap.installation())
      .BindText(2, stream->instance)
      .Bind(3, static_cast<std::int64_t>(stream->epoch))
      .Bind(4, stream->lane)
      .BindText(5, stream->route);
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (!row) return std::nullopt;
    core::SourceNumbers numbers;
    PLATEN_ASSIGN_OR_RETURN(numbers.seen, core::IntervalSet::Decode(find.Bytes(0)));
    PLATEN_ASSIGN_OR_RETURN(numbers.excused, core::IntervalSet::Decode(find.Bytes(1)));
    const bool told_here = numbers.excused.MissingIn({gap.first(), gap.last()}).empty();
    if (told_here || !gap.installation().empty()) return numbers;
  }
}

std::uint64_t Count(const std::vector<core::NumberRange>& ranges) {
  std::uint64_t count = 0;
  for (const core::NumberRange& range : ranges) count += range.count();
  return count;
}

// How much of what the gap tells of is lost, as far as is known today.
absl::StatusOr<std::uint64_t> StillMissing(Database& database, const ev::Gap& gap) {
  if (gap.reason() == ev::Gap::REASON_GIVEN_UP) return 0;
  const core::NumberRange range{gap.first(), gap.last()};
  PLATEN_ASSIGN_OR_RETURN(const auto numbers, NumbersOf(database, gap));
  if (!numbers.has_value()) return range.count();
  // Where the gateway found the hole, its source may have told meanwhile what became of it.
  const bool found_here =
      gap.reason() == ev::Gap::REASON_SEQUENCE || gap.reason() == ev::Gap::REASON_SOURCE_ENDED;
  return Count(found_here ? numbers->HolesIn(range) : numbers->seen.MissingIn(range));
}

}  // namespace

absl::StatusOr<Page<fleet::GapRecord>> Reader::ListGaps(const GapQuery& query) {
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t before, ParsePosition(query.after));
  Query sql("SELECT seq, receipt_ms, payload FROM events");
  sql.Where(kGapEvents).Where("seq<?", {before}).Where("receipt_ms>=?", {query.start_ms});
  sql.Append(" ORDER BY seq DESC");
  PLATEN_ASSIGN_OR_RETURN(Statement rows, sql.Prepare(*database_));
  Page<fleet::GapRecord> page;
  std::int64_t seq = 0;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return page;
    if (page.items.size() == static_cast<std::size_t>(query.limit)) {
      page.next = std::to_string(seq);
      return page;
    }
    seq = rows.Int(0);
    ev::Event event;
    if (!event.ParseFromString(rows.String(2))) continue;
    fleet::GapRecord& record = page.items.emplace_back();
    *record.mutable_receipt_time() = platen::event::ToProto(base::WallFromMillis(rows.Int(1)));
    *record.mutable_gap() = std::move(*event.mutable_gap());
    PLATEN_ASSIGN_OR_RETURN(const std::uint64_t missing, StillMissing(*database_, record.gap()));
    record.set_missing(missing);
  }
}

}  // namespace platen::gateway::edge
