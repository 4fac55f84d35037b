// What the tools `probe`, `discover`, `explain` and `record` have in common around what they do:
// help, wrong usage, and how a failure is told.
#pragma once

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/collector/edge/tool_options.h"

namespace platen::collector::edge {

struct Operands {
  std::size_t count = 1;
  std::string_view words;  // "takes one file".
};

struct Tool {
  std::string_view name;   // "probe".
  std::string_view usage;  // What --help prints.
  // What has to stand on the command line, which may depend on its options.
  Operands (*operands)(const ToolOptions& options);
  // Does it. An error is told on `err` by the frame; kInvalidArgument is wrong usage.
  absl::StatusOr<ExitCode> (*run)(const ToolOptions& options, std::ostream& out, std::ostream& err);
  bool can_import = false;  // Knows OutputFormat::kImport.
};

// Runs `tool` with what follows its name on the command line. Returns the exit code.
int RunTool(const Tool& tool,
            std::span<const std::string> arguments,
            std::ostream& out,
            std::ostream& err);

}  // namespace platen::collector::edge
