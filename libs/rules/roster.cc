#include "libs/rules/roster.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/rules/calendar.h"

namespace platen::rules {
namespace {

constexpr int kContactsMax = 64;
constexpr int kOverridesMax = 400;
constexpr std::uint32_t kShiftDaysMax = 366;

}  // namespace

absl::StatusOr<Roster> Roster::Compile(const v1::Roster& roster) {
  Roster compiled;
  PLATEN_ASSIGN_OR_RETURN(compiled.zone_, LoadZone(roster.time_zone()));
  if (roster.contacts().empty() || roster.contacts_size() > kContactsMax) {
    return base::InvalidArgument("contacts: 1 to ", kContactsMax);
  }
  compiled.contacts_ = {roster.contacts().begin(), roster.contacts().end()};
  absl::CivilMinute first;
  if (!absl::ParseCivilTime(roster.first_shift(), &first)) {
    return base::InvalidArgument(
        "first_shift: '", roster.first_shift(), "' is no local time, such as \"2026-11-23T08:00\"");
  }
  compiled.first_shift_ = absl::CivilSecond(first);
  if (roster.shift_days() == 0 || roster.shift_days() > kShiftDaysMax) {
    return base::InvalidArgument("shift_days: 1 to ", kShiftDaysMax);
  }
  compiled.shift_days_ = roster.shift_days();
  if (roster.overrides_size() > kOverridesMax) {
    return base::InvalidArgument("overrides: more than ", kOverridesMax);
  }
  for (const v1::Roster::Override& each : roster.overrides()) {
    if (each.contact().empty() || !each.has_start_time() || !each.has_end_time()) {
      return base::InvalidArgument("overrides: contact, start_time and end_time are needed");
    }
    compiled.stand_ins_.push_back(
        {each.contact(), event::FromProto(each.start_time()), event::FromProto(each.end_time())});
  }
  return compiled;
}

const std::string& Roster::OnDuty(base::WallTime time) const {
  const auto stand_in =
      std::find_if(stand_ins_.rbegin(), stand_ins_.rend(), [&](const StandIn& each) {
        return each.start <= time && time < each.end;
      });
  if (stand_in != stand_ins_.rend()) return stand_in->contact;
  const absl::CivilSecond local =
      absl::ToCivilSecond(absl::FromUnixNanos(time.time_since_epoch().count()), zone_);
  if (local < first_shift_) return contacts_.front();
  // Days between two moments of the local clock have 24 of its hours each.
  const std::int64_t days = (local - first_shift_) / (24 * 60 * 60);
  return contacts_[static_cast<std::size_t>(days / shift_days_) % contacts_.size()];
}

}  // namespace platen::rules
