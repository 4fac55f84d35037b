#include "libs/base/field_digest.h"

namespace platen::base {

void FieldDigest::Text(std::string_view text) {
  Raw(text.size(), 4);
  bytes_.append(text);
}

void FieldDigest::Number(std::uint64_t number) {
  Raw(8, 4);
  Raw(number, 8);
}

std::array<std::uint8_t, kSha256Size> FieldDigest::Sha256() const {
  return base::Sha256(bytes_);
}

void FieldDigest::Raw(std::uint64_t number, int width) {
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
    bytes_.push_back(static_cast<char>(number >> shift & 0xFF));
  }
}

}  // namespace platen::base
