// Regular expressions of profiles: what they look at is what a device says, so that no text may
// make them take long.
//
// At most kMaxPatternInput bytes are searched, in at most kMaxPatternSteps looks at a byte; a
// search that is not done by then has found nothing. Pure; a pattern may be shared by threads.
#pragma once

#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace platen::collector::core {

// A regular expression (ECMAScript), with its text for people.
struct Pattern {
  std::string text;
  std::regex regex;
  // `text` stands for itself, but for a leading '^': no regular expression has to be run.
  bool is_literal = false;
};

inline constexpr std::size_t kMaxPatternText = 256;
inline constexpr std::size_t kMaxPatternInput = 512;
// A thousand for each byte; the profiles' own need ten. Some ten milliseconds.
inline constexpr std::size_t kMaxPatternSteps = kMaxPatternInput * 1000;

// kInvalidArgument with the reason where `text` is no regular expression, is longer than
// kMaxPatternText, refers back to a group, or repeats a group that holds a repetition or a choice:
// those are the ones whose searches explode.
absl::StatusOr<Pattern> MakePattern(std::string_view text);

bool Matches(const Pattern& pattern, std::string_view text);

// The first group of `pattern` in `text` (the whole match where it has none); nothing without a
// match.
std::optional<std::string> Extract(const Pattern& pattern, std::string_view text);

// The first two groups of every match, one after the other. REQUIRES: `pattern` has two groups.
std::vector<std::pair<std::string, std::string>> ExtractPairs(const Pattern& pattern,
                                                              std::string_view text);

}  // namespace platen::collector::core
