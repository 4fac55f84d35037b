#include "services/gateway/edge/rules_server.h"

#include <memory>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/log.h"
#include "services/gateway/core/paging.h"
#include "services/gateway/core/record_orders.h"
#include "services/gateway/edge/record_table.h"
#include "services/gateway/edge/unary_call.h"

namespace platen::gateway::edge {
namespace {

namespace rules_v1 = platen::rules::v1;

// A name, and that the caller may see what is set there.
absl::Status CheckVisible(const std::string& name, const core::Caller& caller) {
  PLATEN_ASSIGN_OR_RETURN(const rules::RecordName parsed, rules::RecordName::Parse(name));
  return core::CheckMaySeeRecords(caller, parsed.tenant);
}

absl::StatusOr<std::set<int>> ParseCollections(const rules_v1::ListRecordsRequest& request) {
  std::set<int> kinds;
  for (const std::string& collection : request.collections()) {
    PLATEN_ASSIGN_OR_RETURN(const rules::RecordKind kind, rules::KindOfCollection(collection));
    kinds.insert(static_cast<int>(kind));
  }
  return kinds;
}

std::int64_t NowMillis(const Store& store) {
  return base::ToMillis(store.Now());
}

// Carries `change` out and takes it back: what would become of it.
absl::Status OnlyCheck(Database& database,
                       Changed& changed,
                       const std::function<absl::Status()>& change) {
  PLATEN_RETURN_IF_ERROR(database.Execute("SAVEPOINT only_check"));
  const absl::Status status = change();
  if (IsStoreFailure(status)) return status;
  PLATEN_RETURN_IF_ERROR(database.Execute("ROLLBACK TO only_check"));
  PLATEN_RETURN_IF_ERROR(database.Execute("RELEASE only_check"));
  changed.installations.clear();
  return status;
}

}  // namespace

grpc::ServerUnaryReactor* RulesServer::Order(
    grpc::CallbackServerContext* call,
    const std::function<absl::StatusOr<Store::Apply>(const core::Caller&)>& prepare,
    std::function<void()> done) {
  GatewayMetrics& metrics = context_.metrics;
  return ChangeStore(call,
                     context_.peers,
                     context_.store,
                     prepare,
                     [&metrics, done = std::move(done)](const absl::Status& status) {
                       status.ok() ? done() : metrics.record_orders_refused.Increment();
                     });
}

grpc::ServerUnaryReactor* RulesServer::ApplyRecords(grpc::CallbackServerContext* call,
                                                    const rules_v1::ApplyRecordsRequest* request,
                                                    rules_v1::ApplyRecordsResponse* response) {
  const auto prepare = [&](const core::Caller& caller) -> absl::StatusOr<Store::Apply> {
    const base::WallTime now = context_.store.Now();
    PLATEN_ASSIGN_OR_RETURN(core::RecordOrder checked, core::CheckApply(*request, caller, now));
    const auto order = std::make_shared<const core::RecordOrder>(std::move(checked));
    const bool only_check = request->validate_only();
    return [=](Database& database, Changed& changed) -> absl::Status {
      const auto apply = [&]() -> absl::Status {
        PLATEN_ASSIGN_OR_RETURN(
            *response,
            edge::ApplyRecords(database, *order, base::ToMillis(now), changed.installations));
        return absl::OkStatus();
      };
      return only_check ? OnlyCheck(database, changed, apply) : apply();
    };
  };
  return Order(call, prepare, [=, this] {
    if (request->validate_only()) return;
    for (const rules_v1::RecordChange& change : response->changes()) {
      context_.metrics.record_changes[change.kind()].Increment();
    }
  });
}

grpc::ServerUnaryReactor* RulesServer::GetRecord(grpc::CallbackServerContext* call,
                                                 const rules_v1::GetRecordRequest* request,
                                                 rules_v1::Record* response) {
  return AnswerFromStore(call,
                         context_.peers,
                         context_.readers,
                         [=](Reader& reader, const core::Caller& caller) -> absl::Status {
                           PLATEN_RETURN_IF_ERROR(CheckVisible(request->name(), caller));
                           PLATEN_ASSIGN_OR_RETURN(*response, reader.GetRecord(request->name()));
                           return absl::OkStatus();
                         });
}

grpc::ServerUnaryReactor* RulesServer::ListRecords(grpc::CallbackServerContext* call,
                                                   const rules_v1::ListRecordsRequest* request,
                                                   rules_v1::ListRecordsResponse* response) {
  const auto answer = [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    RecordQuery query{.tenants = caller.tenants};
    PLATEN_ASSIGN_OR_RETURN(query.scope, core::ParseRecordScope(request->parent()));
    if (!query.scope.tenant.empty()) {
      PLATEN_RETURN_IF_ERROR(core::CheckMaySeeRecords(caller, query.scope.tenant));
    }
    PLATEN_ASSIGN_OR_RETURN(query.kinds, ParseCollections(*request));
    std::string kinds;
    for (const int kind : query.kinds) kinds += base::StrCat(kind, ",");
    const auto arguments = {
        std::string_view("records"), std::string_view(request->parent()), std::string_view(kinds)};
    PLATEN_ASSIGN_OR_RETURN(query.after, core::ReadPageToken(arguments, request->page_token()));
    PLATEN_ASSIGN_OR_RETURN(query.limit, core::PageSize(request->page_size()));
    PLATEN_ASSIGN_OR_RETURN(RecordPage found, reader.ListRecords(query));
    *response->mutable_records() = {std::move_iterator(found.page.items.begin()),
                                    std::move_iterator(found.page.items.end())};
    *response->mutable_undelivered() = {found.undelivered.begin(), found.undelivered.end()};
    if (!found.page.next.empty()) {
      response->set_next_page_token(core::MakePageToken(arguments, found.page.next));
    }
    return absl::OkStatus();
  };
  return AnswerFromStore(call, context_.peers, context_.readers, answer);
}

grpc::ServerUnaryReactor* RulesServer::DeleteRecord(grpc::CallbackServerContext* call,
                                                    const rules_v1::DeleteRecordRequest* request,
                                                    google::protobuf::Empty*) {
  const auto prepare = [&](const core::Caller& caller) -> absl::StatusOr<Store::Apply> {
    PLATEN_ASSIGN_OR_RETURN(const rules::RecordName name,
                            rules::RecordName::Parse(request->name()));
    PLATEN_RETURN_IF_ERROR(core::CheckMaySet(caller, name.tenant, name.kind));
    return [=, this](Database& database, Changed& changed) {
      return edge::DeleteRecord(
          database, request->name(), NowMillis(context_.store), changed.installations);
    };
  };
  return Order(call, prepare, [this] {
    context_.metrics.record_changes[rules_v1::RecordChange::KIND_DELETED].Increment();
  });
}

grpc::ServerUnaryReactor* RulesServer::AcknowledgeAlert(
    grpc::CallbackServerContext* call,
    const rules_v1::AcknowledgeAlertRequest* request,
    rules_v1::Record* response) {
  const auto prepare = [&](const core::Caller& caller) -> absl::StatusOr<Store::Apply> {
    PLATEN_ASSIGN_OR_RETURN(const core::AlertPlace alert, core::ParseAlertName(request->name()));
    PLATEN_RETURN_IF_ERROR(
        core::CheckMaySet(caller, alert.device.place.tenant, rules::RecordKind::kAcknowledgement));
    PLATEN_ASSIGN_OR_RETURN(const rules_v1::Record record,
                            core::MakeAcknowledgement(alert,
                                                      event::FromProto(request->ttl()),
                                                      request->note(),
                                                      caller.name,
                                                      context_.store.Now()));
    return [=, this](Database& database, Changed& changed) -> absl::Status {
      PLATEN_ASSIGN_OR_RETURN(
          *response,
          Acknowledge(
              database, alert, 0, record, NowMillis(context_.store), changed.installations));
      return absl::OkStatus();
    };
  };
  return Order(call, prepare, [this] { context_.metrics.acknowledgements.Increment(); });
}

grpc::ServerUnaryReactor* RulesServer::ListAlertHistory(
    grpc::CallbackServerContext* call,
    const rules_v1::ListAlertHistoryRequest* request,
    rules_v1::ListAlertHistoryResponse* response) {
  const auto answer = [=](Reader& reader, const core::Caller& caller) -> absl::Status {
    AlertHistoryQuery query;
    PLATEN_ASSIGN_OR_RETURN(query.alert, core::ParseAlertName(request->name()));
    PLATEN_RETURN_IF_ERROR(core::CheckMaySeeRecords(caller, query.alert.device.place.tenant));
    const auto arguments = {std::string_view("alert-history"), std::string_view(request->name())};
    PLATEN_ASSIGN_OR_RETURN(query.after, core::ReadPageToken(arguments, request->page_token()));
    PLATEN_ASSIGN_OR_RETURN(query.limit, core::PageSize(request->page_size()));
    PLATEN_ASSIGN_OR_RETURN(auto page, reader.ListAlertHistory(query));
    *response->mutable_records() = {std::move_iterator(page.items.begin()),
                                    std::move_iterator(page.items.end())};
    if (!page.next.empty()) {
      response->set_next_page_token(core::MakePageToken(arguments, page.next));
    }
    return absl::OkStatus();
  };
  return AnswerFromStore(call, context_.peers, context_.readers, answer);
}

void DropUselessRecords(Store& store, GatewayMetrics& metrics) {
  auto dropped = std::make_shared<int>(0);
  const absl::Status queued = store.Change(
      [&store, dropped](Database& database, Changed& changed) -> absl::Status {
        PLATEN_ASSIGN_OR_RETURN(
            *dropped, DropUselessRecords(database, NowMillis(store), changed.installations));
        return absl::OkStatus();
      },
      [&metrics, dropped](const absl::Status& status) {
        if (status.ok()) metrics.records_dropped.Increment(static_cast<std::uint64_t>(*dropped));
      });
  (void)queued;  // A store that takes nothing is told of by others.
}

}  // namespace platen::gateway::edge
