// Fields of a YAML mapping, read with their mistakes noted: for profile_yaml.cc alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <yaml-cpp/yaml.h>

#include "libs/base/status.h"
#include "libs/snmp/oid.h"
#include "services/collector/core/pattern.h"
#include "services/collector/edge/profile_yaml.h"

namespace platen::collector::edge {

template <class T>
struct Word {
  std::string_view text;
  T meaning;
};

// One of `words` by its text; the first one, with a fault, where there is no such word.
template <class T, std::size_t N>
T OneOf(const YAML::Node& node, const Word<T> (&words)[N], YamlFaults& faults) {
  const std::string text = node && node.IsScalar() ? node.Scalar() : std::string();
  std::string known;
  for (const Word<T>& word : words) {
    if (word.text == text) return word.meaning;
    known += base::StrCat(known.empty() ? "" : ", ", word.text);
  }
  faults.Add(node, base::StrCat("'", text, "' is none of: ", known));
  return words[0].meaning;
}

inline std::string Text(const YAML::Node& parent, std::string_view key, YamlFaults& faults) {
  const YAML::Node node = parent[std::string(key)];
  if (!node) return {};
  if (node.IsScalar()) return node.Scalar();
  faults.Add(node, base::StrCat(key, " must be text"));
  return {};
}

inline std::string RequiredText(const YAML::Node& parent,
                                std::string_view key,
                                YamlFaults& faults) {
  std::string text = Text(parent, key, faults);
  if (text.empty()) faults.Add(parent, base::StrCat(key, " is missing"));
  return text;
}

// Whole decimal or 0x… number in [low, high], called `what`; `low` with a fault otherwise.
inline std::int64_t NumberOf(const YAML::Node& node,
                             std::string_view what,
                             std::int64_t low,
                             std::int64_t high,
                             YamlFaults& faults) {
  const std::string text = node.IsScalar() ? node.Scalar() : std::string();
  std::size_t used = 0;
  std::int64_t number = low;
  try {
    number = std::stoll(text, &used, 0);
  } catch (const std::exception&) {
    used = std::string::npos;
  }
  if (used == text.size() && number >= low && number <= high) return number;
  faults.Add(node, base::StrCat(what, " must be a number from ", low, " to ", high));
  return low;
}

// The same under `key`, where it has to be.
inline std::int64_t Number(const YAML::Node& parent,
                           std::string_view key,
                           std::int64_t low,
                           std::int64_t high,
                           YamlFaults& faults) {
  const YAML::Node node = parent[std::string(key)];
  if (node) return NumberOf(node, key, low, high, faults);
  faults.Add(parent, base::StrCat(key, " is missing"));
  return low;
}

inline snmp::Oid OidOf(const YAML::Node& node, YamlFaults& faults) {
  const auto oid = snmp::Oid::Parse(node && node.IsScalar() ? node.Scalar() : std::string());
  if (oid.ok()) return *oid;
  faults.Add(node, base::StrCat("not an OID: ", base::ToStd(oid.status().message())));
  return {};
}

inline snmp::Oid OidAt(const YAML::Node& parent, std::string_view key, YamlFaults& faults) {
  const YAML::Node node = parent[std::string(key)];
  if (node) return OidOf(node, faults);
  faults.Add(parent, base::StrCat(key, " is missing"));
  return {};
}

inline core::Pattern PatternOf(const YAML::Node& node, YamlFaults& faults) {
  auto pattern = core::MakePattern(node && node.IsScalar() ? node.Scalar() : std::string());
  if (pattern.ok()) return *std::move(pattern);
  faults.Add(node, base::ToStd(pattern.status().message()));
  return {};
}

// Calls `each` for the elements of the list under `key`, if there is one.
template <class Each>
void ForEach(const YAML::Node& parent, std::string_view key, YamlFaults& faults, const Each& each) {
  const YAML::Node list = parent[std::string(key)];
  if (!list) return;
  if (!list.IsSequence()) {
    faults.Add(list, base::StrCat(key, " must be a list"));
    return;
  }
  for (const YAML::Node& element : list) each(element);
}

// The same where the elements are mappings.
template <class Each>
void ForEachRule(const YAML::Node& parent,
                 std::string_view key,
                 YamlFaults& faults,
                 const Each& each) {
  ForEach(parent, key, faults, [&](const YAML::Node& element) {
    if (element.IsMap()) {
      each(element);
    } else {
      faults.Add(element, base::StrCat("each of ", key, " must be a mapping"));
    }
  });
}

}  // namespace platen::collector::edge
