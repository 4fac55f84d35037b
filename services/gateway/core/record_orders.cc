#include "services/gateway/core/record_orders.h"

#include <set>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/labels.h"
#include "libs/event/timestamps.h"
#include "libs/rules/rule_book.h"

namespace platen::gateway::core {
namespace {

using rules::RecordKind;
using rules::v1::Record;

// Who set a silence is asked for a while after its end.
constexpr base::Duration kSilenceKept = std::chrono::hours(24);
constexpr base::Duration kCareKept = std::chrono::hours(1);
constexpr base::Duration kCareMin = std::chrono::minutes(1);

absl::Status Denied(const Caller& caller, std::string_view verb, std::string_view tenant) {
  if (tenant.empty()) {
    return base::Error(absl::StatusCode::kPermissionDenied,
                       caller.name,
                       " may not ",
                       verb,
                       " what holds for all customers, only tenants/",
                       caller.tenants.front(),
                       "/…");
  }
  return base::Error(
      absl::StatusCode::kPermissionDenied, caller.name, " may not see tenant ", tenant);
}

bool MaySee(const Caller& caller, std::string_view tenant) {
  return tenant.empty() ? caller.tenants.empty() : caller.MaySee(tenant);
}

absl::Status CheckStillOfUse(const Record& record, base::WallTime now) {
  const auto is_over = [now](const google::protobuf::Timestamp& time) {
    return event::FromProto(time) <= now;
  };
  if (record.has_silence() && record.silence().has_end_time() &&
      is_over(record.silence().end_time())) {
    return base::InvalidArgument("end_time: it is over already");
  }
  if (!record.has_acknowledgement()) return absl::OkStatus();
  const auto& expire_time = record.acknowledgement().expire_time();
  if (is_over(expire_time)) return base::InvalidArgument("expire_time: it is over already");
  if (event::FromProto(expire_time) > now + kCareMax) {
    return base::InvalidArgument("expire_time: at most 31 days from now");
  }
  return absl::OkStatus();
}

absl::StatusOr<rules::RecordName> CheckOne(const Record& record,
                                           const RecordScope& scope,
                                           bool prune,
                                           const Caller& caller,
                                           base::WallTime now) {
  if (record.ByteSizeLong() > kRecordBytesMax) {
    return base::InvalidArgument("at most ", kRecordBytesMax, " bytes");
  }
  PLATEN_RETURN_IF_ERROR(rules::CheckRecord(record));
  PLATEN_ASSIGN_OR_RETURN(rules::RecordName name, rules::RecordName::Parse(record.name()));
  PLATEN_RETURN_IF_ERROR(CheckMaySet(caller, name.tenant, name.kind));
  if (prune && RecordScope{name.tenant, name.site} != scope) {
    return base::InvalidArgument(
        "'", record.name(), "': with prune, all records are set at `parent` itself");
  }
  if (!scope.Contains(name)) {
    return base::InvalidArgument("'", record.name(), "' does not lie in `parent`");
  }
  if (name.kind == RecordKind::kAcknowledgement &&
      (name.id.size() < 34 || name.id[32] != '.' ||
       !base::DeviceId::FromHex(std::string_view(name.id).substr(0, 32)).ok())) {
    return base::InvalidArgument(
        "'", record.name(), "': ends in the device's id, '.' and the alert");
  }
  const absl::Status of_use = CheckStillOfUse(record, now);
  if (!of_use.ok()) return base::Annotate(of_use, base::StrCat("'", record.name(), "'"));
  return name;
}

}  // namespace

absl::StatusOr<RecordScope> ParseRecordScope(std::string_view parent) {
  if (parent.empty()) return RecordScope();
  constexpr std::string_view kTenants = "tenants/";
  constexpr std::string_view kSites = "/sites/";
  RecordScope scope;
  if (parent.starts_with(kTenants)) {
    const std::string_view rest = parent.substr(kTenants.size());
    const std::size_t slash = rest.find('/');
    scope.tenant = rest.substr(0, slash);
    const std::string_view further = slash == rest.npos ? "" : rest.substr(slash);
    if (further.starts_with(kSites)) scope.site = further.substr(kSites.size());
    const bool is_site = further.empty() ? scope.site.empty() : event::IsLabel(scope.site);
    if (event::IsLabel(scope.tenant) && is_site) return scope;
  }
  return base::InvalidArgument("parent \"",
                               parent.substr(0, 256),
                               "\" should read tenants/TENANT or tenants/TENANT/sites/SITE, or be"
                               " empty");
}

absl::Status CheckMaySet(const Caller& caller, std::string_view tenant, RecordKind kind) {
  const bool cares = kind == RecordKind::kSilence || kind == RecordKind::kAcknowledgement;
  PLATEN_RETURN_IF_ERROR(cares ? CheckMayCare(caller) : CheckMayRegister(caller));
  return MaySee(caller, tenant) ? absl::OkStatus() : Denied(caller, "set", tenant);
}

absl::Status CheckMaySeeRecords(const Caller& caller, std::string_view tenant) {
  PLATEN_RETURN_IF_ERROR(CheckMayRead(caller));
  return MaySee(caller, tenant) ? absl::OkStatus() : Denied(caller, "see", tenant);
}

absl::StatusOr<RecordOrder> CheckApply(const rules::v1::ApplyRecordsRequest& request,
                                       const Caller& caller,
                                       base::WallTime now) {
  RecordOrder order{.prune = request.prune()};
  PLATEN_ASSIGN_OR_RETURN(order.scope, ParseRecordScope(request.parent()));
  PLATEN_RETURN_IF_ERROR(CheckMayCare(caller));
  // What goes then may be of any kind.
  if (order.prune) {
    PLATEN_RETURN_IF_ERROR(CheckMaySet(caller, order.scope.tenant, RecordKind::kRule));
  }
  if (request.records_size() > kRecordsInOneCallMax ||
      (request.records().empty() && !order.prune)) {
    return base::InvalidArgument("records: 1 to ", kRecordsInOneCallMax, " in one call");
  }
  std::set<std::string_view> seen;
  for (int i = 0; i < request.records_size(); ++i) {
    Record record = request.records(i);
    record.set_author(caller.name.substr(0, 128));
    *record.mutable_set_time() = event::ToProto(now);
    auto name = CheckOne(record, order.scope, order.prune, caller, now);
    if (name.ok() && !seen.insert(request.records(i).name()).second) {
      name = base::InvalidArgument("'", record.name(), "' is there twice");
    }
    if (!name.ok()) {
      return request.records_size() == 1
                 ? name.status()
                 : base::Annotate(name.status(), base::StrCat("records[", i, "]"));
    }
    order.names.push_back(*std::move(name));
    order.records.push_back(std::move(record));
  }
  return order;
}

std::string AcknowledgementName(const AlertPlace& alert) {
  const DevicePlace& device = alert.device;
  return rules::RecordName{device.place.tenant,
                           device.place.site,
                           RecordKind::kAcknowledgement,
                           base::StrCat(device.device.ToHex(), ".", alert.alert_id)}
      .ToString();
}

absl::StatusOr<Record> MakeAcknowledgement(const AlertPlace& alert,
                                           base::Duration ttl,
                                           const std::string& note,
                                           const std::string& author,
                                           base::WallTime now) {
  if (ttl < kCareMin || ttl > kCareMax) {
    return base::InvalidArgument("ttl: from a minute to 31 days");
  }
  Record record;
  record.set_name(AcknowledgementName(alert));
  record.set_author(author.substr(0, 128));
  *record.mutable_set_time() = event::ToProto(now);
  record.mutable_acknowledgement()->set_note(note);
  *record.mutable_acknowledgement()->mutable_expire_time() = event::ToProto(now + ttl);
  PLATEN_RETURN_IF_ERROR(rules::CheckRecord(record));
  return record;
}

std::int64_t UselessMillis(const Record& record) {
  if (record.has_acknowledgement()) {
    return base::ToMillis(event::FromProto(record.acknowledgement().expire_time()) + kCareKept);
  }
  if (record.silence().has_end_time()) {
    return base::ToMillis(event::FromProto(record.silence().end_time()) + kSilenceKept);
  }
  return 0;
}

bool IsPruned(RecordKind kind) {
  return kind != RecordKind::kAcknowledgement && kind != RecordKind::kSilence;
}

}  // namespace platen::gateway::core
