// The control protocol: one command a line, answered by any number of lines and a last one, "ok" or
// "error: …".
#pragma once

#include <string>
#include <string_view>

#include "tools/fleetsim/fleet.h"

namespace platen::fleetsim {

// Runs one command. The answer ends with a line end; lines before the last begin with a digit, "#"
// or "device".
std::string RunCommand(base::MonotonicTime now, Fleet& fleet, std::string_view line);

// What can be said, one command a line.
std::string_view CommandHelp();

}  // namespace platen::fleetsim
