#include "services/gateway/edge/gap_audit.h"

#include <optional>
#include <string>
#include <utility>

#include "platen/event/v1/event.pb.h"

#include "libs/base/status.h"
#include "services/gateway/edge/device_rows.h"
#include "services/gateway/edge/schema.h"

namespace platen::gateway::edge {
namespace {

namespace ev = platen::event::v1;

ev::Event GapEvent(const core::SourceStream& stream, const core::DueHole& due) {
  const core::NumberRange& hole = due.range;
  const std::string name = core::ToName(stream);
  ev::Event event;
  // A source that has shed them tells of the same numbers: the gateway's word is another event.
  ev::RangeOccurrence& range = *event.mutable_occurrence()->mutable_range();
  range.set_stream(base::StrCat("audit/", stream.installation, "/", name));
  range.set_first(hole.first);
  range.set_last(hole.last);
  ev::Gap& gap = *event.mutable_gap();
  gap.set_reason(due.is_lost ? ev::Gap::REASON_SEQUENCE : ev::Gap::REASON_SOURCE_ENDED);
  gap.set_installation(stream.installation);
  gap.set_stream(name);
  gap.set_first(hole.first);
  gap.set_last(hole.last);
  gap.set_detail(due.is_lost ? "Kafka had acknowledged them, and they did not arrive"
                             : "did not arrive; the source ended before it told whether Kafka had "
                               "acknowledged them");
  return event;
}

}  // namespace

absl::StatusOr<GapAudit> GapAudit::Load(Database& database) {
  GapAudit audit;
  PLATEN_ASSIGN_OR_RETURN(
      Statement rows,
      database.Prepare(base::StrCat("SELECT payload FROM events WHERE ", kGapEvents)));
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return audit;
    ev::Event event;
    if (!event.ParseFromString(rows.String(0))) continue;
    const ev::Gap& gap = event.gap();
    if (gap.reason() != ev::Gap::REASON_SEQUENCE && gap.reason() != ev::Gap::REASON_SOURCE_ENDED) {
      continue;
    }
    std::optional<core::SourceStream> stream = core::ParseSourceStream(gap.stream());
    if (!stream.has_value()) continue;
    stream->installation = gap.installation();
    audit.Commit({{*std::move(stream), {gap.first(), gap.last()}}});
  }
}

absl::StatusOr<std::vector<GapAudit::Told>> GapAudit::Look(Database& database,
                                                           const SequenceTable& sequences,
                                                           std::int64_t now_ms) {
  absl::Status status;
  std::vector<Told> told;
  sequences.ForEachWithHoles([&](const core::SourceStream& stream,
                                 const core::SourceNumbers& numbers,
                                 const core::SourceLife& life) {
    for (const core::DueHole& hole : streams_[stream].FindDue(numbers, life, now_ms)) {
      status.Update(AddOwnEvent(database, GapEvent(stream, hole), now_ms));
      told.push_back({stream, hole.range});
    }
  });
  if (!status.ok()) return status;
  return told;
}

void GapAudit::Commit(const std::vector<Told>& told) {
  for (const Told& each : told) streams_[each.stream].AddTold(each.range);
  told_ += told.size();
}

}  // namespace platen::gateway::edge
