#include "services/collector/core/alert_table.h"

#include <algorithm>
#include <array>
#include <vector>

#include "services/collector/core/alert_rows.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using event::v1::AlertRow;
using event::v1::DeviceSnapshot;

constexpr int kRowsMax = 512;

// What a row never changes in its life: where it says when it came, that and not its index, for
// some agents close the gaps in their table.
std::uint64_t DigestOf(const AlertRow& row) {
  const std::array<std::uint64_t, 5> fields = {
      row.device_index(),
      row.has_time_ticks() ? row.time_ticks() : static_cast<std::uint64_t>(row.index()),
      static_cast<std::uint64_t>(row.group_index()),
      static_cast<std::uint64_t>(row.group()),
      static_cast<std::uint64_t>(row.code())};
  std::uint64_t digest = 14'695'981'039'346'656'037U;  // FNV-1a, by words.
  for (const std::uint64_t field : fields) {
    digest = (digest ^ field) * 1'099'511'628'211U;
    digest ^= digest >> 29;
  }
  return digest;
}

struct NewRows {
  std::uint64_t all = 0;
  std::uint64_t critical = 0;
};

// It is a unary warning, and older than all that are left.
bool IsFirstToGo(const DeviceSnapshot& snapshot, const AlertRow& gone) {
  if (gone.severity() != event::v1::ALERT_SEVERITY_WARNING) return false;
  return std::none_of(
      snapshot.alerts().begin(), snapshot.alerts().end(), [&gone](const AlertRow& row) {
        if (row.severity() != event::v1::ALERT_SEVERITY_WARNING) return false;
        const bool timed = row.has_time_ticks() && gone.has_time_ticks();
        return timed && row.time_ticks() != gone.time_ticks() ? row.time_ticks() < gone.time_ticks()
                                                              : row.index() < gone.index();
      });
}

// Counts the rows that were not there before, and keeps those that are there now.
NewRows CountNew(const DeviceSnapshot& snapshot, DeviceState& state) {
  auto& known = *state.mutable_alert_row_digests();
  NewRows fresh;
  std::vector<std::uint64_t> now;
  for (const AlertRow& row : snapshot.alerts()) {
    const std::uint64_t digest = DigestOf(row);
    if (static_cast<int>(now.size()) < kRowsMax) now.push_back(digest);
    if (std::find(known.begin(), known.end(), digest) != known.end()) continue;
    ++fresh.all;
    fresh.critical += row.severity() == event::v1::ALERT_SEVERITY_CRITICAL ? 1 : 0;
  }
  known.Assign(now.begin(), now.end());
  return fresh;
}

// How many more the counter counts than have been seen. Unlikely numbers are a counter of another
// kind, or one that has begun anew.
std::uint64_t Unseen(std::uint64_t before, std::uint64_t now, std::uint64_t seen) {
  constexpr std::uint64_t kMost = 1000;
  if (now < before || now - before > kMost) return 0;
  return now - before > seen ? now - before - seen : 0;
}

// What the next reading finds is to be compared with nothing.
void ForgetTable(DeviceState& state) {
  state.clear_alert_row_digests();
  state.clear_alert_rows_ahead();
  state.clear_alert_all_events();
  state.clear_alert_critical_events();
}

}  // namespace

TableNews FollowTable(DeviceState& state, const AlertSighting& reading) {
  TableNews news;
  const DeviceSnapshot& snapshot = *reading.snapshot;
  const bool follows = !reading.rebooted && !reading.table_reset;
  // What a torn row is shows the next reading, which the counters must still ask for.
  if (!reading.whole.rows || HasTornRow(snapshot)) {
    if (!follows) ForgetTable(state);
    return news;
  }
  const auto rows_before = static_cast<std::uint32_t>(state.alert_row_digests_size());
  const NewRows fresh = CountNew(snapshot, state);
  const auto rows = static_cast<std::uint32_t>(snapshot.alerts_size());
  if (rows > state.alert_rows_max()) {
    state.set_alert_rows_max(rows);
    state.clear_alert_overflows();
  }
  const bool full = rows >= kSmallestFullTable && rows == state.alert_rows_max();
  if (follows && full && rows_before == rows) news.came_to_full = fresh.all;
  news.changed = fresh.all > 0 || state.alert_all_events() != snapshot.alert_all_events();
  const std::uint64_t ahead = state.alert_rows_ahead();
  state.clear_alert_rows_ahead();
  if (follows && state.has_alert_all_events() && snapshot.has_alert_all_events()) {
    const std::uint64_t seen = fresh.all + ahead;
    const std::uint64_t missed =
        Unseen(state.alert_all_events(), snapshot.alert_all_events(), seen);
    const std::uint64_t grown = snapshot.alert_all_events() - state.alert_all_events();
    news.none_counted = grown == 0 && snapshot.alert_all_events() > 0;
    if (fresh.all > 0 && grown < seen) {
      state.set_alert_rows_ahead(static_cast<std::uint32_t>(seen - grown));
    }
    if (missed > 0) news.missed.emplace().set_count(missed);
    if (missed > 0 && state.has_alert_critical_events() && snapshot.has_alert_critical_events()) {
      news.missed->set_critical(std::min(
          missed,
          Unseen(state.alert_critical_events(), snapshot.alert_critical_events(), fresh.critical)));
    }
  }
  if (snapshot.has_alert_all_events()) state.set_alert_all_events(snapshot.alert_all_events());
  if (snapshot.has_alert_critical_events()) {
    state.set_alert_critical_events(snapshot.alert_critical_events());
  }
  return news;
}

bool HasOverflowed(DeviceState& state,
                   const TableNews& news,
                   const DeviceSnapshot& snapshot,
                   std::span<const AlertRow* const> row_of) {
  if (news.came_to_full == 0) return false;
  std::uint64_t gone = 0;
  int at = 0;
  for (const AlertRow* row : row_of) {
    const collector::v1::OpenAlert& open = state.open_alerts(at++);
    if (row != nullptr || !open.has_row()) continue;
    if (!IsFirstToGo(snapshot, open.row())) return false;
    ++gone;
  }
  // Where anything else has gone, too, there was room.
  if (gone != news.came_to_full) return false;
  const bool believed = state.alert_overflows() >= kOverflowsToBelieve;
  if (!believed) state.set_alert_overflows(state.alert_overflows() + 1);
  return believed;
}

}  // namespace platen::collector::core
