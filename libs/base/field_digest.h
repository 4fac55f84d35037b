// A hash over a list of fields in a fixed encoding, for ids that must be the same in every process
// and every year: never over protobuf bytes, whose encoding is not canonical.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/sha256.h"

namespace platen::base {

// Collects fields in order. Each is written as its length (4 bytes, big-endian) and its bytes;
// numbers are 8 bytes, big-endian. Adding, dropping or moving a field changes every id that is made
// of it: make a new kind of id instead. A value type.
class FieldDigest {
 public:
  void Text(std::string_view text);
  void Number(std::uint64_t number);

  void Signed(std::int64_t number) { Number(static_cast<std::uint64_t>(number)); }

  // SHA-256 over what was collected so far.
  std::array<std::uint8_t, kSha256Size> Sha256() const;

 private:
  void Raw(std::uint64_t number, int width);

  std::string bytes_;
};

}  // namespace platen::base
