#include "services/gateway/core/interval_set.h"

#include <algorithm>
#include <iterator>

#include "libs/base/status.h"

namespace platen::gateway::core {
namespace {

void PutVarint(std::uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

bool TakeVarint(std::string_view& bytes, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace

void IntervalSet::Add(std::uint64_t first, std::uint64_t last) {
  if (first == 0 || last < first || last == UINT64_MAX) return;
  auto next = ranges_.upper_bound(first);
  // Ranges that only touch become one as well.
  if (next != ranges_.begin() && std::prev(next)->second >= first - 1) --next;
  while (next != ranges_.end() && next->first <= last + 1) {
    first = std::min(first, next->first);
    last = std::max(last, next->second);
    next = ranges_.erase(next);
  }
  ranges_.emplace_hint(next, first, last);
  if (ranges_.size() > kRangesMax) CloseLowestHole();
}

bool IntervalSet::Contains(std::uint64_t number) const {
  const auto next = ranges_.upper_bound(number);
  return next != ranges_.begin() && std::prev(next)->second >= number;
}

std::uint64_t IntervalSet::Missing(std::uint64_t up_to) const {
  std::uint64_t missing = given_up_;
  std::uint64_t last = 0;
  for (const auto& [first, end] : ranges_) {
    missing += first - last - 1;
    last = end;
  }
  return missing + (up_to > last ? up_to - last : 0);
}

std::vector<NumberRange> IntervalSet::RangesIn(NumberRange range) const {
  std::vector<NumberRange> there;
  auto next = ranges_.upper_bound(range.first);
  if (next != ranges_.begin()) --next;
  for (; next != ranges_.end() && next->first <= range.last; ++next) {
    if (next->second < range.first) continue;
    there.push_back({std::max(next->first, range.first), std::min(next->second, range.last)});
  }
  return there;
}

std::vector<NumberRange> IntervalSet::MissingIn(NumberRange range) const {
  std::vector<NumberRange> missing;
  auto next = ranges_.upper_bound(range.first);
  if (next != ranges_.begin()) --next;
  for (; next != ranges_.end() && next->first <= range.last; ++next) {
    if (next->second < range.first) continue;
    if (next->first > range.first) missing.push_back({range.first, next->first - 1});
    range.first = next->second + 1;
  }
  if (range.first <= range.last) missing.push_back(range);
  return missing;
}

void IntervalSet::CloseLowestHole() {
  const auto lowest = ranges_.begin();
  if (lowest->first > 1) {
    // The hole before the first range.
    given_up_ += lowest->first - 1;
    const std::uint64_t last = lowest->second;
    ranges_.erase(lowest);
    ranges_.emplace(1, last);
  }
  const auto first = ranges_.begin();
  const auto second = std::next(first);
  given_up_ += second->first - first->second - 1;
  first->second = second->second;
  ranges_.erase(second);
}

std::string IntervalSet::Encode() const {
  std::string out;
  PutVarint(given_up_, out);
  std::uint64_t last = 0;
  for (const auto& [first, end] : ranges_) {
    PutVarint(first - last, out);
    PutVarint(end - first, out);
    last = end;
  }
  return out;
}

absl::StatusOr<IntervalSet> IntervalSet::Decode(std::string_view bytes) {
  IntervalSet set;
  bool sound = TakeVarint(bytes, set.given_up_);
  std::uint64_t last = 0;
  while (sound && !bytes.empty()) {
    std::uint64_t distance = 0;
    std::uint64_t length = 0;
    sound = TakeVarint(bytes, distance) && TakeVarint(bytes, length) &&
            distance > (last == 0 ? 0 : 1) && distance < UINT64_MAX - last &&
            length < UINT64_MAX - last - distance;
    if (!sound) break;
    set.ranges_.emplace_hint(set.ranges_.end(), last + distance, last + distance + length);
    last += distance + length;
  }
  if (!sound) return base::InvalidArgument("a stored set of sequence numbers is corrupt");
  return set;
}

}  // namespace platen::gateway::core
