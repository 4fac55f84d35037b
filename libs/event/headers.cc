#include "libs/event/headers.h"

#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_format.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"

namespace platen::event {

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
    add("ce_time", google::protobuf::util::TimeUtil::ToString(event.occurrence_time()));
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
  add(kHeaderSequence, absl::StrFormat("%020u", event.source().sequence()));
  if (!event.traceparent().empty()) add(kHeaderTraceparent, event.traceparent());
  return headers;
}

}  // namespace platen::event
