// Reader's question about what was lost.
#include <optional>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "libs/base/status.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"
#include "services/gateway/core/interval_set.h"
#include "services/gateway/edge/query.h"
#include "services/gateway/edge/reader.h"
#include "services/gateway/edge/schema.h"

namespace platen::gateway::edge {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

// What has been seen of the numbers of "INSTANCE/EPOCH/LANE/ROUTE"; nothing where `stream` is no
// such name, as that of a range of Kafka's offsets.
absl::StatusOr<std::optional<core::IntervalSet>> SeenOf(Database& database,
                                                        const std::string& stream) {
  const std::vector<std::string> parts = absl::StrSplit(stream, '/');
  std::int64_t epoch = 0;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[1], &epoch)) return std::nullopt;
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare(
          "SELECT lane, seen FROM sequences WHERE instance=? AND epoch=? AND route=?"));
  find.BindText(1, parts[0]).Bind(2, epoch).BindText(3, parts[3]);
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (!row) return std::nullopt;
    if (event::LaneName(static_cast<ev::Lane>(find.Int(0))) != parts[2]) continue;
    PLATEN_ASSIGN_OR_RETURN(core::IntervalSet seen, core::IntervalSet::Decode(find.Bytes(1)));
    return seen;
  }
}

std::uint64_t Count(const std::vector<core::NumberRange>& ranges) {
  std::uint64_t count = 0;
  for (const core::NumberRange& range : ranges) count += range.count();
  return count;
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
    const core::NumberRange range{record.gap().first(), record.gap().last()};
    PLATEN_ASSIGN_OR_RETURN(const auto seen, SeenOf(*database_, record.gap().stream()));
    record.set_missing(seen.has_value() ? Count(seen->MissingIn(range)) : range.count());
  }
}

}  // namespace platen::gateway::edge
