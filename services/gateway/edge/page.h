// One page of a list, as the partner API gives it out.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/status.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

template <class T>
struct Page {
  std::vector<T> items;
  std::string next;  // Cursor; empty at the end.
};

// The cursor of a page of events: the position of its last one. Where it is empty, one behind all.
// kInvalidArgument where it is none.
inline absl::StatusOr<std::int64_t> ParsePosition(const std::string& after) {
  if (after.empty()) return INT64_MAX;
  std::int64_t position = 0;
  const char* end = after.data() + after.size();
  if (std::from_chars(after.data(), end, position).ptr == end) return position;
  return base::InvalidArgument("page_token is damaged");
}

// A page of resources that are listed by their names: `make` turns a row into one. `rows` is asked
// for one more than `limit`, which tells whether another page follows.
template <class Make>
auto ReadNamedPage(Statement& rows, int limit, Make make)
    -> absl::StatusOr<Page<typename decltype(make(rows))::value_type>> {
  Page<typename decltype(make(rows))::value_type> page;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return page;
    if (page.items.size() == static_cast<std::size_t>(limit)) {
      page.next = page.items.back().name();
      return page;
    }
    PLATEN_ASSIGN_OR_RETURN(page.items.emplace_back(), make(rows));
  }
}

}  // namespace platen::gateway::edge
