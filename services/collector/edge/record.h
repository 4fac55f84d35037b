// `platen-collector record NAME|ADDRESS`: all that a printer says, without what is its owner's, as
// a .snmprec for `explain` and for tests.
#pragma once

#include <ostream>
#include <span>
#include <string>

namespace platen::collector::edge {

// `arguments`: what follows "record" on the command line. The recording goes to `out`, progress and
// what was masked to `err`. Returns the exit code (tool_options.h).
int RunRecord(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace platen::collector::edge
