#include "services/notifier/edge/channels/json.h"

#include "absl/strings/str_cat.h"
#include "libs/event/rfc3339.h"
#include "libs/service/json.h"

namespace platen::notifier::edge {
namespace {

// An alert with its device; more makes the text grow.
constexpr std::size_t kBytesExpected = 1000;

}  // namespace

void JsonObject::Text(std::string_view name, std::string_view value) {
  if (!value.empty()) service::AppendJsonString(Member(name), value);
}

void JsonObject::Number(std::string_view name, std::int64_t value) {
  absl::StrAppend(&Member(name), value);
}

void JsonObject::Flag(std::string_view name, bool value) {
  Member(name) += value ? "true" : "false";
}

void JsonObject::Time(std::string_view name, const google::protobuf::Timestamp& time) {
  Text(name, event::Rfc3339Millis(time));
}

void JsonObject::Object(std::string_view name, const JsonObject& value) {
  Member(name).append("{").append(value.members_).append("}");
}

void JsonObject::Array(std::string_view name, const JsonArray& value) {
  Member(name).append("[").append(value.elements_).append("]");
}

// What is written next is the member's value.
std::string& JsonObject::Member(std::string_view name) {
  if (members_.empty()) members_.reserve(kBytesExpected);
  members_.append(members_.empty() ? "\"" : ",\"").append(name).append("\":");
  return members_;
}

void JsonArray::Add(const JsonObject& value) {
  if (!elements_.empty()) elements_ += ",";
  elements_.append("{").append(value.members_).append("}");
}

}  // namespace platen::notifier::edge
