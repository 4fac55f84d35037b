#include "libs/event/headers.h"

#include <cstdint>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/rfc3339.h"

namespace platen::event {
namespace {

// Headers are made for every event: printf and its kin cost more than the rest of them.
std::string Digits20(std::uint64_t number) {
  std::string text(20, '0');
  for (auto digit = text.rbegin(); number > 0; ++digit, number /= 10) {
    *digit = static_cast<char>('0' + number % 10);
  }
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> MakeHeaders(const v1::Event& event) {
  std::vector<std::pair<std::string, std::string>> headers;
  headers.reserve(16);
  const auto add = [&headers](std::string_view name, std::string value) {
    headers.emplace_back(std::string(name), std::move(value));
  };
  add("ce_specversion", "1.0");
  add(kHeaderId, base::HexEncode(event.id()));
  add(kHeaderType, base::StrCat("platen.", KindName(event.body_case()), ".v1"));
  add("ce_source", base::StrCat("/", event.tenant(), "/", event.site()));
  if (event.has_occurrence_time()) {
    add("ce_time", Rfc3339(event.occurrence_time()));
  }
  add("ce_subject", base::HexEncode(event.device_id()));
  add("content-type", "application/protobuf");
  add(kHeaderTenant, event.tenant());
  add("site", event.site());
  if (!event.source().region().empty()) add("region", event.source().region());
  if (!event.vendor().empty()) add("vendor", event.vendor());
  add(kHeaderRoute, event.source().route());
  add(kHeaderSource, event.source().instance());
  add(kHeaderEpoch, base::StrCat(event.source().epoch()));
  add(kHeaderSequence, Digits20(event.source().sequence()));
  if (!event.traceparent().empty()) add(kHeaderTraceparent, event.traceparent());
  return headers;
}

}  // namespace platen::event
