#include "services/collector/core/spool_order.h"

#include <algorithm>
#include <iterator>

#include "libs/base/status.h"

namespace platen::collector::core {

std::size_t PlaceOf(event::v1::Lane lane) {
  const auto* found = std::find(std::begin(event::kLanes), std::end(event::kLanes), lane);
  return std::min<std::size_t>(static_cast<std::size_t>(found - std::begin(event::kLanes)),
                               kLaneCount - 1);
}

std::optional<event::v1::Lane> GivesWay(event::v1::Lane incoming,
                                        const std::array<bool, kLaneCount>& can_go) {
  for (std::size_t place = kLaneCount; place-- > PlaceOf(incoming);) {
    if (can_go[place]) return event::kLanes[place];
  }
  return std::nullopt;
}

bool RestsOnState(const event::v1::Event& event) {
  return event.occurrence().has_instance() || event.has_alert();
}

bool SpoolGap::GoesOn(const SpoolGap& next) const {
  return next.reason == reason && next.epoch == epoch && next.lane == lane && next.route == route &&
         next.detail == detail && next.first == last + 1;
}

event::v1::Event ToEvent(const SpoolGap& gap, const std::string& instance) {
  event::v1::Event event;
  event.mutable_source()->set_route(gap.route);
  event::v1::RangeOccurrence& range = *event.mutable_occurrence()->mutable_range();
  range.set_stream(
      gap.epoch == 0
          ? base::StrCat(instance, "/", gap.detail)
          : base::StrCat(instance, "/", gap.epoch, "/", event::LaneName(gap.lane), "/", gap.route));
  range.set_first(gap.first);
  range.set_last(gap.last);
  event::v1::Gap& body = *event.mutable_gap();
  body.set_reason(gap.reason);
  body.set_stream(range.stream());
  body.set_first(gap.first);
  body.set_last(gap.last);
  body.set_detail(gap.detail);
  return event;
}

}  // namespace platen::collector::core
