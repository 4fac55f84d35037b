#include "libs/event/rfc3339.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace platen::event {
namespace {

// Years of four digits, as RFC 3339 has them.
constexpr std::int64_t kSecondsMin = -62'135'596'800;
constexpr std::int64_t kSecondsMax = 253'402'300'799;
constexpr std::string_view kForm = "0000-00-00T00:00:00";

void PutDigits(char* to, int digits, std::int64_t number) {
  for (int i = digits - 1; i >= 0; --i, number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

// `fraction`: digits of the second; `digits` is what they say.
std::string Write(std::int64_t seconds, int fraction, std::int64_t digits) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<std::chrono::seconds> clock(time - day);
  std::string text(kForm);
  text.append(fraction > 0 ? static_cast<std::size_t>(fraction) + 2 : 1, 'Z');
  char* const to = text.data();
  PutDigits(to, 4, static_cast<int>(date.year()));
  PutDigits(to + 5, 2, static_cast<unsigned>(date.month()));
  PutDigits(to + 8, 2, static_cast<unsigned>(date.day()));
  PutDigits(to + 11, 2, clock.hours().count());
  PutDigits(to + 14, 2, clock.minutes().count());
  PutDigits(to + 17, 2, clock.seconds().count());
  if (fraction > 0) {
    to[kForm.size()] = '.';
    PutDigits(to + kForm.size() + 1, fraction, digits);
  }
  return text;
}

std::int64_t SecondsOf(const google::protobuf::Timestamp& time) {
  return std::clamp(time.seconds(), kSecondsMin, kSecondsMax);
}

std::int32_t NanosOf(const google::protobuf::Timestamp& time) {
  return std::clamp(time.nanos(), 0, 999'999'999);
}

}  // namespace

std::string Rfc3339(const google::protobuf::Timestamp& time) {
  const std::int32_t nanos = NanosOf(time);
  if (nanos == 0) return Write(SecondsOf(time), 0, 0);
  if (nanos % 1'000'000 == 0) return Write(SecondsOf(time), 3, nanos / 1'000'000);
  if (nanos % 1'000 == 0) return Write(SecondsOf(time), 6, nanos / 1'000);
  return Write(SecondsOf(time), 9, nanos);
}

std::string Rfc3339Millis(const google::protobuf::Timestamp& time) {
  return Write(SecondsOf(time), 3, NanosOf(time) / 1'000'000);
}

}  // namespace platen::event
