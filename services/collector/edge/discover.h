// `platen-collector discover --ranges RANGES`: which printers there are, and what has changed since
// the last time. Registers nothing.
#pragma once

#include <ostream>
#include <span>
#include <string>

namespace platen::collector::edge {

// What follows the subcommand; the exit code.
int RunDiscover(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace platen::collector::edge
