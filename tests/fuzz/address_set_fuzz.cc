// Whatever stands in a list of ranges: it is refused, or what is asked is in the ranges, is not
// excluded, and is in the allow list.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "absl/base/internal/raw_logging.h"
#include "services/collector/core/address_set.h"

namespace {

using namespace platen;
using collector::core::AddressSet;
using collector::core::RangeEnds;

AddressSet ParseOrNone(std::string_view text, RangeEnds ends) {
  return AddressSet::Parse(text, ends).value_or(AddressSet());
}

}  // namespace

// Three lists with semicolons between: ranges, exclusions, allowed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t first = std::min(text.find(';'), size);
  const std::size_t second = std::min(text.find(';', std::min(first + 1, size)), size);
  collector::core::DiscoveryScope scope;
  scope.ranges = ParseOrNone(text.substr(0, first), RangeEnds::kLeftOut);
  scope.excluded =
      ParseOrNone(text.substr(std::min(first + 1, size), second - std::min(first + 1, second)),
                  RangeEnds::kMeant);
  scope.has_allowed = second < size;
  if (scope.has_allowed) scope.allowed = ParseOrNone(text.substr(second + 1), RangeEnds::kMeant);
  const auto asked = collector::core::AddressesToAsk(scope);
  if (!asked.ok()) return 0;
  const std::uint64_t count = asked->size();
  ABSL_RAW_CHECK(count >= 1 && count <= collector::core::kDiscoveryAddressesMax, "bounds");
  for (const std::uint64_t place : {std::uint64_t{0}, count / 2, count - 1}) {
    const snmp::Endpoint endpoint = asked->At(place, 161);
    ABSL_RAW_CHECK(asked->Contains(endpoint), "what is asked is in the set");
    ABSL_RAW_CHECK(scope.ranges.Contains(endpoint), "what is asked is in the ranges");
    ABSL_RAW_CHECK(!scope.excluded.Contains(endpoint), "what is excluded is not asked");
    ABSL_RAW_CHECK(!scope.has_allowed || scope.allowed.Contains(endpoint),
                   "what is not allowed is not asked");
  }
  // What it says of itself is read as what it is.
  for (const std::string& range : asked->ToStrings()) {
    ABSL_RAW_CHECK(!ParseOrNone(range, RangeEnds::kMeant).empty(), "a range is a range");
  }
  return 0;
}
