// Whether the standard total and the vendor's agree.
//
// Pure; for meter_history.cc.
#pragma once

#include <vector>

#include "services/collector/core/meter_history.h"

namespace platen::collector::core {

// A counter of a reading and what is kept of it. Both borrowed.
struct FollowedMeter {
  event::v1::Meter* meter = nullptr;
  collector::v1::KeptMeter* kept = nullptr;
};

// Sources may differ by `save_step` or a thousandth, whichever is more: makers write at different
// moments, and count sheets picked or printed. Beyond that both values get MISMATCH, at each
// reading. `followed` holds counters of `meters`, already judged: what may not be charged is not
// compared. Returns the pairs for which it is news, which `kept.disagrees` of the other source
// remembers until they are within half of that again.
std::vector<Disagreement> CompareSources(
    const google::protobuf::RepeatedPtrField<event::v1::Meter>& meters,
    const std::vector<FollowedMeter>& followed,
    std::uint64_t save_step);

}  // namespace platen::collector::core
