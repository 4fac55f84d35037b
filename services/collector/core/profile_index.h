// Which profile a device has, found without asking every profile: for profile.cc alone.
//
// Each index maps what profiles match by to the profile's place in its set; where several fit, the
// smallest place wins, as if they were asked one after the other. What a lookup costs:
//
// - PrefixIndex: a hash lookup for each length of prefix in use, of those that end with an arc of
//   the OID: at most one for each arc, however many profiles there are.
// - PatternIndex: one hash lookup by the text's first word, then the patterns that begin with that
//   word, and all patterns that do not begin with a whole literal word ("Aficio", "^(TA_)?UTAX "),
//   one after the other. Profiles should be written so that the latter are few.
#pragma once

#include <bitset>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/snmp/oid.h"
#include "services/collector/core/pattern.h"

namespace platen::collector::core {

// A map by text that is looked into by a view of it.
struct TextHash {
  using is_transparent = void;

  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

template <class T>
using TextMap = absl::flat_hash_map<std::string, T, TextHash, std::equal_to<>>;

class PrefixIndex {
 public:
  void Add(const snmp::Oid& prefix, std::size_t place);

  // By the longest prefix of `oid`; nothing where none is one, or where `oid` is empty.
  std::optional<std::size_t> Find(snmp::OidView oid) const;

 private:
  TextMap<std::size_t> places_;                  // By the contents of the prefix.
  std::bitset<snmp::kMaxOidBytes + 1> lengths_;  // Of prefixes, in bytes.
};

class PatternIndex {
 public:
  void Add(const Pattern& pattern, std::size_t place);

  // Nothing where no pattern is found in `text`, or where it is empty.
  std::optional<std::size_t> Find(std::string_view text) const;

 private:
  struct Entry {
    Pattern pattern;
    std::size_t place = 0;
  };

  TextMap<std::vector<Entry>> by_word_;
  std::vector<Entry> others_;
};

// The words with one of which every text begins, a blank behind it, that `pattern` is found in;
// none where that can't be told: '^(Acme|ACME Corp) ' gives "Acme" and "ACME".
std::vector<std::string> FirstWords(std::string_view pattern);

}  // namespace platen::collector::core
