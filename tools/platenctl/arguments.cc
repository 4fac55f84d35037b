#include "tools/platenctl/arguments.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/cord.h"
#include "libs/base/nearest_name.h"
#include "libs/base/status.h"

namespace platen::platenctl {
namespace {

// What marks a status as a usage error.
constexpr absl::string_view kUsagePayload = "platenctl.usage";

const OptionSpec* Find(std::string_view name, std::span<const OptionSpec> options) {
  const auto found = std::ranges::find(options, name, &OptionSpec::name);
  return found == options.end() ? nullptr : &*found;
}

absl::Status Unknown(std::string_view name, std::span<const OptionSpec> options) {
  std::vector<std::string_view> names;
  for (const OptionSpec& option : options) names.push_back(option.name);
  // What other programs call it.
  if ((name == "json" || name == "csv") && Find("output", options) != nullptr) {
    return base::InvalidArgument(
        "there is no option --", name, "; did you mean --output ", name, "?");
  }
  const std::string nearest = base::NearestName(name, names);
  return base::InvalidArgument("there is no option --",
                               name,
                               nearest.empty() ? "" : "; did you mean --",
                               nearest,
                               nearest.empty() ? "" : "?");
}

std::optional<std::int64_t> WholeNumber(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

absl::Status CheckValue(const OptionSpec& option, const std::string& value) {
  if (option.max == 0) return absl::OkStatus();
  const std::optional<std::int64_t> number = WholeNumber(value);
  if (number.has_value() && *number >= option.min && *number <= option.max) return absl::OkStatus();
  return base::InvalidArgument(
      "--", option.name, " takes a whole number from ", option.min, " to ", option.max);
}

}  // namespace

absl::Status MakeUsageError(std::string_view message) {
  absl::Status status = base::InvalidArgument(message);
  status.SetPayload(kUsagePayload, absl::Cord());
  return status;
}

bool IsUsageError(const absl::Status& status) {
  return status.GetPayload(kUsagePayload).has_value();
}

absl::StatusOr<Arguments> Arguments::Parse(std::span<const std::string> words,
                                           std::span<const OptionSpec> options) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      arguments.operands_.insert(arguments.operands_.end(),
                                 words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                 words.end());
      break;
    }
    if (!word.starts_with("--")) {
      if (word.size() > 1 && word.front() == '-') {
        return base::InvalidArgument("options are long, with two dashes: ", word);
      }
      arguments.operands_.push_back(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const OptionSpec* option = Find(name, options);
    if (option == nullptr) return Unknown(name, options);
    if (option->value.empty()) {
      if (equals != std::string::npos) return base::InvalidArgument("--", name, " takes no value");
      arguments.values_[name] = {"true"};
    } else if (equals != std::string::npos) {
      arguments.values_[name].push_back(word.substr(equals + 1));
    } else if (i + 1 < words.size()) {
      arguments.values_[name].push_back(words[++i]);
    } else {
      return base::InvalidArgument("--", name, " takes a value: ", option->value);
    }
    PLATEN_RETURN_IF_ERROR(CheckValue(*option, arguments.values_[name].back()));
  }
  return arguments;
}

std::vector<std::string> Arguments::All(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::string Arguments::Get(std::string_view name) const {
  return Get(name, {});
}

std::string Arguments::Get(std::string_view name, std::string_view otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string(otherwise) : found->second.back();
}

std::int64_t Arguments::Number(std::string_view name, std::int64_t otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : WholeNumber(found->second.back()).value_or(otherwise);
}

std::string DescribeOptions(std::span<const OptionSpec> options) {
  std::size_t width = 0;
  const auto left = [](const OptionSpec& option) {
    std::string text = base::StrCat("  --", option.name);
    if (!option.value.empty()) text += base::StrCat(" ", option.value);
    return text;
  };
  for (const OptionSpec& option : options) width = std::max(width, left(option).size());
  std::string text;
  for (const OptionSpec& option : options) {
    std::string line = left(option);
    line.resize(width + 2, ' ');
    text += base::StrCat(line, option.help, "\n");
  }
  return text;
}

}  // namespace platen::platenctl
