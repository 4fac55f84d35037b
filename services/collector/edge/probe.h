// `platen-collector probe NAME|ADDRESS|RANGE`: reads printers once and prints what Platen
// understands of them.
#pragma once

#include <ostream>
#include <span>
#include <string>

#include "platen/event/v1/device.pb.h"

#include "services/collector/edge/hosts.h"
#include "services/collector/edge/reader.h"
#include "services/collector/edge/tool_options.h"

namespace platen::collector::edge {

// `arguments`: what follows "probe" on the command line. Returns the exit code (tool_options.h).
int RunProbe(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

// Whether anything in a snapshot says that it is of a printer: a device of that type, rows of the
// Printer MIB, or a profile.
bool IsPrinter(const event::v1::DeviceSnapshot& snapshot);

// Says on `err` why nobody may have answered at `hosts`, which are what `asked` names.
ExitCode TellSilence(const std::string& asked, const Hosts& hosts, std::ostream& err);

// Says on `err` that what answers at `asked` is no printer.
ExitCode TellNoPrinter(const std::string& asked, std::ostream& err);

// What the options say of how to ask.
ReaderOptions ReaderOptionsOf(const ToolOptions& tool);
event::v1::SnmpAccess::Version VersionOf(const ToolOptions& tool);

}  // namespace platen::collector::edge
