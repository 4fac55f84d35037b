// SHA-256 in hexadecimal, as the fault laboratory compares payloads.
#pragma once

#include <string>
#include <string_view>

#include <openssl/sha.h>

#include "libs/base/ids.h"

namespace platen::fault {

inline std::string Sha256Hex(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()),
         bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return base::HexEncode(digest);
}

}  // namespace platen::fault
