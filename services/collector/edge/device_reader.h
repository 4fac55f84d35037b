// Who carries out the core's readings, as the poll loop sees it: Reader, over SNMP; in simulations
// printers that answer at once, late, in part or not at all.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "libs/base/time.h"
#include "libs/snmp/match.h"
#include "libs/snmp/message.h"
#include "libs/snmp/usm/session.h"
#include "services/collector/core/due_queue.h"
#include "services/collector/core/effects.h"

namespace platen::collector::edge {

// How much later than planned readings began: their first request was sent.
struct Delays {
  // Upper bounds, in seconds; the last class has none.
  static constexpr std::array kBounds = {
      0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0};

  void Add(base::Duration delay) {
    const double seconds = base::ToSeconds(delay);
    const auto* const bound = std::ranges::lower_bound(kBounds, seconds);
    ++counts[static_cast<std::size_t>(bound - kBounds.begin())];
    sum_seconds += seconds;
  }

  std::array<std::uint64_t, kBounds.size() + 1> counts{};
  double sum_seconds = 0;
};

struct ReaderFigures {
  Delays delays;
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;
  // Of these, from another address than was asked, where the target allows that.
  std::uint64_t answers_from_elsewhere = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  // Readings that could not begin: no such credential, no address.
  std::uint64_t misconfigured = 0;
  std::array<std::uint64_t, snmp::kDecodeFaults> decode_faults{};
  // Messages of SNMPv3 that came for an open request, by what became of them (snmp::usm::Heard).
  std::array<std::uint64_t, snmp::usm::kHeards> heard{};
  std::size_t under_way = 0;
  // Of these, who waits until a line has room.
  std::size_t waiting_for_links = 0;
};

// Thread-confined; nothing waits.
class DeviceReader {
 public:
  virtual ~DeviceReader() = default;

  // Begins a reading; its answer comes from Poll(). Copies what it needs.
  virtual void Start(const core::ReadRequest& request) = 0;

  // Gives up the reading under way at this place, if there is one, and what was learned of the
  // agent there: another device may have it next.
  virtual void Forget(core::DeviceSlot slot) = 0;

  // Where those devices are that answer as this engine of SNMPv3.
  virtual std::vector<core::DeviceSlot> WithEngine(std::string_view engine_id) const = 0;

  // Does what there is to do; appends readings that have ended.
  virtual void Poll(base::MonotonicTime now, std::vector<core::ReadAnswer>& answers) = 0;

  // When Poll() has to be called again though no datagram came; nothing while nothing is under way.
  virtual std::optional<base::MonotonicTime> next() const = 0;

  virtual ReaderFigures figures() const = 0;

  virtual const std::array<std::uint64_t, snmp::kMatchResults>& match_counts() const = 0;
};

}  // namespace platen::collector::edge
