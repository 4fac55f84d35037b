// Lives of alerts, written down as text: what a device shows from poll to poll, and what is to be
// concluded from it. The format is described in tests/testdata/alerts/README.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/collector/core/normalizer.h"

namespace platen::collector::core {

// One line "=> …".
struct ExpectedLine {
  int line = 0;
  // "nothing", "raised", "changed", "ended", "open", "missed", "device" or "silence".
  std::string verb;
  // The alert ("jam/1"), what the device is ("suspect"), how many were missed; several only for
  // "open".
  std::vector<std::string> names;
  // What else is said of it: "severity" → "critical".
  std::map<std::string, std::string> facts;
};

// One poll.
struct ScriptStep {
  int line = 0;
  base::WallTime time;
  // Nobody answered; `reading` is empty.
  bool silent = false;
  Reading reading;
  std::vector<ExpectedLine> expected;
};

struct AlertScript {
  // The first line: what the story is about.
  std::string title;
  // Which rules and whose oddities it shows.
  std::vector<std::string> about;
  std::vector<ScriptStep> steps;
};

// `text` as a script. kInvalidArgument with the line's number where it is none.
absl::StatusOr<AlertScript> ParseAlertScript(std::string_view text);

}  // namespace platen::collector::core
