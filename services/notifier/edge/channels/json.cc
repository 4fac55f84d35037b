#include "services/notifier/edge/channels/json.h"

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/json.h"

namespace platen::notifier::edge {

void JsonObject::Text(std::string_view name, std::string_view value) {
  if (!value.empty()) Raw(name, service::JsonString(value));
}

void JsonObject::Number(std::string_view name, std::int64_t value) {
  Raw(name, base::StrCat(value));
}

void JsonObject::Flag(std::string_view name, bool value) {
  Raw(name, value ? "true" : "false");
}

void JsonObject::Time(std::string_view name, const google::protobuf::Timestamp& time) {
  Text(name, Rfc3339(time));
}

void JsonObject::Object(std::string_view name, const JsonObject& value) {
  Raw(name, value.Close());
}

void JsonObject::Array(std::string_view name, const JsonArray& value) {
  Raw(name, value.Close());
}

void JsonObject::Raw(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_ += ",";
  service::AppendJsonString(members_, name);
  members_ += ":";
  members_ += json;
}

void JsonArray::Add(const JsonObject& value) {
  if (!elements_.empty()) elements_ += ",";
  elements_ += value.Close();
}

std::string Rfc3339(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ",
                          absl::FromUnixMillis(base::ToMillis(event::FromProto(time))),
                          absl::UTCTimeZone());
}

}  // namespace platen::notifier::edge
