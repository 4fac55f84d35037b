// What somebody who wrote a name that does not exist probably meant.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace platen::base {

// Letters changed, added or removed between the two (Levenshtein's distance).
std::size_t EditDistance(std::string_view a, std::string_view b);

// The name among `known`, a range of texts, that `name` is probably meant to be; empty if none is
// within `edits_max` letters (0: a third of the name's length, at least two).
template <class Names>
std::string NearestName(std::string_view name, const Names& known, std::size_t edits_max = 0) {
  std::size_t best = (edits_max > 0 ? edits_max : std::max<std::size_t>(2, name.size() / 3)) + 1;
  std::string_view nearest;
  for (const std::string_view candidate : known) {
    const std::size_t distance = EditDistance(name, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return std::string(nearest);
}

}  // namespace platen::base
