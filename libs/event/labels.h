// Names that people give to what lasts: tenants, sites, installations, regions, receivers, rules.
// They stand in resource names, topics' headers and file names, so they are plain.
//
// Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace platen::event {

inline constexpr std::size_t kLabelBytesMax = 63;

// An alert's id is its collector's, and may be anything, but no longer than this.
inline constexpr std::size_t kAlertIdBytesMax = 255;

// 1 to 63 characters of [a-z0-9-].
inline bool IsLabel(std::string_view text) {
  return !text.empty() && text.size() <= kLabelBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace platen::event
