#include "services/collector/core/profile_index.h"

#include <algorithm>

namespace platen::collector::core {
namespace {

std::string_view Contents(snmp::OidView oid) {
  return {reinterpret_cast<const char*>(oid.ber().data()), oid.ber().size()};
}

// Letters, digits and what else stands for itself in a regular expression.
bool IsLiteral(char c) {
  return c == ' ' || c == '-' || c == '_' || c == '/' || c == ',' || (c >= '0' && c <= '9') ||
         (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// What stands for itself from the start of `text` on.
std::string_view LiteralStart(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && IsLiteral(text[size])) ++size;
  // A repetition is about the character before it.
  const bool repeated =
      size < text.size() && std::string_view("*+?{").find(text[size]) != std::string_view::npos;
  return text.substr(0, repeated && size > 0 ? size - 1 : size);
}

// Whether there is a choice outside of groups.
bool IsChoice(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '[') {
      i = std::min(text.find(']', i), text.size());
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    } else if (text[i] == '|' && depth <= 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

void PrefixIndex::Add(const snmp::Oid& prefix, std::size_t place) {
  const auto [known, is_new] = places_.try_emplace(Contents(prefix), place);
  if (!is_new) known->second = std::min(known->second, place);
  lengths_.set(prefix.view().ber().size());
}

std::optional<std::size_t> PrefixIndex::Find(snmp::OidView oid) const {
  const std::string_view contents = Contents(oid);
  for (std::size_t length = contents.size(); length > 0; --length) {
    const bool arc_ends = (static_cast<unsigned char>(contents[length - 1]) & 0x80) == 0;
    if (!arc_ends || !lengths_.test(length)) continue;
    const auto found = places_.find(contents.substr(0, length));
    if (found != places_.end()) return found->second;
  }
  return std::nullopt;
}

std::vector<std::string> FirstWords(std::string_view pattern) {
  if (pattern.substr(0, 1) != "^") return {};
  pattern.remove_prefix(1);
  std::vector<std::string_view> choices = {""};
  std::string_view rest = pattern;
  if (rest.substr(0, 1) == "(") {
    rest.remove_prefix(rest.substr(0, 3) == "(?:" ? 3 : 1);
    const std::size_t end = rest.find(')');
    if (end == std::string_view::npos) return {};
    std::string_view inside = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    choices.clear();
    while (true) {
      const std::size_t bar = inside.find('|');
      choices.push_back(inside.substr(0, bar));
      if (LiteralStart(choices.back()).size() != choices.back().size()) return {};
      if (bar == std::string_view::npos) break;
      inside.remove_prefix(bar + 1);
    }
  }
  // A repeated group has no literal start behind it, and so no word that is surely whole.
  const std::string_view behind = LiteralStart(rest);
  const bool repeated =
      !rest.empty() && std::string_view("*+?{").find(rest.front()) != std::string_view::npos;
  if (repeated || IsChoice(rest)) return {};
  std::vector<std::string> words;
  for (const std::string_view choice : choices) {
    const std::string start = std::string(choice) + std::string(behind);
    const std::size_t blank = start.find(' ');
    if (blank == std::string::npos || blank == 0) return {};
    words.push_back(start.substr(0, blank));
  }
  return words;
}

void PatternIndex::Add(const Pattern& pattern, std::size_t place) {
  const std::vector<std::string> words = FirstWords(pattern.text);
  for (const std::string& word : words) by_word_[word].push_back({pattern, place});
  if (words.empty()) others_.push_back({pattern, place});
}

std::optional<std::size_t> PatternIndex::Find(std::string_view text) const {
  if (text.empty()) return std::nullopt;
  std::optional<std::size_t> best;
  const auto ask = [&best, text](const std::vector<Entry>& entries) {
    for (const Entry& entry : entries) {
      if (best.has_value() && entry.place >= *best) return;  // In the order of their places.
      if (Matches(entry.pattern, text)) best = entry.place;
    }
  };
  const auto known = by_word_.find(text.substr(0, text.find(' ')));
  if (known != by_word_.end()) ask(known->second);
  ask(others_);
  return best;
}

}  // namespace platen::collector::core
