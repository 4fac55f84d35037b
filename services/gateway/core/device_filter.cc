#include "services/gateway/core/device_filter.h"

#include "absl/strings/ascii.h"
#include "libs/base/status.h"
#include "services/gateway/core/filter_text.h"

namespace platen::gateway::core {
namespace {

using Device = platen::fleet::v1::Device;
constexpr std::size_t kTextsMax = 8;

bool SetState(const std::string& name, DeviceFilter& filter) {
  Device::State state = Device::STATE_UNSPECIFIED;
  const std::string upper = absl::AsciiStrToUpper(name);
  if (!Device::State_Parse(upper.starts_with("STATE_") ? upper : "STATE_" + upper, &state)) {
    return false;
  }
  filter.state = state;
  return true;
}

// Empty where it worked.
std::string Apply(const std::string& field, char op, std::string value, DeviceFilter& filter) {
  if (field == "text") {
    if (op != ':') return "text is used with \":\"";
    if (filter.texts.size() == kTextsMax) return "at most 8 texts";
    filter.texts.push_back(std::move(value));
    return {};
  }
  if (op != '=') return "this field is used with \"=\"";
  if (field == "state") {
    return SetState(value, filter) ? "" : "no such state: pending, ok, alert, asleep, unreachable";
  }
  if (field == "serial_number") {
    filter.serial_number = std::move(value);
  } else if (field == "model") {
    filter.model = std::move(value);
  } else if (field == "address") {
    filter.address = std::move(value);
  } else {
    return "no such field: serial_number, model, address, state, text";
  }
  return {};
}

}  // namespace

absl::StatusOr<DeviceFilter> ParseDeviceFilter(std::string_view text) {
  DeviceFilter filter;
  PLATEN_RETURN_IF_ERROR(
      ReadFilter(text,
                 "state = \"alert\" AND text : \"mono\"",
                 [&filter](const std::string& field, char op, std::string value) {
                   return Apply(field, op, std::move(value), filter);
                 }));
  return filter;
}

}  // namespace platen::gateway::core
