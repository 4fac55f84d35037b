// Role `poll`: the wiring. Reads from top to bottom as the way of an event: network → reader → core
// → Kafka.
#pragma once

namespace platen::collector {

// `platen-collector [poll] --config FILE …`. Returns the exit code.
int RunPoll(int argc, const char* const* argv);

}  // namespace platen::collector
