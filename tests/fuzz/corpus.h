// The seeds of a fuzz target, as they lie in the repository: *.txt files as they are, and *.hex
// files of two-digit bytes, where blanks are ignored and '#' starts a comment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace platen::fuzz {

using Bytes = std::vector<std::uint8_t>;

struct Seed {
  std::string name;
  Bytes bytes;
};

// In the order of their names. Digits that are none are skipped: a corpus is not a contract.
std::vector<Seed> ReadCorpus(const std::string& directory);

}  // namespace platen::fuzz
