// platen.config.v1.Tls, checked and turned into what libs/tls takes. A target of its own
// (service_tls), so that only services that speak gRPC link OpenSSL.
#pragma once

#include <string_view>

#include "platen/config/v1/common.pb.h"

#include "libs/base/time.h"
#include "libs/service/faults.h"
#include "libs/tls/material.h"

namespace platen::service {

// Faults of a `tls` section at `path`, each at the file's own key: missing or unreadable files, a
// key that is not the certificate's, a certificate that has expired or that every peer would refuse
// (SHA-1, a weak key), authorities and revocation lists that can't be used.
void ValidateTls(const config::v1::Tls& tls,
                 std::string_view path,
                 base::WallTime now,
                 FaultList& faults);

tls::TlsFiles ToTlsFiles(const config::v1::Tls& tls);

}  // namespace platen::service
