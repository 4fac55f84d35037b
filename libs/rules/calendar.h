// Hours of the week by the clock of a place (platen.rules.v1.Calendar), compiled: when somebody is
// there, when a maintenance window is.
//
// Where the clock is put forward, a span that would begin in the hour that is left out begins after
// it; where it is put back, in the first of the two.
//
// Pure but for Compile(), which reads the time zone's file. Thread-compatible.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platen/rules/v1/rules.pb.h"

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/base/time.h"

namespace platen::rules {

// kInvalidArgument where the IANA database has no such zone.
absl::StatusOr<absl::TimeZone> LoadZone(const std::string& name);

class Calendar {
 public:
  // kInvalidArgument, with what is wrong.
  static absl::StatusOr<Calendar> Compile(const v1::Calendar& calendar);

  bool IsOpen(base::WallTime time) const;

  // The first moment from `time` on at which it is open; nothing within the next 400 days.
  std::optional<base::WallTime> NextOpen(base::WallTime time) const;

  // The first moment from `time` on at which it is closed; nothing within the next 8 days.
  std::optional<base::WallTime> NextClosed(base::WallTime time) const;

 private:
  // Minutes since the midnight of the day on which it begins; the end may lie in the next.
  struct Span {
    bool days[7] = {};  // From Monday.
    int from = 0;
    int to = 0;
  };

  bool Begins(const Span& span, absl::CivilDay day) const;
  bool IsOpen(absl::CivilSecond local) const;

  absl::TimeZone zone_;
  std::vector<Span> spans_;
  // First and last.
  std::vector<std::pair<absl::CivilDay, absl::CivilDay>> closed_;
};

}  // namespace platen::rules
