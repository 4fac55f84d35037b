// base::WallTime and google.protobuf.Timestamp, one into the other.
#pragma once

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

inline base::WallTime FromProto(const google::protobuf::Timestamp& time) {
  return base::WallTime(std::chrono::seconds(time.seconds()) +
                        std::chrono::nanoseconds(time.nanos()));
}

}  // namespace platen::event
