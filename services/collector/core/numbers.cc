#include "services/collector/core/numbers.h"

#include <algorithm>

#include "libs/base/planted_bug.h"

namespace platen::collector::core {
namespace {

SpoolGap GapAt(event::v1::Lane lane,
               const std::string& route,
               std::uint64_t epoch,
               std::uint64_t number,
               GivenUp why) {
  const bool lost = why == GivenUp::kRefused;
  return {.reason = lost ? event::v1::Gap::REASON_SHED : event::v1::Gap::REASON_GIVEN_UP,
          .epoch = epoch,
          .lane = lane,
          .route = route,
          .first = number,
          .last = number,
          .detail = lost ? "given up: Kafka refused them for good"
                         : "given up: their devices have another owner, which says the same"};
}

}  // namespace

NumberGiven NumberOf(const event::v1::Event& event) {
  const event::v1::Source& source = event.source();
  return {event.lane(), source.route(), source.epoch(), source.sequence()};
}

void Numbers::OnGiven(const event::v1::Event& event) {
  Stream& stream = streams_[{event.lane(), event.source().route()}];
  stream.epoch = event.source().epoch();
  stream.highest = std::max(stream.highest, event.source().sequence());
  stream.open.insert(event.source().sequence());
}

void Numbers::OnAcknowledged(const NumberGiven& given) {
  streams_[{given.lane, given.route}].open.erase(given.number);
}

void Numbers::OnGivenUp(const NumberGiven& given, GivenUp why) {
  Stream& stream = streams_[{given.lane, given.route}];
  ++given_up_;
  if (untold_ == kUntoldMax || base::IsPlanted(base::PlantedBug::kGivesUpSilently)) {
    stream.open.erase(given.number);
    return;
  }
  untold_ += stream.untold.emplace(given.number, why).second ? 1 : 0;
}

std::vector<SpoolGap> Numbers::TakeGaps(std::size_t limit) {
  std::vector<SpoolGap> gaps;
  for (auto& [name, stream] : streams_) {
    bool begun = false;
    while (!stream.untold.empty()) {
      const auto next = stream.untold.begin();
      const SpoolGap one = GapAt(name.first, name.second, stream.epoch, next->first, next->second);
      if (begun && gaps.back().GoesOn(one)) {
        gaps.back().last = one.last;
      } else if (gaps.size() < limit) {
        gaps.push_back(one);
        begun = true;
      } else {
        return gaps;
      }
      stream.untold.erase(next);
      --untold_;
    }
  }
  return gaps;
}

void Numbers::OnTold(const SpoolGap& gap) {
  absl::btree_set<std::uint64_t>& open = streams_[{gap.lane, gap.route}].open;
  open.erase(open.lower_bound(gap.first), open.upper_bound(gap.last));
}

std::map<std::pair<event::v1::Lane, std::string>, std::uint64_t> Numbers::acknowledged() const {
  std::map<std::pair<event::v1::Lane, std::string>, std::uint64_t> highest;
  for (const auto& [name, stream] : streams_) {
    highest[name] = stream.open.empty() ? stream.highest : *stream.open.begin() - 1;
  }
  return highest;
}

}  // namespace platen::collector::core
