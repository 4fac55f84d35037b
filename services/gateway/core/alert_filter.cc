#include "services/gateway/core/alert_filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/status.h"
#include "libs/event/enum_names.h"
#include "services/gateway/core/filter_text.h"

namespace platen::gateway::core {
namespace {

namespace ev = platen::event::v1;
using Record = platen::fleet::v1::AlertRecord;

constexpr std::size_t kTextsMax = 8;
constexpr std::array<const char*, 9> kTextFields = {"tenant",
                                                    "site",
                                                    "device",
                                                    "alert_id",
                                                    "vendor",
                                                    "model",
                                                    "serial_number",
                                                    "customer",
                                                    "location"};

// Empty where it worked; otherwise what there is.
template <class Enum>
std::string SetEnum(const google::protobuf::EnumDescriptor& type,
                    const std::string& value,
                    std::optional<Enum>& part) {
  const std::string word = absl::AsciiStrToLower(value);
  for (int i = 0; i < type.value_count(); ++i) {
    const int number = type.value(i)->number();
    if (event::ShortEnumName(type, number) != word || word.empty()) continue;
    part = static_cast<Enum>(number);
    return "";
  }
  return "no such value: " + absl::StrJoin(event::ShortEnumNames(type), ", ");
}

std::string SetOpen(const std::string& value, AlertFilter& filter) {
  if (value != "true" && value != "false") return "must be true or false";
  filter.open = value == "true";
  return "";
}

std::string SetCode(const std::string& value, AlertFilter& filter) {
  std::int32_t code = 0;
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, code);
  if (parsed.ec != std::errc() || parsed.ptr != end) return "must be a number";
  filter.code = code;
  return "";
}

// Empty where it worked.
std::string Apply(const std::string& field, char op, std::string value, AlertFilter& filter) {
  if (field == "text") {
    if (op != ':') return "text is used with \":\"";
    if (filter.contained.size() == kTextsMax) return "at most 8 texts";
    filter.contained.push_back(absl::AsciiStrToLower(value));
    return "";
  }
  if (op != '=') return "this field is used with \"=\"";
  if (field == "category") return SetEnum(*ev::AlertCategory_descriptor(), value, filter.category);
  if (field == "severity") return SetEnum(*ev::AlertSeverity_descriptor(), value, filter.severity);
  if (field == "training") return SetEnum(*ev::AlertTraining_descriptor(), value, filter.training);
  if (field == "open") return SetOpen(value, filter);
  if (field == "code") return SetCode(value, filter);
  if (std::find(kTextFields.begin(), kTextFields.end(), field) == kTextFields.end()) {
    return "no such field: category, severity, training, code, open, text, " +
           absl::StrJoin(kTextFields, ", ");
  }
  filter.texts[field] = std::move(value);
  return "";
}

std::string_view TextOf(const Record& record, std::string_view field) {
  const ev::DeviceLabel& device = record.alert().device();
  if (field == "alert_id") return record.alert().alert_id();
  if (field == "vendor") return device.manufacturer();
  if (field == "model") return device.model();
  if (field == "serial_number") return device.serial_number();
  if (field == "customer") return device.customer();
  if (field == "location") return device.location();
  // tenants/T/sites/S/devices/D/alerts/…
  const std::size_t part = field == "tenant" ? 1 : field == "site" ? 3 : 5;
  const std::vector<absl::string_view> parts = absl::StrSplit(record.name(), '/');
  if (part >= parts.size()) return "";
  return {parts[part].data(), parts[part].size()};
}

bool Contains(const Record& record, const std::string& text) {
  const ev::Alert& alert = record.alert();
  const ev::DeviceLabel& device = alert.device();
  for (const std::string* const said : {&alert.description(),
                                        &alert.where(),
                                        &alert.console_text(),
                                        &device.model(),
                                        &device.serial_number(),
                                        &device.display_name(),
                                        &device.customer(),
                                        &device.location()}) {
    if (absl::StrContains(absl::AsciiStrToLower(*said), text)) return true;
  }
  return false;
}

}  // namespace

bool AlertFilter::Matches(const Record& record) const {
  const ev::Alert& alert = record.alert();
  return (!open.has_value() || *open == record.open()) &&
         (!category.has_value() || *category == alert.category()) &&
         (!severity.has_value() || *severity == alert.severity()) &&
         (!training.has_value() || *training == alert.training()) &&
         (!code.has_value() || *code == alert.code()) &&
         std::ranges::all_of(
             texts, [&](const auto& each) { return TextOf(record, each.first) == each.second; }) &&
         std::ranges::all_of(contained,
                             [&](const std::string& text) { return Contains(record, text); });
}

absl::StatusOr<AlertFilter> ParseAlertFilter(std::string_view text) {
  AlertFilter filter;
  PLATEN_RETURN_IF_ERROR(
      ReadFilter(text,
                 "category = jam AND site = \"hq\" AND text : \"tray 2\"",
                 [&filter](const std::string& field, char op, std::string value) {
                   return Apply(field, op, std::move(value), filter);
                 }));
  return filter;
}

}  // namespace platen::gateway::core
