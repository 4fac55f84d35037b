// Any datagram is refused, or its printers are of the services that were asked for, have names
// that are text, and addresses that a host can have.
#include <algorithm>
#include <cstdint>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/text.h"
#include "services/collector/core/address_set.h"
#include "services/collector/core/dns_sd.h"

// The query's id is 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platen;
  const auto printers = collector::core::ParseDnsSdAnswer({data, size}, 0);
  if (!printers.ok()) return 0;
  ABSL_RAW_CHECK(printers->size() <= collector::core::kDnsRecordsMax, "bounds");
  for (const auto& printer : *printers) {
    ABSL_RAW_CHECK(printer.service.ends_with("._tcp"), "a service that was asked for");
    for (const std::string& text : {printer.name, printer.model, printer.note, printer.host}) {
      ABSL_RAW_CHECK(base::ToUtf8(text) == text, "UTF-8");
    }
    const auto& addresses = printer.addresses;
    ABSL_RAW_CHECK(std::is_sorted(addresses.begin(), addresses.end()), "sorted");
    for (const snmp::Endpoint& address : addresses) {
      ABSL_RAW_CHECK(address.port == 0, "an address alone");
      ABSL_RAW_CHECK(collector::core::IsOneHosts(address), "a host's address");
    }
  }
  return 0;
}
