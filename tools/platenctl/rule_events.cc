#include "tools/platenctl/rule_events.h"

#include <algorithm>

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include "platen/fleet/v1/fleet.pb.h"

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::platenctl {
namespace {

using event::v1::Event;

// Says nothing: what is wrong is said in the words of ParseAlertEvent().
class Silent final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, int, const std::string&) override {}
};

bool FromText(std::string_view text, Event& event) {
  Silent silent;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silent);
  return parser.ParseFromString(std::string(text), &event);
}

template <class Message>
absl::Status FromJson(std::string_view text, Message& message) {
  const auto status =
      google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &message);
  if (status.ok()) return absl::OkStatus();
  return base::InvalidArgument("the event can't be read: ", status.ToString());
}

// The segment behind "tenants", "sites", "devices" in a resource's name; empty where there is none.
std::string SegmentOf(std::string_view name, std::string_view collection) {
  while (!name.empty()) {
    const std::size_t slash = name.find('/');
    const std::string_view word = name.substr(0, slash);
    if (slash == std::string_view::npos) return "";
    name.remove_prefix(slash + 1);
    const std::string_view value = name.substr(0, name.find('/'));
    if (word == collection) return std::string(value);
    name.remove_prefix(std::min(value.size() + 1, name.size()));
  }
  return "";
}

// What a record's name says and its event or alert may not.
void TakePlace(std::string_view name, Event& event) {
  if (event.tenant().empty()) event.set_tenant(SegmentOf(name, "tenants"));
  if (event.site().empty()) event.set_site(SegmentOf(name, "sites"));
  if (!event.device_id().empty()) return;
  if (const auto id = base::DeviceId::FromHex(SegmentOf(name, "devices")); id.ok()) {
    event.set_device_id(std::string(id->bytes()));
  }
}

absl::StatusOr<Event> ParseJson(std::string_view text) {
  google::protobuf::Struct shape;
  PLATEN_RETURN_IF_ERROR(FromJson(text, shape));
  const auto has = [&](const char* key) { return shape.fields().count(key) > 0; };
  if (has("event")) {
    fleet::v1::DeviceHistoryRecord record;
    PLATEN_RETURN_IF_ERROR(FromJson(text, record));
    TakePlace(record.device(), *record.mutable_event());
    return std::move(*record.mutable_event());
  }
  Event event;
  if (!has("name")) {
    PLATEN_RETURN_IF_ERROR(FromJson(text, event));
    return event;
  }
  fleet::v1::AlertRecord record;
  PLATEN_RETURN_IF_ERROR(FromJson(text, record));
  return EventOf(record);
}

}  // namespace

Event EventOf(const fleet::v1::AlertRecord& record) {
  Event event;
  *event.mutable_alert() = record.alert();
  if (!event.alert().has_raise_time() && record.has_raise_time()) {
    *event.mutable_alert()->mutable_raise_time() = record.raise_time();
  }
  TakePlace(record.name(), event);
  return event;
}

absl::StatusOr<Event> ParseAlertEvent(std::string_view text) {
  Event event;
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin != std::string_view::npos && text[begin] == '{') {
    PLATEN_ASSIGN_OR_RETURN(event, ParseJson(text));
  } else if (!FromText(text, event)) {
    return base::InvalidArgument(
        "the event is neither JSON, as `platenctl alerts list --output json` gives it out, nor a "
        "platen.event.v1.Event in protobuf's text format");
  }
  if (!event.has_alert()) {
    return base::InvalidArgument("the event is about no alert: rules are for alerts alone");
  }
  return event;
}

Event BeginningOf(const Event& event, base::WallTime now) {
  Event beginning = event;
  beginning.set_id(std::string(base::EventId::kSize, '\1'));
  if (beginning.device_id().size() != base::DeviceId::kSize) {
    beginning.set_device_id(std::string(base::DeviceId::kSize, '\0'));
  }
  *beginning.mutable_occurrence_time() = event::ToProto(now);
  *beginning.mutable_observation_time() = event::ToProto(now);
  event::v1::Alert& alert = *beginning.mutable_alert();
  alert.set_transition(event::v1::ALERT_TRANSITION_RAISED);
  alert.clear_end();
  if (alert.alert_id().empty()) alert.set_alert_id("alert");
  if (alert.instance() == 0) alert.set_instance(1);
  *alert.mutable_raise_time() = event::ToProto(now);
  return beginning;
}

}  // namespace platen::platenctl
