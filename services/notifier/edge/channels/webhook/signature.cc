#include "services/notifier/edge/channels/webhook/signature.h"

#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace platen::notifier::edge {

std::string SignWebhook(base::HmacSha256& signer,
                        std::string_view timestamp,
                        std::string_view body) {
  const auto signature = signer.Sign({timestamp, ".", body});
  return base::StrCat(
      "v1=", base::HexEncode({reinterpret_cast<const char*>(signature.data()), signature.size()}));
}

}  // namespace platen::notifier::edge
