#include "tests/simulation/alert_month_run.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "libs/alerting/reason.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/rule_file.h"

namespace platen::simulation {

std::size_t MonthResult::MessagesTo(const std::string& receiver) const {
  std::size_t messages = 0;
  for (const alerting::TallyRow& row : tally.Rows()) {
    if (row.receiver == receiver) messages += row.messages;
  }
  return messages;
}

double MonthResult::DailyPerThousand(const std::string& receiver) const {
  return static_cast<double>(MessagesTo(receiver)) * 1000 / options.devices / options.days;
}

double MonthResult::WorstDayPerThousand(const std::string& receiver) const {
  const auto days = by_day.find(receiver);
  std::size_t worst = 0;
  if (days != by_day.end()) {
    for (const auto& [day, messages] : days->second) worst = std::max(worst, messages);
  }
  return static_cast<double>(worst) * 1000 / options.devices;
}

std::string MonthResult::ToText() const {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1);
  out << "| receiver | rule | of | messages | beginnings | ends | a day and 1,000 devices |\n"
      << "|---|---|---|---:|---:|---:|---:|\n";
  for (const alerting::TallyRow& row : tally.Rows()) {
    out << "| " << row.receiver << " | " << row.rule << " | " << row.category << " | "
        << row.messages << " | " << row.beginnings << " | " << row.ends << " | "
        << static_cast<double>(row.messages) * 1000 / options.devices / options.days << " |\n";
  }
  out << "\n"
      << events << " events of " << options.devices << " devices at " << sites << " sites in "
      << options.days << " days, seed " << options.seed << ": " << tally.messages()
      << " messages\n";
  for (const auto& [receiver, days] : by_day) {
    out << receiver << ": " << DailyPerThousand(receiver) << " a day and 1,000 devices, "
        << WorstDayPerThousand(receiver) << " on the worst day\n";
  }
  out << "busiest hour: " << tally.BusiestHour().messages << " messages\n";
  out << "busiest device: told " << tally.BusiestDevice().beginnings << " times\n";
  for (const auto& [reason, count] : rehearsal.reasons()) {
    out << "  " << alerting::ReasonName(reason) << " " << count << "\n";
  }
  return out.str();
}

absl::StatusOr<std::unique_ptr<MonthResult>> RunMonth(const MonthOptions& options,
                                                      const std::string& rules_file) {
  PLATEN_ASSIGN_OR_RETURN(const auto records, service::ReadRuleFile(rules_file));
  auto result = std::make_unique<MonthResult>();
  PLATEN_RETURN_IF_ERROR(result->rehearsal.SetRules(records));
  const AlertMonth month(options);
  result->options = options;
  result->sites = month.sites();
  result->events = month.happenings().size();
  for (const Happening& happening : month.happenings()) {
    result->rehearsal.Play(base::WallFromMillis(happening.millis), month.EventOf(happening));
  }
  result->rehearsal.PlayUntil(month.end());
  return result;
}

}  // namespace platen::simulation
