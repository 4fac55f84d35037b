// A month of a fleet under rules: how many messages, to whom, for what.
//
//   alert_month [--devices N] [--days N] [--seed N] [--rules FILE]
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "libs/base/status.h"
#include "tests/simulation/alert_month_run.h"

int main(int argc, char** argv) {
  using namespace platen::simulation;
  std::map<std::string, std::string> options = {{"--devices", "10000"},
                                                {"--days", "30"},
                                                {"--seed", "1"},
                                                {"--rules", "deploy/rules/default.yaml"}};
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto option = options.find(argv[i]);
    if (option == options.end()) {
      std::cerr << "no such option: " << argv[i] << "\n";
      return 2;
    }
    option->second = argv[i + 1];
  }
  const MonthOptions month{.seed = std::strtoull(options["--seed"].c_str(), nullptr, 10),
                           .devices = std::atoi(options["--devices"].c_str()),
                           .days = std::atoi(options["--days"].c_str())};
  const auto result = RunMonth(month, options["--rules"]);
  if (!result.ok()) {
    std::cerr << platen::base::ToStd(result.status().message()) << "\n";
    return 1;
  }
  std::cout << (*result)->ToText();
  return 0;
}
