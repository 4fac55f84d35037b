#include "tools/platenctl/rules_in_force.h"

#include <map>
#include <utility>

#include "libs/base/status.h"
#include "libs/service/rule_file.h"

namespace platen::platenctl {
namespace {

namespace rules_v1 = platen::rules::v1;

using ByName = std::map<std::string, rules_v1::Record>;

std::vector<rules_v1::Record> Listed(ByName records) {
  std::vector<rules_v1::Record> listed;
  for (auto& [name, record] : records) listed.push_back(std::move(record));
  return listed;
}

absl::Status AddSetAtGateway(Session& session, ByName& records) {
  rules_v1::ListRecordsRequest request;
  request.set_page_size(500);
  do {
    rules_v1::ListRecordsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListRecords(&context, request, &response);
    }));
    for (rules_v1::Record& record : *response.mutable_records()) {
      // An acknowledgement is of one instance of one alert, from when it was given: of alerts that
      // are to come, or were before, it says nothing.
      if (record.has_acknowledgement()) continue;
      records[record.name()] = std::move(record);
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<rules_v1::Record>> RulesInForce(Session& session) {
  ByName records;
  if (!session.arguments.Has("over")) return Listed(std::move(records));
  PLATEN_ASSIGN_OR_RETURN(const auto own, service::ReadRuleFile(session.arguments.Get("over")));
  for (const rules_v1::Record& record : own) records[record.name()] = record;
  PLATEN_RETURN_IF_ERROR(AddSetAtGateway(session, records));
  return Listed(std::move(records));
}

absl::StatusOr<std::vector<rules_v1::Record>> ReadRulesOver(
    const std::vector<rules_v1::Record>& over, const std::string& file) {
  ByName records;
  for (const rules_v1::Record& record : over) records[record.name()] = record;
  PLATEN_ASSIGN_OR_RETURN(const auto read, service::ReadRuleFile(file));
  for (const rules_v1::Record& record : read) records[record.name()] = record;
  return Listed(std::move(records));
}

}  // namespace platen::platenctl
