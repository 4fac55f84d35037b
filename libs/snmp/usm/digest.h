// The digests of RFC 3414 and RFC 7860 by OpenSSL, each looked up once. Private to libs/snmp/usm.
#pragma once

#include <openssl/evp.h>

#include "libs/snmp/usm/keys.h"

namespace platen::snmp::usm::internal {

// Kept until the process ends. REQUIRES: a protocol.
const EVP_MD* DigestOf(AuthProtocol auth);

}  // namespace platen::snmp::usm::internal
