#include "services/gateway/edge/record_table.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "platen/event/v1/event.pb.h"

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/rules/references.h"
#include "libs/rules/rule_book.h"
#include "services/gateway/edge/directive_table.h"

namespace platen::gateway::edge {
namespace {

using rules::RecordName;
using rules::v1::ApplyRecordsResponse;
using rules::v1::Record;
using rules::v1::RecordChange;

constexpr std::int64_t kDroppedAtOnceMax = 500;

// As the column `tenants` of installations has it.
std::string ToColumn(std::vector<std::string> tenants) {
  if (tenants.empty()) return "";
  std::sort(tenants.begin(), tenants.end());
  std::string column = ",";
  for (const std::string& tenant : tenants) column += tenant + ",";
  return column;
}

// Whether whoever has `column` is given what `tenant` sets; "" is what holds for all.
bool IsGiven(const std::optional<std::string>& column, const std::string& tenant) {
  if (!column.has_value()) return false;
  return column->empty() || tenant.empty() || column->find("," + tenant + ",") != std::string::npos;
}

absl::Status GiveRecord(Database& database,
                        const std::string& installation,
                        const std::string& name,
                        const std::string& value,
                        std::int64_t now_ms) {
  ingest::v1::Directive directive;
  *directive.mutable_create_time() = event::ToProto(base::WallFromMillis(now_ms));
  directive.set_key(name);
  directive.mutable_rule()->set_key(name);
  directive.mutable_rule()->set_value(value);
  return AddDirective(database, installation, {.record = name}, std::move(directive)).status();
}

// Tells all installations that are given what this tenant sets. `value` empty: a tombstone.
absl::Status TellAll(Database& database,
                     const std::string& tenant,
                     const std::string& name,
                     const std::string& value,
                     std::int64_t now_ms,
                     std::vector<std::string>& told) {
  PLATEN_ASSIGN_OR_RETURN(
      Statement rows,
      database.Prepare("SELECT name, tenants FROM installations WHERE tenants IS NOT NULL"));
  std::vector<std::string> given;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    if (IsGiven(rows.String(1), tenant)) given.push_back(rows.String(0));
  }
  rows.Reset();
  for (const std::string& installation : given) {
    PLATEN_RETURN_IF_ERROR(GiveRecord(database, installation, name, value, now_ms));
    if (std::find(told.begin(), told.end(), installation) == told.end()) {
      told.push_back(installation);
    }
  }
  return absl::OkStatus();
}

struct Stored {
  std::string tenant;
  Record record;
};

absl::StatusOr<std::optional<Stored>> Find(Database& database, const std::string& name) {
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database.Prepare("SELECT tenant, record FROM records WHERE name=?"));
  find.BindText(1, name);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  Stored stored{.tenant = find.String(0)};
  if (!stored.record.ParseFromString(find.String(1))) {
    return absl::DataLossError("a stored record does not parse: the store is damaged");
  }
  return stored;
}

// Whoever set it, and when.
bool SaysTheSame(Record left, Record right) {
  for (Record* record : {&left, &right}) {
    record->clear_author();
    record->clear_set_time();
  }
  return left.SerializeAsString() == right.SerializeAsString();
}

absl::StatusOr<RecordChange::Kind> Put(Database& database,
                                       const RecordName& name,
                                       const Record& record,
                                       std::int64_t now_ms,
                                       std::vector<std::string>& told) {
  PLATEN_ASSIGN_OR_RETURN(const std::optional<Stored> before, Find(database, record.name()));
  if (before.has_value() && SaysTheSame(before->record, record)) {
    return RecordChange::KIND_UNCHANGED;
  }
  PLATEN_ASSIGN_OR_RETURN(
      Statement put,
      database.Prepare("INSERT INTO records(name, tenant, site, kind, useless_ms, record)"
                       " VALUES(?,?,?,?,?,?) ON CONFLICT(name) DO UPDATE SET"
                       " useless_ms=excluded.useless_ms, record=excluded.record"));
  const std::string value = record.SerializeAsString();
  put.BindText(1, record.name())
      .BindText(2, name.tenant)
      .BindText(3, name.site)
      .Bind(4, static_cast<std::int64_t>(name.kind))
      .Bind(5, core::UselessMillis(record))
      .BindBlob(6, value);
  PLATEN_RETURN_IF_ERROR(put.Run());
  PLATEN_RETURN_IF_ERROR(TellAll(database, name.tenant, record.name(), value, now_ms, told));
  return before.has_value() ? RecordChange::KIND_CHANGED : RecordChange::KIND_CREATED;
}

