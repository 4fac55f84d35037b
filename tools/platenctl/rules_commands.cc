// rules apply, rules check, rules list, rules get, rules delete.
#include <algorithm>
#include <optional>
#include <set>

#include "libs/base/status.h"
#include "libs/rules/record_name.h"
#include "libs/rules/rule_book.h"
#include "libs/service/rule_file.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/record_words.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace rules_v1 = platen::rules::v1;

constexpr OptionSpec kTenantScope = {"tenant", "TENANT", "what is set for this tenant"};
constexpr OptionSpec kSiteScope = {"site", "SITE", "of it, what is set for this site"};

// "", "tenants/T" or "tenants/T/sites/S".
std::string ScopeName(const std::string& tenant, const std::string& site) {
  if (tenant.empty()) return "";
  return base::StrCat("tenants/", tenant, site.empty() ? "" : "/sites/", site);
}

absl::StatusOr<std::string> ReadScope(const Arguments& arguments) {
  if (arguments.Has("site") && !arguments.Has("tenant")) {
    return UsageError("--site needs --tenant: whose site?");
  }
  return ScopeName(arguments.Get("tenant"), arguments.Get("site"));
}

// Where all of these are set; kInvalidArgument where that is several places.
absl::StatusOr<std::string> ScopeOf(const std::vector<rules_v1::Record>& records) {
  std::optional<std::string> scope;
  for (const rules_v1::Record& record : records) {
    PLATEN_ASSIGN_OR_RETURN(const auto name, rules::RecordName::Parse(record.name()));
    const std::string its = ScopeName(name.tenant, name.site);
    if (scope.value_or(its) != its) {
      return base::InvalidArgument("--prune: the file's records are set in several places (\"",
                                   *scope,
                                   "\", \"",
                                   its,
                                   "\"); give each a file of its own");
    }
    scope = its;
  }
  if (scope.has_value()) return *scope;
  return base::InvalidArgument("--prune: the file has no records, and says no place");
}

void PrintMissing(const google::protobuf::RepeatedPtrField<std::string>& missing,
                  std::ostream& err) {
  for (const std::string& each : missing) {
    err << "platenctl: nobody has set " << each << " (unless the notifier's own file has)\n";
  }
}

absl::Status Apply(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  PLATEN_ASSIGN_OR_RETURN(const std::vector<rules_v1::Record> records,
                          service::ReadRuleFile(session.arguments.operands().front()));
  rules_v1::ApplyRecordsRequest request;
  *request.mutable_records() = {records.begin(), records.end()};
  request.set_validate_only(session.arguments.Has("dry-run"));
  request.set_prune(session.arguments.Has("prune"));
  if (request.prune()) {
    PLATEN_ASSIGN_OR_RETURN(*request.mutable_parent(), ScopeOf(records));
  }
  rules_v1::ApplyRecordsResponse response;
  PLATEN_RETURN_IF_ERROR(session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
    return stub.ApplyRecords(&context, request, &response);
  }));
  Table table({{"CHANGE"}, {"NAME"}});
  for (const rules_v1::RecordChange& change : response.changes()) {
    if (format == Format::kJson) {
      session.out << ToJson(change) << '\n';
      continue;
    }
    table.Add(
        {EnumWords(rules_v1::RecordChange::Kind_Name(change.kind()), "KIND_"), change.name()});
  }
  if (format != Format::kJson) Write(table, format, "nothing", session);
  PrintMissing(response.missing(), session.err);
  if (request.validate_only()) session.err << "platenctl: nothing was changed (--dry-run)\n";
  return absl::OkStatus();
}

absl::Status Check(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const std::vector<rules_v1::Record> records,
                          service::ReadRuleFile(session.arguments.operands().front()));
  rules::RuleBook book;
  for (const rules_v1::Record& record : records) PLATEN_RETURN_IF_ERROR(book.Put(record));
  for (const std::string& each : book.Missing()) {
    session.err << "platenctl: the file has not set " << each << '\n';
  }
  session.out << book.size() << (book.size() == 1 ? " record" : " records") << ", in order\n";
  return absl::OkStatus();
}

