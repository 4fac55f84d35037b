#include "libs/event/headers.h"

#include <cstdint>

#include <google/protobuf/util/time_util.h>

#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"

namespace platen::event {
namespace {

// Years of four digits, as RFC 3339 has them.
constexpr std::int64_t kSecondsMin = -62'135'596'800;
constexpr std::int64_t kSecondsMax = 253'402'300'799;

void PutDigits(char* to, int digits, std::uint64_t number) {
  for (int i = digits - 1; i >= 0; --i, number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

// Headers are made for every event: printf and its kin cost more than the rest of them.
std::string Digits20(std::uint64_t number) {
  std::string text(20, '0');
  PutDigits(text.data(), 20, number);
  return text;
}

std::string Rfc3339(const google::protobuf::Timestamp& time) {
  if (time.nanos() != 0 || time.seconds() < kSecondsMin || time.seconds() > kSecondsMax) {
    return google::protobuf::util::TimeUtil::ToString(time);
  }
  const absl::CivilSecond civil =
      absl::ToCivilSecond(absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
  std::string text = "0000-00-00T00:00:00Z";
  char* const to = text.data();
  PutDigits(to, 4, static_cast<std::uint64_t>(civil.year()));
  PutDigits(to + 5, 2, static_cast<std::uint64_t>(civil.month()));
  PutDigits(to + 8, 2, static_cast<std::uint64_t>(civil.day()));
  PutDigits(to + 11, 2, static_cast<std::uint64_t>(civil.hour()));
  PutDigits(to + 14, 2, static_cast<std::uint64_t>(civil.minute()));
  PutDigits(to + 17, 2, static_cast<std::uint64_t>(civil.second()));
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
