// Which numbers of a sequence have been seen, as few ranges: a source that loses nothing costs one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace platen::gateway::core {

// Numbers that follow each other, both ends included.
struct NumberRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  std::uint64_t count() const { return last - first + 1; }

  friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

// A set of numbers from 1 up. A value type.
class IntervalSet {
 public:
  // Beyond this many ranges the lowest hole is closed and its numbers count as given up.
  static constexpr std::size_t kRangesMax = 4096;

  // Adds first to last, both included. 0 is never added.
  void Add(std::uint64_t first, std::uint64_t last);

  void Add(std::uint64_t number) { Add(number, number); }

  bool Contains(std::uint64_t number) const;

  // 0 where empty.
  std::uint64_t highest() const { return ranges_.empty() ? 0 : ranges_.rbegin()->second; }

  // How many of 1 … max(highest(), up_to) are not there, given up ones included.
  std::uint64_t Missing(std::uint64_t up_to) const;

  // The numbers of `range` that are there, in order.
  std::vector<NumberRange> RangesIn(NumberRange range) const;

  // The numbers of `range` that are not there, in order.
  std::vector<NumberRange> MissingIn(NumberRange range) const;

  std::size_t ranges() const { return ranges_.size(); }

  // Varints: the count given up, then for each range the distance from the end of the one before to
  // its first number, and its length.
  std::string Encode() const;
  // kInvalidArgument for anything that Encode() does not write.
  static absl::StatusOr<IntervalSet> Decode(std::string_view bytes);

  friend bool operator==(const IntervalSet&, const IntervalSet&) = default;

 private:
  void CloseLowestHole();

  std::map<std::uint64_t, std::uint64_t> ranges_;  // First to last, both included.
  std::uint64_t given_up_ = 0;
};

}  // namespace platen::gateway::core
