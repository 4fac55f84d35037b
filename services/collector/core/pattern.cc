#include "services/collector/core/pattern.h"

#include <cstdint>
#include <iterator>

#include "libs/base/status.h"

namespace platen::collector::core {
namespace {

// Thrown through std::regex_search, which offers no other way out.
struct OutOfSteps {};

// A byte of the text that is searched; each look at it costs a step.
class Byte {
 public:
  using iterator_category = std::bidirectional_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Byte() = default;

  Byte(const char* at, std::size_t* steps) : at_(at), steps_(steps) {}

  reference operator*() const {
    if (*steps_ == 0) throw OutOfSteps();
    --*steps_;
    return *at_;
  }

  Byte& operator++() {
    ++at_;
    return *this;
  }

  Byte operator++(int) {
    const Byte before = *this;
    ++at_;
    return before;
  }

  Byte& operator--() {
    --at_;
    return *this;
  }

  Byte operator--(int) {
    const Byte before = *this;
    --at_;
    return before;
  }

  const char* at() const { return at_; }

  friend bool operator==(const Byte& a, const Byte& b) { return a.at_ == b.at_; }

 private:
  const char* at_ = nullptr;
  std::size_t* steps_ = nullptr;
};

using Match = std::match_results<Byte>;

std::string TextOf(const Match& match, std::size_t group) {
  return match[group].matched ? std::string(match[group].first.at(), match[group].second.at())
                              : std::string();
}

// Calls `found` for each match until it returns false.
template <class Found>
void Search(const Pattern& pattern, std::string_view text, const Found& found) {
  const std::string_view searched = text.substr(0, kMaxPatternInput);
  std::size_t steps = kMaxPatternSteps;
  const Byte end(searched.data() + searched.size(), &steps);
  Byte from(searched.data(), &steps);
  auto flags = std::regex_constants::match_default;
  try {
    Match match;
    while (std::regex_search(from, end, match, pattern.regex, flags)) {
      if (!found(match)) return;
      from = match[0].second;
      if (match[0].first == from) {
        if (from == end) return;
        ++from;
      }
      flags = std::regex_constants::match_prev_avail;
    }
  } catch (const OutOfSteps&) {
    return;  // What was not found by now counts as not there.
  } catch (const std::regex_error&) {
    return;  // The engine's own bounds.
  }
}

// Follows groups and repetitions through a regular expression's text.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  // Null where there is nothing against it.
  const char* Fault() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\\') {
        if (at_ < text_.size() && text_[at_] >= '1' && text_[at_] <= '9') {
          return "it refers back to a group";
        }
        ++at_;
      } else if (c == '[') {
        SkipClass();
      } else if (c == '(') {
        holds_.push_back(false);
      } else if (c == ')') {
        if (holds_.empty()) return nullptr;  // The compiler of regular expressions says it better.
        const bool holds = holds_.back();
        holds_.pop_back();
        if (Repeats() && holds) {
          return "it repeats a group that holds a repetition or a choice, which some texts would "
                 "keep busy for ever";
        }
        if (holds) Hold();
      } else if (c == '|' || c == '*' || c == '+' || c == '{') {
        Hold();
      }
    }
    return nullptr;
  }

 private:
  void Hold() {
    if (!holds_.empty()) holds_.back() = true;
  }

  bool Repeats() const {
    return at_ < text_.size() && (text_[at_] == '*' || text_[at_] == '+' || text_[at_] == '{');
  }

  void SkipClass() {
    while (at_ < text_.size() && text_[at_] != ']') at_ += text_[at_] == '\\' ? 2 : 1;
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<bool> holds_;  // For each open group.
};

bool IsLiteral(std::string_view text) {
  if (text.starts_with('^')) text.remove_prefix(1);
  return text.find_first_of(R"(^$\.*+?()[]{}|)") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<Pattern> MakePattern(std::string_view text) {
  if (text.size() > kMaxPatternText) {
    return base::InvalidArgument("a regular expression of more than ", kMaxPatternText, " bytes");
  }
  if (const char* fault = Scan(text).Fault(); fault != nullptr) {
    return base::InvalidArgument("a regular expression that can't be used (", fault, "): ", text);
  }
  try {
    return Pattern{std::string(text), std::regex(text.begin(), text.end()), IsLiteral(text)};
  } catch (const std::regex_error& error) {
    return base::InvalidArgument("not a regular expression (", error.what(), "): ", text);
  }
}

bool Matches(const Pattern& pattern, std::string_view text) {
  if (pattern.is_literal) {
    const std::string_view literal = pattern.text;
    const std::string_view searched = text.substr(0, kMaxPatternInput);
    return literal.starts_with('^') ? searched.starts_with(literal.substr(1))
                                    : searched.find(literal) != std::string_view::npos;
  }
  bool matches = false;
  Search(pattern, text, [&matches](const Match&) {
    matches = true;
    return false;
  });
  return matches;
}

std::optional<std::string> Extract(const Pattern& pattern, std::string_view text) {
  std::optional<std::string> extract;
  Search(pattern, text, [&extract](const Match& match) {
    extract = TextOf(match, match.size() > 1 ? 1 : 0);
    return false;
  });
  return extract;
}

std::vector<std::pair<std::string, std::string>> ExtractPairs(const Pattern& pattern,
                                                              std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  Search(pattern, text, [&pairs](const Match& match) {
    if (match.size() < 3) return false;
    pairs.emplace_back(TextOf(match, 1), TextOf(match, 2));
    return true;
  });
  return pairs;
}

}  // namespace platen::collector::core
