// platen-collector: reads printers and says what they mean.
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "services/collector/edge/discover.h"
#include "services/collector/edge/explain.h"
#include "services/collector/edge/probe.h"
#include "services/collector/edge/record.h"
#include "services/collector/poll_role.h"

namespace {

constexpr std::string_view kUsage =
    "usage: platen-collector poll --config FILE [OPTIONS]         poll the targets of an "
    "installation\n"
    "       platen-collector probe NAME|ADDRESS|RANGE [OPTIONS]   read printers once\n"
    "       platen-collector discover --ranges RANGES [OPTIONS]   find printers, register none\n"
    "       platen-collector explain FILE [OPTIONS]               understand a recording\n"
    "       platen-collector explain --diff A B [OPTIONS]         what happened between two\n"
    "       platen-collector record NAME|ADDRESS > FILE           make a recording, redacted\n"
    "Each has a --help of its own. Options without a command are those of poll.\n";

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string command = arguments.empty() ? std::string() : arguments.front();
  const std::span<const std::string> rest = std::span(arguments).subspan(arguments.empty() ? 0 : 1);
  if (command == "poll") return platen::collector::RunPoll(argc - 1, argv + 1);
  if (command == "--help") {
    std::cout << kUsage;
    return 0;
  }
  // A service's own options without a role mean the one role there is.
  if (command.starts_with("--")) return platen::collector::RunPoll(argc, argv);
  if (command == "probe") {
    return platen::collector::edge::RunProbe(rest, std::cout, std::cerr);
  }
  if (command == "discover") {
    return platen::collector::edge::RunDiscover(rest, std::cout, std::cerr);
  }
  if (command == "explain") {
    return platen::collector::edge::RunExplain(rest, std::cout, std::cerr);
  }
  if (command == "record") {
    return platen::collector::edge::RunRecord(rest, std::cout, std::cerr);
  }
  if (!command.empty()) std::cerr << "platen-collector: there is no command " << command << "\n";
  std::cerr << kUsage;
  return 2;
}