absl::Status List(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  const std::int64_t limit = session.arguments.Number("limit", INT32_MAX);
  rules_v1::ListRecordsRequest request;
  PLATEN_ASSIGN_OR_RETURN(*request.mutable_parent(), ReadScope(session.arguments));
  for (const std::string& kind : session.arguments.All("kind")) request.add_collections(kind);
  Table table({{"NAME"}, {"WHAT", Align::kLeft, true}, {"BY"}, {"SET", Align::kRight}, {"THERE"}});
  std::int64_t taken = 0;
  do {
    request.set_page_size(static_cast<std::int32_t>(std::min<std::int64_t>(500, limit - taken)));
    rules_v1::ListRecordsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListRecords(&context, request, &response);
    }));
    const std::set<std::string> undelivered(response.undelivered().begin(),
                                            response.undelivered().end());
    for (const rules_v1::Record& record : response.records()) {
      if (format == Format::kJson) {
        session.out << ToJson(record) << '\n';
        continue;
      }
      table.Add({record.name(),
                 RecordWords(record),
                 record.author(),
                 format == Format::kCsv ? Time(record.set_time())
                                        : Age(record.set_time(), session.clock.WallNow()),
                 undelivered.contains(record.name()) ? "on its way" : "yes"});
    }
    taken += response.records_size();
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && taken < limit);
  if (format != Format::kJson) {
    Write(table, format, "nothing is set here; the notifier's own file may say something", session);
  }
  return absl::OkStatus();
}

// What the notifier's own file says is in force too, and the gateway does not know it.
absl::Status WithHint(const absl::Status& status) {
  if (!absl::IsNotFound(status)) return status;
  return base::NotFound(base::ToStd(status.message()),
                        "; what the notifier's own file of rules says is not kept at the gateway");
}

absl::Status Get(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  rules_v1::GetRecordRequest request;
  request.set_name(session.arguments.operands().front());
  rules_v1::Record record;
  PLATEN_RETURN_IF_ERROR(
      WithHint(session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
        return stub.GetRecord(&context, request, &record);
      })));
  if (format == Format::kJson) {
    session.out << ToJson(record) << '\n';
    return absl::OkStatus();
  }
  session.out << "# Set by " << record.author() << " at " << Time(record.set_time()) << ".\n"
              << ToYaml(record);
  return absl::OkStatus();
}

absl::Status Delete(Session& session) {
  for (const std::string& name : session.arguments.operands()) {
    rules_v1::DeleteRecordRequest request;
    request.set_name(name);
    google::protobuf::Empty nothing;
    PLATEN_RETURN_IF_ERROR(
        WithHint(session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
          return stub.DeleteRecord(&context, request, &nothing);
        })));
    session.out << "Deleted: " << name << '\n';
  }
  return absl::OkStatus();
}

}  // namespace

Command RulesApplyCommand() {
  return {.name = "rules apply",
          .operands = "FILE",
          .help = "sets the file's rules, calendars, contacts, …: all, or none",
          .options = {{"dry-run", "", "check and say what would change, but set nothing"},
                      {"prune",
                       "",
                       "what is set in the same place and not in the file goes, but for silences "
                       "and acknowledgements"},
                      kOutputOption},
          .operands_min = 1,
          .operands_max = 1,
          .run = Apply};
}

Command RulesCheckCommand() {
  return {.name = "rules check",
          .operands = "FILE",
          .help = "whether a file of rules is in order; asks no gateway",
          .operands_min = 1,
          .operands_max = 1,
          .run = Check,
          .works_offline = true};
}

Command RulesListCommand() {
  return {.name = "rules list",
          .help = "what is set about alerts: rules, silences, calendars, contacts, …",
          .options = {kTenantScope,
                      kSiteScope,
                      {"kind", "KIND", "only \"rules\", \"silences\", …; may be given twice"},
                      kLimitOption,
                      kOutputOption},
          .run = List};
}

Command RulesGetCommand() {
  return {.name = "rules get",
          .operands = "NAME",
          .help = "one of them, as a file that rules apply takes",
          .options = {kOutputOption},
          .operands_min = 1,
          .operands_max = 1,
          .run = Get};
}

Command RulesDeleteCommand() {
  return {.name = "rules delete",
          .operands = "NAME…",
          .help = "takes back what was set; the notifier's own file holds again",
          .operands_min = 1,
          .operands_max = 100,
          .run = Delete};
}

}  // namespace platen::platenctl
