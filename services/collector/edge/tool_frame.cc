#include "services/collector/edge/tool_frame.h"

#include "libs/base/status.h"

namespace platen::collector::edge {

int RunTool(const Tool& tool,
            std::span<const std::string> arguments,
            std::ostream& out,
            std::ostream& err) {
  if (arguments.empty()) {
    err << tool.usage;
    return kExitUsage;
  }
  const auto options = ParseToolOptions(arguments);
  if (options.ok() && options->help) {
    out << tool.usage;
    return kExitOk;
  }
  const auto refuse = [&](std::string_view why) {
    err << "platen-collector " << tool.name << ": " << why << "; see --help\n";
    return kExitUsage;
  };
  if (!options.ok()) return refuse(base::ToStd(options.status().message()));
  if (options->format == OutputFormat::kImport && !tool.can_import) {
    return refuse("--format takes text or json here");
  }
  const Operands wanted = tool.operands(*options);
  if (options->operands.size() != wanted.count) return refuse(wanted.words);
  const auto code = tool.run(*options, out, err);
  if (code.ok()) return *code;
  err << "platen-collector: " << code.status().message() << "\n";
  return code.status().code() == absl::StatusCode::kInvalidArgument ? kExitUsage : kExitFailed;
}

}  // namespace platen::collector::edge
