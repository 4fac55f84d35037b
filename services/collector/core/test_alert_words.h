// The words that scripts of alerts' lives are written in (tests/testdata/alerts/README.md), as the
// numbers of the MIBs. What is none of them is kInvalidArgument with the word in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace platen::collector::core {

using Words = std::vector<std::string>;

// Words divided by blanks; "…" holds blanks together and loses its quotes; # begins a comment.
absl::StatusOr<Words> SplitWords(std::string_view line);

absl::StatusOr<std::int64_t> NumberOf(std::string_view word);

// "90s", "1h30m", "3d".
absl::StatusOr<base::Duration> DurationOf(std::string_view word);

// prtAlertSeverityLevel, prtAlertTrainingLevel, prtAlertGroup.
absl::StatusOr<int> SeverityOf(std::string_view word);
absl::StatusOr<int> TrainingOf(std::string_view word);
absl::StatusOr<int> GroupOf(std::string_view word);
// hrDeviceStatus, hrPrinterStatus, PrtCoverStatusTC.
absl::StatusOr<int> DeviceStatusOf(std::string_view word);
absl::StatusOr<int> PrinterStatusOf(std::string_view word);
absl::StatusOr<int> CoverStatusOf(std::string_view word);
// A bit of hrPrinterDetectedErrorState as the number of ErrorState.
absl::StatusOr<int> BitOf(std::string_view word);

}  // namespace platen::collector::core
