// `platen-collector explain FILE`: a recording, understood as a printer's answers would be;
// `--diff A B`: the events that two of them make.
#pragma once

#include <ostream>
#include <span>
#include <string>

namespace platen::collector::edge {

// `arguments`: what follows "explain" on the command line. Reads .snmprec and the output of
// `snmpwalk -On`; "-" is standard input. Returns the exit code (tool_options.h).
int RunExplain(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace platen::collector::edge
