#include "libs/alerting/rate.h"

#include <algorithm>

#include "libs/event/timestamps.h"

namespace platen::alerting {
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
                          const AlertRecord& record,
                          const std::vector<const AlertRecord*>& alike) {
  const std::int64_t window = base::ToMillis(event::FromProto(damping.window()));
  const std::int64_t quiet =
      damping.has_quiet() ? base::ToMillis(event::FromProto(damping.quiet())) : window;
  std::vector<std::int64_t> raises;
  std::int64_t last = 0;
  const auto add = [&](const AlertRecord& each) {
    for (const PastRaise& raise : each.raises) raises.push_back(raise.millis);
    last = std::max(last, each.observed_millis);
  };
  add(record);
  for (const AlertRecord* each : alike) add(*each);
  std::sort(raises.begin(), raises.end());
  bool flaps = false;
  std::size_t oldest = 0;
  for (std::size_t i = 0; i < raises.size(); ++i) {
    if (i > 0 && raises[i] - raises[i - 1] >= quiet) flaps = false;
    while (raises[i] - raises[oldest] >= window) ++oldest;
    flaps |= i - oldest + 1 > damping.more_than();
  }
  if (!flaps) return now;
  return base::WallFromMillis(std::max(last, raises.back()) + quiet);
}

bool IsAlike(std::string_view alert_id, std::string_view other) {
  const auto condition = [](std::string_view id) { return id.substr(0, id.rfind('/')); };
  return condition(alert_id) == condition(other);
}

}  // namespace platen::alerting
