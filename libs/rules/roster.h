// Whose turn it is (platen.rules.v1.Roster), compiled: shifts of so many days, one contact after
// the other, changing at one time of the local day.
//
// Pure but for Compile(), which reads the time zone's file. Thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "platen/rules/v1/rules.pb.h"

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/base/time.h"

namespace platen::rules {

class Roster {
 public:
  // kInvalidArgument, with what is wrong.
  static absl::StatusOr<Roster> Compile(const v1::Roster& roster);

  // Name of a contact. Before the first shift: whoever has the first.
  const std::string& OnDuty(base::WallTime time) const;

 private:
  struct StandIn {
    std::string contact;
    base::WallTime start;
    base::WallTime end;
  };

  std::vector<std::string> contacts_;
  std::vector<StandIn> stand_ins_;
  absl::TimeZone zone_;
  absl::CivilSecond first_shift_;
  std::int64_t shift_days_ = 1;
};

}  // namespace platen::rules
