// A month of a fleet, rehearsed under the rules of a file.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/alerting/rehearsal.h"
#include "libs/alerting/tally.h"
#include "tests/simulation/alert_month.h"

namespace platen::simulation {

struct MonthResult {
  MonthOptions options;
  int sites = 0;
  std::size_t events = 0;
  alerting::Tally tally;
  // Messages by receiver and day of the month.
  std::map<std::string, std::map<std::int64_t, std::size_t>> by_day;
  alerting::Rehearsal rehearsal{
      [this](base::WallTime now, const notifier::v1::Notification& message) {
        tally.Count(now, message);
        ++by_day[message.receiver()][base::ToMillis(now) / 86'400'000];
      }};

  std::size_t MessagesTo(const std::string& receiver) const;
  // A receiver's messages in a day, for 1,000 devices.
  double DailyPerThousand(const std::string& receiver) const;
  // The same on the day on which it gets most.
  double WorstDayPerThousand(const std::string& receiver) const;
  // A table and its summary, for people.
  std::string ToText() const;
};

// Errors are those of the rules' file.
absl::StatusOr<std::unique_ptr<MonthResult>> RunMonth(const MonthOptions& options,
                                                      const std::string& rules_file);

}  // namespace platen::simulation
