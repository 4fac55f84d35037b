// The secrets of one recording, and all the spellings under which they are looked for. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/collector/core/mask.h"
#include "services/collector/core/secret_text.h"

namespace platen::collector::core {

class SecretTable {
 public:
  explicit SecretTable(const Masker& masker) : masker_(masker) {}

  // A secret as FindSecrets() or an object of that meaning has it.
  void Add(SecretKind kind, std::string_view text);
  void AddMac(std::string_view six_bytes);
  void AddIpv4(std::string_view four_bytes);

  std::size_t size() const { return known_.size(); }

  struct Hit {
    SecretKind kind = SecretKind::kName;
    std::string mask;  // As long as what it stands for.
  };

  // The longest secret that begins at `at`; nothing where there is none.
  std::optional<Hit> At(std::string_view bytes, std::size_t at) const;

  // The mask of a number that is a secret.
  std::optional<std::pair<SecretKind, std::uint64_t>> OfNumber(std::uint64_t number) const;

 private:
  // What may stand beside a spelling.
  enum class Edge : std::uint8_t {
    kAny,
    kWord,    // No letter or digit on either side.
    kEnd,     // None behind it.
    kDotted,  // No digit, nor a dot with a digit.
  };

  struct Spelling {
    std::string find;  // In lower case where `fold`.
    std::string put;
    SecretKind kind;
    bool fold;  // Letter case does not matter.
    Edge edge;
  };

  static bool Fits(const Spelling& spelling, std::string_view bytes, std::size_t at);
  void AddSpelling(Spelling spelling);
  // Plain, in UTF-16 of both orders, and in hexadecimal.
  void AddText(SecretKind kind, std::string_view find, std::string_view put, Edge edge);

  const Masker& masker_;
  std::set<std::string> known_;
  std::array<std::vector<Spelling>, 256> by_first_;  // Longest first.
  std::map<std::uint64_t, std::pair<SecretKind, std::uint64_t>> numbers_;
};

}  // namespace platen::collector::core
