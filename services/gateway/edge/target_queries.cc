// Reader's questions about targets and the directives that carry them.
#include <utility>

#include "libs/base/status.h"
#include "services/gateway/edge/query.h"
#include "services/gateway/edge/reader.h"

namespace platen::gateway::edge {
namespace {

namespace fleet = platen::fleet::v1;
namespace ingest = platen::ingest::v1;

constexpr char kTargetColumns[] = "SELECT record, delivered FROM targets";

absl::StatusOr<fleet::Target> MakeTarget(const Statement& row) {
  fleet::Target target;
  if (!target.ParseFromString(row.String(0))) {
    return absl::DataLossError("a stored target does not parse: the store is damaged");
  }
  target.set_delivered(row.Int(1) != 0);
  return target;
}

}  // namespace

absl::StatusOr<fleet::Target> Reader::GetTarget(const core::Place& place,
                                                const base::DeviceId& device) {
  Query query(kTargetColumns);
  query.Where("id=?", {Query::Blob{std::string(device.bytes())}}).InPlace(place, {});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return base::NotFound("there is no target ", core::TargetName(place, device));
  return MakeTarget(rows);
}

absl::StatusOr<Page<fleet::Target>> Reader::ListTargets(const Range& range) {
  Query query(kTargetColumns);
  query.InPlace(range.place, range.tenants);
  PLATEN_RETURN_IF_ERROR(query.AfterName(range.after, "targets"));
  query.Append(" ORDER BY tenant, site, id LIMIT ?", {std::int64_t{range.limit} + 1});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  return ReadNamedPage(rows, range.limit, MakeTarget);
}

absl::StatusOr<std::vector<ingest::Directive>> Reader::DirectivesAfter(
    const std::string& installation, std::uint64_t number, int limit) {
  Query query("SELECT record FROM directives");
  query
      .Where("installation=? AND number>? AND refusal=''",
             {installation, static_cast<std::int64_t>(number)})
      .Append(" ORDER BY number LIMIT ?", {std::int64_t{limit}});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  std::vector<ingest::Directive> directives;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return directives;
    if (!directives.emplace_back().ParseFromString(rows.String(0))) {
      return absl::DataLossError("a stored directive does not parse: the store is damaged");
    }
  }
}

absl::StatusOr<std::int64_t> Reader::CountDirectives() {
  PLATEN_ASSIGN_OR_RETURN(const auto count,
                          database_->QueryInt("SELECT count(*) FROM directives WHERE refusal=''"));
  return count.value_or(0);
}

}  // namespace platen::gateway::edge