absl::Status Remove(Database& database,
                    const std::string& tenant,
                    const std::string& name,
                    std::int64_t now_ms,
                    std::vector<std::string>& told) {
  PLATEN_ASSIGN_OR_RETURN(Statement remove, database.Prepare("DELETE FROM records WHERE name=?"));
  remove.BindText(1, name);
  PLATEN_RETURN_IF_ERROR(remove.Run());
  return TellAll(database, tenant, name, {}, now_ms, told);
}

// That no tenant of `names`, nor all of them, has more than it may.
absl::Status CheckCounts(Database& database, const std::vector<RecordName>& names) {
  std::set<std::string> tenants;
  for (const RecordName& name : names) tenants.insert(name.tenant);
  for (const std::string& tenant : tenants) {
    PLATEN_ASSIGN_OR_RETURN(Statement count,
                            database.Prepare("SELECT count(*) FROM records WHERE tenant=?"));
    count.BindText(1, tenant);
    PLATEN_RETURN_IF_ERROR(count.Step().status());
    if (count.Int(0) <= core::kRecordsOfTenantMax) continue;
    return base::FailedPrecondition(
        tenant.empty() ? "what holds for all customers" : "tenant " + tenant,
        " would have more than ",
        core::kRecordsOfTenantMax,
        " records: delete some");
  }
  PLATEN_ASSIGN_OR_RETURN(const auto all, database.QueryInt("SELECT count(*) FROM records"));
  if (all.value_or(0) <= static_cast<std::int64_t>(rules::kRecordsMax)) return absl::OkStatus();
  return base::FailedPrecondition(
      "there would be more than ", rules::kRecordsMax, " records: delete some");
}

// What is set at the scope itself, and neither named by the order nor set as things happen.
absl::Status Prune(Database& database,
                   const core::RecordOrder& order,
                   std::int64_t now_ms,
                   ApplyRecordsResponse& response,
                   std::vector<std::string>& told) {
  std::set<std::string_view> named;
  for (const Record& record : order.records) named.insert(record.name());
  PLATEN_ASSIGN_OR_RETURN(
      Statement rows,
      database.Prepare("SELECT name, kind FROM records WHERE tenant=? AND site=? ORDER BY name"));
  rows.BindText(1, order.scope.tenant).BindText(2, order.scope.site);
  std::vector<std::string> gone;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    const bool stays = named.contains(rows.Bytes(0)) ||
                       !core::IsPruned(static_cast<rules::RecordKind>(rows.Int(1)));
    if (!stays) gone.push_back(rows.String(0));
  }
  rows.Reset();
  for (const std::string& name : gone) {
    PLATEN_RETURN_IF_ERROR(Remove(database, order.scope.tenant, name, now_ms, told));
    RecordChange& change = *response.add_changes();
    change.set_name(name);
    change.set_kind(RecordChange::KIND_DELETED);
  }
  return absl::OkStatus();
}

absl::Status FindMissing(Database& database,
                         const core::RecordOrder& order,
                         ApplyRecordsResponse& response) {
  std::set<std::string> missing;
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database.Prepare("SELECT 1 FROM records WHERE name IN (?,?,?)"));
  for (std::size_t i = 0; i < order.records.size(); ++i) {
    const RecordName& by = order.names[i];
    for (const rules::Reference& each : rules::ReferencesOf(order.records[i])) {
      std::vector<std::string> names = rules::NamesOf(each.kind, each.id, by.tenant, by.site);
      names.resize(3);
      for (int place = 0; place < 3; ++place) {
        find.BindText(place + 1, names[static_cast<std::size_t>(place)]);
      }
      PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
      find.Reset();
      if (!row) missing.insert(base::StrCat(order.records[i].name(), ": ", each.ToString()));
    }
  }
  *response.mutable_missing() = {missing.begin(), missing.end()};
  return absl::OkStatus();
}

// Brings an installation from what it was given to what it is given now.
absl::Status Serve(Database& database,
                   const std::string& installation,
                   const std::optional<std::string>& before,
                   const std::string& after,
                   std::int64_t now_ms) {
  PLATEN_ASSIGN_OR_RETURN(Statement rows,
                          database.Prepare("SELECT name, tenant, record FROM records"));
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    const bool had = IsGiven(before, rows.String(1));
    const bool has = IsGiven(after, rows.String(1));
    if (had == has) continue;
    const std::string value = has ? rows.String(2) : std::string();
    PLATEN_RETURN_IF_ERROR(GiveRecord(database, installation, rows.String(0), value, now_ms));
  }
  PLATEN_ASSIGN_OR_RETURN(
      Statement note,
      database.Prepare("INSERT INTO installations(name, last_directive, tenants) VALUES(?1,0,?2)"
                       " ON CONFLICT(name) DO UPDATE SET tenants=?2"));
  note.BindText(1, installation).BindText(2, after);
  return note.Run();
}

}  // namespace

