#include "libs/rules/references.h"

#include <utility>

#include "libs/base/status.h"

namespace platen::rules {
namespace {

std::string_view WordOf(RecordKind kind) {
  std::string_view word = CollectionOf(kind);
  word.remove_suffix(1);  // Their plurals end in an s.
  return word;
}

void AddReceivers(const google::protobuf::RepeatedPtrField<std::string>& receivers,
                  std::vector<Reference>& references) {
  for (const std::string_view receiver : receivers) {
    if (receiver.starts_with(kContacts)) {
      references.push_back({RecordKind::kContact, std::string(receiver.substr(kContacts.size()))});
    } else if (receiver.starts_with(kRosters)) {
      references.push_back({RecordKind::kRoster, std::string(receiver.substr(kRosters.size()))});
    }
  }
}

}  // namespace

std::string Reference::ToString() const {
  return base::StrCat(WordOf(kind), " '", id, "'");
}

std::vector<Reference> ReferencesOf(const v1::Record& record) {
  std::vector<Reference> references;
  if (record.rule().off()) return references;
  const auto add = [&](RecordKind kind, const std::string& id) {
    if (!id.empty()) references.push_back({kind, id});
  };
  add(RecordKind::kCalendar, record.rule().hours());
  add(RecordKind::kCalendar, record.silence().calendar());
  add(RecordKind::kEscalation, record.rule().escalation());
  AddReceivers(record.rule().receivers(), references);
  for (const auto& step : record.escalation().steps()) AddReceivers(step.receivers(), references);
  for (const std::string& contact : record.roster().contacts()) add(RecordKind::kContact, contact);
  for (const auto& each : record.roster().overrides()) add(RecordKind::kContact, each.contact());
  return references;
}

std::vector<std::string> NamesOf(RecordKind kind,
                                 std::string_view id,
                                 std::string_view tenant,
                                 std::string_view site) {
  RecordName name{std::string(tenant), std::string(site), kind, std::string(id)};
  std::vector<std::string> names;
  if (!site.empty()) names.push_back(name.ToString());
  name.site.clear();
  if (!tenant.empty()) names.push_back(name.ToString());
  name.tenant.clear();
  names.push_back(name.ToString());
  return names;
}

}  // namespace platen::rules
