#include "services/collector/core/test_alert_words.h"

#include <charconv>
#include <optional>

#include "libs/base/status.h"

namespace platen::collector::core {
namespace {

using base::InvalidArgument;

struct Named {
  std::string_view name;
  int value;
};

constexpr Named kSeverities[] = {
    {"other", 1}, {"critical", 3}, {"occurrence", 4}, {"warning", 5}, {"unsaid", 0}};
constexpr Named kTrainings[] = {{"untrained", 3},
                                {"trained", 4},
                                {"field-service", 5},
                                {"management", 6},
                                {"no-intervention", 7}};
constexpr Named kGroups[] = {
    {"unsaid", 0},
    {"other", 1},
    {"unknown", 2},
    {"device", 4},
    {"printer", 5},
    {"cover", 6},
    {"input", 8},
    {"output", 9},
    {"marker", 10},
    {"supplies", 11},
    {"colorant", 12},
    {"media-path", 13},
    {"channel", 14},
    {"interpreter", 15},
    {"console", 16},
    {"lights", 17},
    {"alert", 18},
    {"finisher", 30},
    {"finisher-supply", 31},
    {"finisher-input", 32},
};
constexpr Named kDevices[] = {
    {"unknown", 1}, {"running", 2}, {"warning", 3}, {"testing", 4}, {"down", 5}};
constexpr Named kPrinters[] = {
    {"other", 1}, {"unknown", 2}, {"idle", 3}, {"printing", 4}, {"warmup", 5}};
constexpr Named kCovers[] = {
    {"unknown", 2}, {"open", 3}, {"closed", 4}, {"interlock-open", 5}, {"interlock-closed", 6}};
constexpr Named kBits[] = {{"low-paper", 1},
                           {"no-paper", 2},
                           {"low-toner", 3},
                           {"no-toner", 4},
                           {"door-open", 5},
                           {"jammed", 6},
                           {"offline", 7},
                           {"service-requested", 8},
                           {"input-tray-missing", 9},
                           {"output-missing", 10},
                           {"supply-missing", 11},
                           {"output-near-full", 12},
                           {"output-full", 13},
                           {"input-tray-empty", 14},
                           {"maintenance-overdue", 15}};

template <std::size_t N>
absl::StatusOr<int> ValueOf(const Named (&table)[N], std::string_view word) {
  for (const Named& each : table) {
    if (each.name == word) return each.value;
  }
  return InvalidArgument("'", word, "' is none of the words that can stand here");
}

}  // namespace

absl::StatusOr<int> SeverityOf(std::string_view word) {
  return ValueOf(kSeverities, word);
}

absl::StatusOr<int> TrainingOf(std::string_view word) {
  return ValueOf(kTrainings, word);
}

absl::StatusOr<int> GroupOf(std::string_view word) {
  return ValueOf(kGroups, word);
}

absl::StatusOr<int> DeviceStatusOf(std::string_view word) {
  return ValueOf(kDevices, word);
}

absl::StatusOr<int> PrinterStatusOf(std::string_view word) {
  return ValueOf(kPrinters, word);
}

absl::StatusOr<int> CoverStatusOf(std::string_view word) {
  return ValueOf(kCovers, word);
}

absl::StatusOr<int> BitOf(std::string_view word) {
  return ValueOf(kBits, word);
}

absl::StatusOr<std::int64_t> NumberOf(std::string_view word) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) {
    return InvalidArgument("'", word, "' is not a number");
  }
  return number;
}

absl::StatusOr<base::Duration> DurationOf(std::string_view word) {
  base::Duration total{};
  const std::string_view whole = word;
  while (!word.empty()) {
    const std::size_t digits = word.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos) {
      return InvalidArgument("'", whole, "' is not a time such as 90s, 5m, 1h30m, 3d");
    }
    PLATEN_ASSIGN_OR_RETURN(const std::int64_t number, NumberOf(word.substr(0, digits)));
    switch (word[digits]) {
      case 's':
        total += std::chrono::seconds(number);
        break;
      case 'm':
        total += std::chrono::minutes(number);
        break;
      case 'h':
        total += std::chrono::hours(number);
        break;
      case 'd':
        total += std::chrono::hours(24 * number);
        break;
      default:
        return InvalidArgument("'", whole, "' is not a time such as 90s, 5m, 1h30m, 3d");
    }
    word.remove_prefix(digits + 1);
  }
  return total;
}

absl::StatusOr<Words> SplitWords(std::string_view line) {
  Words words;
  std::optional<std::string> word;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
      if (!word.has_value()) word.emplace();
    } else if (quoted || (c != ' ' && c != '\t' && c != '#')) {
      if (!word.has_value()) word.emplace();
      word->push_back(c);
    } else if (c == '#') {
      break;
    } else if (word.has_value()) {
      words.push_back(*std::exchange(word, std::nullopt));
    }
  }
  if (quoted) return InvalidArgument("a quotation mark is missing");
  if (word.has_value()) words.push_back(*word);
  return words;
}

}  // namespace platen::collector::core
