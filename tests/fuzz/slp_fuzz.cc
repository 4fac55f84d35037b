// Any datagram is refused, or is an answer within bounds, whose texts are text and whose addresses
// are hosts'.
#include <cstdint>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/text.h"
#include "services/collector/core/address_set.h"
#include "services/collector/core/slp.h"

// The request's id is 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platen;
  const auto services = collector::core::ParseSlpServices({data, size}, 0);
  if (!services.ok()) return 0;
  ABSL_RAW_CHECK(services->services.size() <= collector::core::kSlpServicesMax, "bounds");
  for (const auto& service : services->services) {
    ABSL_RAW_CHECK(base::ToUtf8(service.url) == service.url, "UTF-8");
    if (!service.address.has_value()) continue;
    ABSL_RAW_CHECK(service.address->port == 0, "an address alone");
    ABSL_RAW_CHECK(collector::core::IsOneHosts(*service.address), "a host's address");
  }
  return 0;
}
