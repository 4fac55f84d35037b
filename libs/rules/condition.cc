#include "libs/rules/condition.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/str_split.h"
#include "libs/base/status.h"

namespace platen::rules {
namespace {

using event::v1::Event;

std::string NumberKey(std::int64_t number) {
  std::string key(sizeof number, '\0');
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

// Whether the pieces stand in the text in this order, the first at its beginning and the last at
// its end.
bool Fits(std::string_view text, const std::vector<std::string>& pieces) {
  const std::string& first = pieces.front();
  const std::string& last = pieces.back();
  if (text.size() < first.size() + last.size()) return false;
  if (text.substr(0, first.size()) != first) return false;
  if (text.substr(text.size() - last.size()) != last) return false;
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  for (std::size_t i = 1; i + 1 < pieces.size(); ++i) {
    const std::size_t at = text.find(pieces[i]);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + pieces[i].size());
  }
  return true;
}

}  // namespace

absl::StatusOr<Test> Test::Compile(Field field,
                                   const std::vector<std::string>& values,
                                   bool holds) {
  Test test(std::move(field));
  test.holds_ = holds;
  if (values.size() > kValuesMax) {
    return base::InvalidArgument(
        "field '", test.field_.path(), "': more than ", kValuesMax, " values");
  }
  for (const std::string& value : values) {
    if (value.size() > kValueBytesMax) {
      return base::InvalidArgument(
          "field '", test.field_.path(), "': a value of more than ", kValueBytesMax, " bytes");
    }
    PLATEN_RETURN_IF_ERROR(test.field_.is_text() ? test.AddText(value) : test.AddNumber(value));
  }
  return test;
}

absl::Status Test::AddNumber(std::string_view value) {
  const std::size_t dots = value.find("..");
  const bool is_range = dots != std::string_view::npos;
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t first, field_.ParseNumber(value.substr(0, dots)));
  std::int64_t last = first;
  if (is_range) {
    PLATEN_ASSIGN_OR_RETURN(last, field_.ParseNumber(value.substr(dots + 2)));
  }
  if (last < first || (is_range && field_.kind() == Field::Kind::kName)) {
    return base::InvalidArgument("field '", field_.path(), "': '", value, "' is no range");
  }
  ranges_.emplace_back(first, last);
  return absl::OkStatus();
}

absl::Status Test::AddText(std::string_view value) {
  if (value.empty()) {
    return base::InvalidArgument("field '", field_.path(), "': an empty text is never there");
  }
  if (field_.kind() == Field::Kind::kId) {
    PLATEN_ASSIGN_OR_RETURN(std::string bytes, Field::ParseId(value));
    texts_.insert(std::move(bytes));
  } else if (value.find('*') == std::string_view::npos) {
    texts_.emplace(value);
  } else {
    patterns_.push_back(absl::StrSplit(base::ToAbsl(value), '*'));
  }
  return absl::OkStatus();
}

bool Test::Has(const Event& event) const {
  if (!field_.is_text()) {
    const auto number = field_.Number(event);
    return number.has_value() &&
           std::any_of(ranges_.begin(), ranges_.end(), [&](const auto& range) {
             return range.first <= *number && *number <= range.second;
           });
  }
  std::string scratch;
  const auto text = field_.Text(event, scratch);
  if (!text.has_value()) return false;
  if (texts_.contains(base::ToAbsl(*text))) return true;
  return std::any_of(
      patterns_.begin(), patterns_.end(), [&](const auto& pieces) { return Fits(*text, pieces); });
}

bool Test::Takes(const Event& event) const {
  return Has(event) == holds_;
}

std::vector<std::string> Test::ExactKeys() const {
  std::vector<std::string> keys;
  if (!holds_ || !patterns_.empty()) return keys;
  if (field_.is_text()) {
    keys.assign(texts_.begin(), texts_.end());
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  for (const auto& [first, last] : ranges_) {
    if (first != last) return {};
    keys.push_back(NumberKey(first));
  }
  return keys;
}

bool AllTake(const std::vector<Test>& tests, const Event& event) {
  return std::all_of(
      tests.begin(), tests.end(), [&](const Test& test) { return test.Takes(event); });
}

std::optional<std::string> KeyOf(const Field& field, const Event& event) {
  if (!field.is_text()) {
    const auto number = field.Number(event);
    if (!number.has_value()) return std::nullopt;
    return NumberKey(*number);
  }
  std::string scratch;
  const auto text = field.Text(event, scratch);
  if (!text.has_value()) return std::nullopt;
  return std::string(*text);
}

absl::StatusOr<Condition> Condition::Compile(
    const google::protobuf::RepeatedPtrField<v1::Match>& alternatives) {
  Condition condition;
  if (alternatives.empty()) return condition;
  if (alternatives.size() > kAlternativesMax) {
    return base::InvalidArgument("more than ", kAlternativesMax, " alternatives");
  }
  condition.alternatives_.clear();
  for (const v1::Match& match : alternatives) {
    if (match.all_of().empty() || match.all_of_size() > kMatchersMax) {
      return base::InvalidArgument("all_of: 1 to ", kMatchersMax, " conditions");
    }
    Alternative& tests = condition.alternatives_.emplace_back();
    for (const v1::Matcher& matcher : match.all_of()) {
      PLATEN_ASSIGN_OR_RETURN(const Field field, Field::Parse(matcher.field()));
      if (matcher.is().empty() && matcher.is_not().empty()) {
        return base::InvalidArgument(
            "field '", matcher.field(), "': say what it `is`, or `is_not`");
      }
      if (!matcher.is().empty()) {
        PLATEN_ASSIGN_OR_RETURN(
            Test test, Test::Compile(field, {matcher.is().begin(), matcher.is().end()}, true));
        tests.push_back(std::move(test));
      }
      if (!matcher.is_not().empty()) {
        PLATEN_ASSIGN_OR_RETURN(
            Test test,
            Test::Compile(field, {matcher.is_not().begin(), matcher.is_not().end()}, false));
        tests.push_back(std::move(test));
      }
    }
  }
  return condition;
}

void Condition::Narrow(const Test& test) {
  for (Alternative& tests : alternatives_) tests.push_back(test);
}

bool Condition::Takes(const Event& event) const {
  return std::any_of(alternatives_.begin(), alternatives_.end(), [&](const Alternative& tests) {
    return AllTake(tests, event);
  });
}

}  // namespace platen::rules
