// The signature by which a webhook's receiver knows who sent it, and that nothing was changed.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/sha256.h"

namespace platen::notifier::edge {

// Value of the header Platen-Signature: "v1=" and the hexadecimal HMAC-SHA-256 of `timestamp` + "."
// + `body` under the key of `signer`. The timestamp goes along as Platen-Timestamp; receivers
// refuse old ones.
std::string SignWebhook(base::HmacSha256& signer,
                        std::string_view timestamp,
                        std::string_view body);

}  // namespace platen::notifier::edge
