// `platen-collector probe NAME|ADDRESS|RANGE`: reads printers once and prints what Platen
// understands of them.
#pragma once

#include <ostream>
#include <span>
#include <string>

#include "platen/event/v1/device.pb.h"

namespace platen::collector::edge {

// `arguments`: what follows "probe" on the command line. Returns the exit code (tool_options.h).
int RunProbe(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

// Whether anything in a snapshot says that it is of a printer: a device of that type, rows of the
// Printer MIB, or a profile.
bool IsPrinter(const event::v1::DeviceSnapshot& snapshot);

}  // namespace platen::collector::edge
