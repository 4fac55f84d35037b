#include "tools/topics/record_line.h"

#include <algorithm>
#include <memory>

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/event.pb.h"
#include "platen/event/v1/pipeline.pb.h"

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/service/json.h"

namespace platen::topics {
namespace {

using base::StrCat;
using google::protobuf::Message;

bool IsText(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// "platen.alerts.v1" → "alerts".
std::string_view Kind(std::string_view topic) {
  const std::size_t begin = topic.find('.');
  const std::size_t end = topic.rfind('.');
  return end > begin && begin != topic.npos ? topic.substr(begin + 1, end - begin - 1) : topic;
}

std::unique_ptr<Message> EmptyValue(std::string_view kind, std::string_view key) {
  if (kind == "alerts" || kind == "telemetry" || kind == "logs") {
    return std::make_unique<event::v1::Event>();
  }
  if (kind == "targets") return std::make_unique<event::v1::Target>();
  if (kind == "commands") return std::make_unique<event::v1::Command>();
  if (kind == "deadletter") return std::make_unique<event::v1::DeadLetter>();
  if (kind == "device-state" && key.find("!owner") == key.npos) {
    return std::make_unique<collector::v1::DeviceState>();
  }
  return nullptr;
}

void AppendIds(const event::v1::Event& event, std::string& line) {
  line += StrCat(",\"event_id\":\"", base::HexEncode(event.id()), "\"");
  line += StrCat(",\"device_id\":\"", base::HexEncode(event.device_id()), "\"");
}

void AppendValue(std::string_view kind,
                 std::string_view key,
                 std::string_view bytes,
                 std::string& line) {
  const std::unique_ptr<Message> value = EmptyValue(kind, key);
  const auto size = static_cast<int>(bytes.size());
  if (value == nullptr || !value->ParseFromArray(bytes.data(), size)) {
    line += StrCat(",\"value_bytes\":", bytes.size());
    return;
  }
  if (const auto* event = dynamic_cast<const event::v1::Event*>(value.get())) {
    AppendIds(*event, line);
  }
  event::v1::Event refused;
  const auto* letter = dynamic_cast<const event::v1::DeadLetter*>(value.get());
  if (letter != nullptr && refused.ParseFromString(letter->payload())) AppendIds(refused, line);
  std::string json;
  if (google::protobuf::util::MessageToJsonString(*value, &json).ok()) {
    line += StrCat(",\"value\":", json);
  }
}

}  // namespace

std::string RecordLine(const broker::Partition& partition, const broker::RecordView& record) {
  using google::protobuf::util::TimeUtil;
  const auto append_time = TimeUtil::MillisecondsToTimestamp(base::ToMillis(record.append_time));
  std::string line =
      StrCat("{\"topic\":",
             service::JsonString(partition.topic),
             ",\"partition\":",
             partition.number,
             ",\"offset\":",
             record.offset,
             ",\"append_time\":\"",
             TimeUtil::ToString(append_time),
             "\",\"key\":",
             service::JsonString(IsText(record.key) ? record.key : base::HexEncode(record.key)));
  if (record.value.has_value()) AppendValue(Kind(partition.topic), record.key, *record.value, line);
  return line + "}";
}

}  // namespace platen::topics
