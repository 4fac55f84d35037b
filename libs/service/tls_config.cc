#include "libs/service/tls_config.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/service/common_config.h"

namespace platen::service {
namespace {

using tls::TlsFiles;

constexpr std::pair<std::string TlsFiles::*, std::string_view> kKeys[] = {
    {&TlsFiles::cert_file, ".cert_file"},
    {&TlsFiles::key_file, ".key_file"},
    {&TlsFiles::ca_file, ".ca_file"},
    {&TlsFiles::crl_file, ".crl_file"}};

// A revoked peer is cut within a minute.
constexpr base::Duration kReloadIntervalMax = std::chrono::seconds(30);

}  // namespace

tls::TlsFiles ToTlsFiles(const config::v1::Tls& tls) {
  return {.cert_file = tls.cert_file(),
          .key_file = tls.key_file(),
          .ca_file = tls.ca_file(),
          .crl_file = tls.crl_file()};
}

void ValidateTls(const config::v1::Tls& tls,
                 std::string_view path,
                 base::WallTime now,
                 FaultList& faults) {
  const TlsFiles files = ToTlsFiles(tls);
  const std::vector<tls::TlsFault> found = tls::CheckTlsFiles(files, now);
  for (const auto& [file, key] : kKeys) {
    const std::string at = base::StrCat(path, key);
    RequireValue(files.*file, at, faults);
    if ((files.*file).empty()) continue;
    for (const tls::TlsFault& fault : found) {
      if (fault.file == file) faults.Add(at, fault.message);
    }
  }
  RequireDuration(tls.reload_interval(),
                  base::Duration::zero(),
                  kReloadIntervalMax,
                  base::StrCat(path, ".reload_interval"),
                  faults);
}

}  // namespace platen::service
