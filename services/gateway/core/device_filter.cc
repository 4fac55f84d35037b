#include "services/gateway/core/device_filter.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/ascii.h"
#include "libs/base/status.h"

namespace platen::gateway::core {
namespace {

using Device = platen::fleet::v1::Device;
constexpr std::size_t kFilterBytesMax = 2048;
constexpr std::size_t kTextsMax = 8;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) { SkipSpaces(); }

  bool at_end() const { return at_ == text_.size(); }

  // A run of letters, digits and the like; empty where there is none.
  std::string Word() {
    const std::size_t begin = at_;
    while (!at_end() && IsWordPart(text_[at_])) ++at_;
    std::string word(text_.substr(begin, at_ - begin));
    SkipSpaces();
    return word;
  }

  // '=' or ':'; 0 where there is neither.
  char Operator() {
    if (at_end() || (text_[at_] != '=' && text_[at_] != ':')) return 0;
    const char op = text_[at_++];
    SkipSpaces();
    return op;
  }

  std::optional<std::string> Value() {
    if (at_end()) return std::nullopt;
    if (text_[at_] != '"') {
      std::string word = Word();
      return word.empty() ? std::nullopt : std::optional(std::move(word));
    }
    std::string value;
    for (++at_; !at_end() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.push_back(text_[at_]);
    }
    if (at_end()) return std::nullopt;
    ++at_;
    SkipSpaces();
    return value;
  }

  absl::Status Fault(std::string_view what) const {
    return base::InvalidArgument("filter, column ",
                                 at_ + 1,
                                 ": ",
                                 what,
                                 " (for example: state = \"alert\" AND text : \"mono\")");
  }

 private:
  static bool IsWordPart(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
           c == '/';
  }

  void SkipSpaces() {
    while (!at_end() && text_[at_] == ' ') ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

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
  if (text.size() > kFilterBytesMax) return base::InvalidArgument("filter: longer than 2048 bytes");
  Reader reader(text);
  while (!reader.at_end()) {
    const std::string field = reader.Word();
    const char op = reader.Operator();
    if (field.empty() || op == 0) return reader.Fault("a field and \"=\" or \":\" are expected");
    std::optional<std::string> value = reader.Value();
    if (!value.has_value()) return reader.Fault("a value is expected, in double quotes");
    if (const std::string fault = Apply(field, op, *std::move(value), filter); !fault.empty()) {
      return reader.Fault(fault);
    }
    if (reader.at_end()) break;
    if (reader.Word() != "AND") return reader.Fault("AND is expected");
    if (reader.at_end()) return reader.Fault("a condition is expected after AND");
  }
  return filter;
}

}  // namespace platen::gateway::core
