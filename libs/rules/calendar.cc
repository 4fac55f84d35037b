#include "libs/rules/calendar.h"

#include <algorithm>

#include "libs/base/status.h"

namespace platen::rules {
namespace {

constexpr int kSpansMax = 64;
constexpr int kClosedMax = 400;
constexpr int kMinutesADay = 24 * 60;
constexpr int kDaysToOpen = 400;
constexpr int kDaysToClose = 8;

absl::Time ToAbsl(base::WallTime time) {
  return absl::FromUnixNanos(time.time_since_epoch().count());
}

base::WallTime FromAbsl(absl::Time time) {
  return base::WallTime(base::Duration(absl::ToUnixNanos(time)));
}

absl::StatusOr<int> ParseMinutes(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int hours = (text[0] - '0') * 10 + text[1] - '0';
    const int minutes = (text[3] - '0') * 10 + text[4] - '0';
    if (minutes < 60 && hours * 60 + minutes <= kMinutesADay) return hours * 60 + minutes;
  }
  return base::InvalidArgument("'", text, "' is no time of day, such as \"08:00\"");
}

absl::StatusOr<absl::CivilDay> ParseDay(std::string_view text) {
  absl::CivilDay day;
  if (text.size() != 10 || !absl::ParseCivilTime(base::ToAbsl(text), &day)) {
    return base::InvalidArgument("'", text, "' is no date, such as \"2026-12-25\"");
  }
  return day;
}

int IndexOf(absl::CivilDay day) {
  return static_cast<int>(absl::GetWeekday(day));
}

// What the clock of the place shows then, or as soon as it shows something later.
absl::Time At(const absl::TimeZone& zone, absl::CivilSecond local) {
  const absl::TimeZone::TimeInfo info = zone.At(local);
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

}  // namespace

absl::StatusOr<absl::TimeZone> LoadZone(const std::string& name) {
  absl::TimeZone zone;
  // A name that is a path would be read as a file.
  const bool is_name = !name.empty() && name.front() != '/' && name.find("..") == std::string::npos;
  if (!is_name || !absl::LoadTimeZone(name, &zone)) {
    return base::InvalidArgument(
        "time_zone '", name, "' is none of the IANA database's, such as \"Europe/Berlin\"");
  }
  return zone;
}

absl::StatusOr<Calendar> Calendar::Compile(const v1::Calendar& calendar) {
  Calendar compiled;
  PLATEN_ASSIGN_OR_RETURN(compiled.zone_, LoadZone(calendar.time_zone()));
  if (calendar.spans().empty() || calendar.spans_size() > kSpansMax) {
    return base::InvalidArgument("spans: 1 to ", kSpansMax);
  }
  for (const v1::Calendar::Span& span : calendar.spans()) {
    Span& made = compiled.spans_.emplace_back();
    if (span.days().empty()) return base::InvalidArgument("spans: a span needs days");
    for (const int day : span.days()) {
      if (day < v1::DAY_MON || day > v1::DAY_SUN)
        return base::InvalidArgument("spans: no such day");
      made.days[day - v1::DAY_MON] = true;
    }
    PLATEN_ASSIGN_OR_RETURN(made.from, ParseMinutes(span.from()));
    PLATEN_ASSIGN_OR_RETURN(made.to, ParseMinutes(span.to()));
    if (made.from == kMinutesADay || made.from == made.to) {
      return base::InvalidArgument("spans: nothing is between ", span.from(), " and ", span.to());
    }
    if (made.to < made.from) made.to += kMinutesADay;
  }
  if (calendar.closed_dates_size() > kClosedMax) {
    return base::InvalidArgument("closed_dates: more than ", kClosedMax);
  }
  for (const std::string& dates : calendar.closed_dates()) {
    const std::size_t dots = dates.find("..");
    PLATEN_ASSIGN_OR_RETURN(const absl::CivilDay first, ParseDay(dates.substr(0, dots)));
    absl::CivilDay last = first;
    if (dots != std::string::npos) {
      PLATEN_ASSIGN_OR_RETURN(last, ParseDay(dates.substr(dots + 2)));
    }
    if (last < first)
      return base::InvalidArgument("closed_dates: '", dates, "' ends before it begins");
    compiled.closed_.emplace_back(first, last);
  }
  return compiled;
}

bool Calendar::Begins(const Span& span, absl::CivilDay day) const {
  return span.days[IndexOf(day)] &&
         std::none_of(closed_.begin(), closed_.end(), [&](const auto& closed) {
           return closed.first <= day && day <= closed.second;
         });
}

bool Calendar::IsOpen(absl::CivilSecond local) const {
  const absl::CivilDay today(local);
  const auto minute = static_cast<int>((local - absl::CivilSecond(today)) / 60);
  return std::any_of(spans_.begin(), spans_.end(), [&](const Span& span) {
    return (Begins(span, today) && span.from <= minute && minute < span.to) ||
           (minute + kMinutesADay < span.to && Begins(span, today - 1));
  });
}

bool Calendar::IsOpen(base::WallTime time) const {
  return IsOpen(absl::ToCivilSecond(ToAbsl(time), zone_));
}

std::optional<base::WallTime> Calendar::NextOpen(base::WallTime time) const {
  if (IsOpen(time)) return time;
  const absl::CivilDay today(absl::ToCivilSecond(ToAbsl(time), zone_));
  for (int i = 0; i <= kDaysToOpen; ++i) {
    const absl::CivilDay day = today + i;
    std::optional<base::WallTime> first;
    for (const Span& span : spans_) {
      if (!Begins(span, day)) continue;
      const auto begin = FromAbsl(At(zone_, absl::CivilSecond(day) + span.from * 60));
      if (begin < time || !IsOpen(begin)) continue;
      if (!first.has_value() || begin < *first) first = begin;
    }
    if (first.has_value()) return first;
  }
  return std::nullopt;
}

std::optional<base::WallTime> Calendar::NextClosed(base::WallTime time) const {
  if (!IsOpen(time)) return time;
  const absl::CivilDay today(absl::ToCivilSecond(ToAbsl(time), zone_));
  std::vector<base::WallTime> ends;
  for (int i = -1; i <= kDaysToClose; ++i) {
    for (const Span& span : spans_) {
      if (!Begins(span, today + i)) continue;
      ends.push_back(FromAbsl(At(zone_, absl::CivilSecond(today + i) + span.to * 60)));
    }
  }
  std::sort(ends.begin(), ends.end());
  const auto end = std::find_if(
      ends.begin(), ends.end(), [&](base::WallTime each) { return each > time && !IsOpen(each); });
  if (end == ends.end()) return std::nullopt;
  return *end;
}

}  // namespace platen::rules
