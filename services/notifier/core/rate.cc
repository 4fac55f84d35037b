#include "services/notifier/core/rate.h"

#include <algorithm>

#include "libs/event/timestamps.h"

namespace platen::notifier::core {
namespace {

std::size_t CountSince(const AlertRecord& record, std::int64_t since_millis) {
  return static_cast<std::size_t>(
      std::count_if(record.raises.begin(), record.raises.end(), [&](const PastRaise& raise) {
        return raise.millis > since_millis;
      }));
}

std::size_t CountWithin(const AlertRecord& record, std::uint64_t last_page, std::uint64_t pages) {
  return static_cast<std::size_t>(
      std::count_if(record.raises.begin(), record.raises.end(), [&](const PastRaise& raise) {
        // A counter that went back belongs to another epoch.
        return raise.pages.has_value() && *raise.pages <= last_page &&
               last_page - *raise.pages < pages;
      }));
}

}  // namespace

void AddRaise(const event::v1::Event& event, base::WallTime now, AlertRecord& record) {
  PastRaise raise{.millis = base::ToMillis(now)};
  if (event.has_observation_time()) {
    raise.millis = base::ToMillis(event::FromProto(event.observation_time()));
  }
  if (event.alert().counters().has_total()) raise.pages = event.alert().counters().total();
  record.raises.push_back(raise);
  if (record.raises.size() > kPastRaisesMax) record.raises.erase(record.raises.begin());
}

bool IsTooOften(const rules::v1::Rate& rate,
                base::WallTime now,
                const AlertRecord& record,
                const std::vector<const AlertRecord*>& others) {
  std::vector<const AlertRecord*> all{&record};
  for (const AlertRecord* other : others) {
    if (other->category == record.category) all.push_back(other);
  }
  std::size_t count = 0;
  if (rate.has_window()) {
    const std::int64_t since = base::ToMillis(now - event::FromProto(rate.window()));
    for (const AlertRecord* each : all) count += CountSince(*each, since);
  } else if (!record.raises.empty() && record.raises.back().pages.has_value()) {
    for (const AlertRecord* each : all) {
      count += CountWithin(*each, *record.raises.back().pages, rate.pages());
    }
  }
  return count > rate.more_than();
}

base::WallTime QuietUntil(const rules::v1::Damping& damping,
                          base::WallTime now,
                          const AlertRecord& record) {
  const base::Duration window = event::FromProto(damping.window());
  const base::Duration quiet = damping.has_quiet() ? event::FromProto(damping.quiet()) : window;
  bool flaps = false;
  for (std::size_t i = 0; i < record.raises.size(); ++i) {
    const std::int64_t at = record.raises[i].millis;
    if (i > 0 && at - record.raises[i - 1].millis >= base::ToMillis(quiet)) flaps = false;
    const auto within = static_cast<std::size_t>(std::count_if(
        record.raises.begin(),
        record.raises.begin() + static_cast<std::ptrdiff_t>(i) + 1,
        [&](const PastRaise& raise) { return raise.millis > at - base::ToMillis(window); }));
    flaps |= within > damping.more_than();
  }
  if (!flaps) return now;
  return base::WallFromMillis(std::max(record.raises.back().millis, record.observed_millis)) +
         quiet;
}

}  // namespace platen::notifier::core
