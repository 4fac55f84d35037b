#include "services/notifier/edge/channels/webhook/signature.h"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace platen::notifier::edge {

std::string SignWebhook(std::string_view key, std::string_view timestamp, std::string_view body) {
  const std::string signed_text = base::StrCat(timestamp, ".", body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const unsigned char* const outcome =
      HMAC(EVP_sha256(),
           key.data(),
           static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(signed_text.data()),
           signed_text.size(),
           digest.data(),
           &size);
  ABSL_RAW_CHECK(outcome != nullptr, "HMAC-SHA-256 must not fail");
  return base::StrCat("v1=", base::HexEncode({reinterpret_cast<const char*>(digest.data()), size}));
}

}  // namespace platen::notifier::edge
