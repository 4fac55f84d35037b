// Reader's questions about records of platen.rules.v1, and about what became of an alert.
#include <utility>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/gateway/edge/link_table.h"
#include "services/gateway/edge/query.h"
#include "services/gateway/edge/reader.h"
#include "services/gateway/edge/schema.h"

namespace platen::gateway::edge {
namespace {

using rules::v1::AlertHistoryRecord;
using rules::v1::Record;
namespace ev = platen::event::v1;

// How many events of a device one call looks at: a page may end early, and the next call goes on.
constexpr std::int64_t kEventsLookedAtMax = 20'000;

// The alert that an event is about; empty where it is about none.
std::string_view AlertOf(const ev::Event& event) {
  if (event.has_alert()) return event.alert().alert_id();
  if (event.has_alert_decision()) return event.alert_decision().alert_id();
  return event.notification_report().alert_id();
}

absl::StatusOr<Record> ToRecord(std::string_view bytes) {
  Record record;
  if (record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return record;
  return absl::DataLossError("a stored record does not parse: the store is damaged");
}

}  // namespace

absl::StatusOr<Record> Reader::GetRecord(const std::string& name) {
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database_->Prepare("SELECT record FROM records WHERE name=?"));
  find.BindText(1, name);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return base::NotFound("there is no record ", name);
  return ToRecord(find.Bytes(0));
}

absl::StatusOr<RecordPage> Reader::ListRecords(const RecordQuery& query) {
  Query sql(
      "SELECT r.record, EXISTS(SELECT 1 FROM installations i JOIN directives d ON"
      " d.installation=i.name AND d.about=r.name AND d.about<>'') FROM records r");
  sql.InPlace({query.scope.tenant, query.scope.site}, query.tenants);
  if (!query.after.empty()) sql.Where("r.name>?", {query.after});
  if (!query.kinds.empty()) {
    std::string numbers;
    for (const int kind : query.kinds) numbers += base::StrCat(numbers.empty() ? "" : ",", kind);
    sql.Where("r.kind IN (" + numbers + ")");
  }
  sql.Append(" ORDER BY r.name LIMIT ?", {std::int64_t{query.limit} + 1});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, sql.Prepare(*database_));
  RecordPage answer;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return answer;
    if (answer.page.items.size() == static_cast<std::size_t>(query.limit)) {
      answer.page.next = answer.page.items.back().name();
      return answer;
    }
    PLATEN_ASSIGN_OR_RETURN(answer.page.items.emplace_back(), ToRecord(rows.Bytes(0)));
    if (rows.Int(1) != 0) answer.undelivered.push_back(answer.page.items.back().name());
  }
}

absl::StatusOr<std::int64_t> Reader::CountRecords() {
  PLATEN_ASSIGN_OR_RETURN(const auto count, database_->QueryInt("SELECT count(*) FROM records"));
  return count.value_or(0);
}

absl::StatusOr<core::LinkedAlert> Reader::LookUpLink(const core::AlertPlace& alert,
                                                     const std::string& digest) {
  return edge::LookUpLink(*database_, alert, digest);
}

absl::StatusOr<std::int64_t> Reader::CountUsedLinks() {
  PLATEN_ASSIGN_OR_RETURN(const auto count, database_->QueryInt("SELECT count(*) FROM used_links"));
  return count.value_or(0);
}

absl::StatusOr<Page<AlertHistoryRecord>> Reader::ListAlertHistory(const AlertHistoryQuery& query) {
  const core::DevicePlace& at = query.alert.device;
  PLATEN_RETURN_IF_ERROR(GetDevice(at.place, at.device).status());
  std::int64_t after = 0;
  if (!query.after.empty()) {
    PLATEN_ASSIGN_OR_RETURN(after, ParsePosition(query.after));
  }
  Query sql("SELECT seq, receipt_ms, payload FROM events");
  sql.Where(kAlertEvents)
      .Where("device=(SELECT number FROM devices WHERE id=?)",
             {Query::Blob{std::string(at.device.bytes())}})
      .Where("seq>?", {after})
      .Append(" ORDER BY seq LIMIT ?", {kEventsLookedAtMax});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, sql.Prepare(*database_));
  Page<AlertHistoryRecord> page;
  std::int64_t looked_at = 0;
  ev::Event event;
  while (page.items.size() < static_cast<std::size_t>(query.limit)) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) {
      if (looked_at == kEventsLookedAtMax) page.next = std::to_string(after);
      return page;
    }
    ++looked_at;
    after = rows.Int(0);
    const std::string_view payload = rows.Bytes(2);
    if (!event.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) continue;
    if (AlertOf(event) != query.alert.alert_id) continue;
    AlertHistoryRecord& record = page.items.emplace_back();
    *record.mutable_event() = event;
    *record.mutable_receipt_time() = event::ToProto(base::WallFromMillis(rows.Int(1)));
  }
  page.next = std::to_string(after);
  return page;
}

}  // namespace platen::gateway::edge