absl::Status ServeInstallations(Database& database,
                                const std::vector<ServedInstallation>& installations,
                                std::int64_t now_ms,
                                std::vector<std::string>& told) {
  for (const ServedInstallation& installation : installations) {
    PLATEN_ASSIGN_OR_RETURN(Statement find,
                            database.Prepare("SELECT tenants FROM installations WHERE name=?"));
    find.BindText(1, installation.name);
    PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
    std::optional<std::string> before;
    if (row && !find.IsNull(0)) before = find.String(0);
    find.Reset();
    const std::string after = ToColumn(installation.tenants);
    if (before == after) continue;
    PLATEN_RETURN_IF_ERROR(Serve(database, installation.name, before, after, now_ms));
    told.push_back(installation.name);
  }
  return absl::OkStatus();
}

absl::StatusOr<ApplyRecordsResponse> ApplyRecords(Database& database,
                                                  const core::RecordOrder& order,
                                                  std::int64_t now_ms,
                                                  std::vector<std::string>& told) {
  ApplyRecordsResponse response;
  bool is_more = false;
  for (std::size_t i = 0; i < order.records.size(); ++i) {
    const Record& record = order.records[i];
    RecordChange& change = *response.add_changes();
    change.set_name(record.name());
    PLATEN_ASSIGN_OR_RETURN(const RecordChange::Kind kind,
                            Put(database, order.names[i], record, now_ms, told));
    change.set_kind(kind);
    is_more = is_more || kind == RecordChange::KIND_CREATED;
  }
  if (order.prune) PLATEN_RETURN_IF_ERROR(Prune(database, order, now_ms, response, told));
  if (is_more) PLATEN_RETURN_IF_ERROR(CheckCounts(database, order.names));
  PLATEN_RETURN_IF_ERROR(FindMissing(database, order, response));
  return response;
}

absl::Status DeleteRecord(Database& database,
                          const std::string& name,
                          std::int64_t now_ms,
                          std::vector<std::string>& told) {
  PLATEN_ASSIGN_OR_RETURN(const std::optional<Stored> stored, Find(database, name));
  if (!stored.has_value()) return base::NotFound("there is no record ", name);
  return Remove(database, stored->tenant, name, now_ms, told);
}

absl::StatusOr<Record> Acknowledge(Database& database,
                                   const core::AlertPlace& alert,
                                   std::uint64_t instance,
                                   Record record,
                                   std::int64_t now_ms,
                                   std::vector<std::string>& told) {
  const core::DevicePlace& at = alert.device;
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare("SELECT a.open, e.payload FROM alerts a JOIN devices d ON d.number=a.device"
                       " JOIN events e ON e.seq=a.update_seq WHERE d.id=? AND a.alert_id=? AND"
                       " a.tenant=? AND a.site=?"));
  find.BindBlob(1, at.device.bytes())
      .BindText(2, alert.alert_id)
      .BindText(3, at.place.tenant)
      .BindText(4, at.place.site);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  const std::string name = core::AlertName(at.place, at.device, alert.alert_id);
  event::v1::Event last;
  if (!row || !last.ParseFromString(find.String(1))) {
    return base::NotFound("there is no alert ", name);
  }
  const bool is_open = find.Int(0) != 0;
  find.Reset();
  if (!is_open) return base::FailedPrecondition("the alert has ended: ", name);
  if (instance != 0 && instance != last.alert().instance()) {
    return base::FailedPrecondition("the alert that was meant has ended; it is a new one by now: ",
                                    name);
  }
  record.mutable_acknowledgement()->set_instance(last.alert().instance());
  PLATEN_ASSIGN_OR_RETURN(const RecordName parsed, RecordName::Parse(record.name()));
  PLATEN_ASSIGN_OR_RETURN(const RecordChange::Kind kind,
                          Put(database, parsed, record, now_ms, told));
  if (kind == RecordChange::KIND_CREATED) {
    PLATEN_RETURN_IF_ERROR(CheckCounts(database, {parsed}));
  }
  return record;
}

absl::StatusOr<int> DropUselessRecords(Database& database,
                                       std::int64_t now_ms,
                                       std::vector<std::string>& told) {
  PLATEN_ASSIGN_OR_RETURN(
      Statement rows,
      database.Prepare("SELECT name, tenant FROM records WHERE useless_ms<>0 AND useless_ms<? LIMIT"
                       " ?"));
  rows.Bind(1, now_ms).Bind(2, kDroppedAtOnceMax);
  std::vector<std::pair<std::string, std::string>> useless;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    useless.emplace_back(rows.String(0), rows.String(1));
  }
  rows.Reset();
  for (const auto& [name, tenant] : useless) {
    PLATEN_RETURN_IF_ERROR(Remove(database, tenant, name, now_ms, told));
  }
  return static_cast<int>(useless.size());
}

}  // namespace platen::gateway::edge
