// base::WallTime and google.protobuf.Timestamp, one into the other; and durations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "libs/base/time.h"

namespace platen::event {

inline google::protobuf::Timestamp ToProto(base::WallTime time) {
  google::protobuf::Timestamp out;
  const std::int64_t nanos = time.time_since_epoch().count();
  std::int64_t seconds = nanos / 1'000'000'000;
  std::int64_t rest = nanos % 1'000'000'000;
  if (rest < 0) {
    rest += 1'000'000'000;
    --seconds;
  }
  out.set_seconds(seconds);
  out.set_nanos(static_cast<std::int32_t>(rest));
  return out;
}

// A time that nanoseconds can't count (before 1678, after 2261) becomes the nearest that they can.
inline base::WallTime FromProto(const google::protobuf::Timestamp& time) {
  constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
  const std::int64_t seconds = std::clamp(time.seconds(), -kSecondsMax, kSecondsMax);
  const std::int32_t nanos = std::clamp(time.nanos(), 0, 999'999'999);
  return base::WallTime(std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanos));
}

inline google::protobuf::Duration ToProto(base::Duration duration) {
  google::protobuf::Duration out;
  const std::int64_t nanos = std::chrono::nanoseconds(duration).count();
  out.set_seconds(nanos / 1'000'000'000);
  out.set_nanos(static_cast<std::int32_t>(nanos % 1'000'000'000));
  return out;
}

// A duration that nanoseconds can't count (beyond 292 years) becomes the nearest that they can.
inline base::Duration FromProto(const google::protobuf::Duration& duration) {
  constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
  return std::chrono::seconds(std::clamp(duration.seconds(), -kSecondsMax, kSecondsMax)) +
         std::chrono::nanoseconds(duration.nanos());
}

}  // namespace platen::event
