// The program: finds the command, reads its options, opens the way to the gateway, and says what
// went wrong.
#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "libs/base/time.h"

namespace platen::platenctl {

// Exit codes, stable for scripts.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,       // The gateway refused, or something on this machine failed.
  kExitUsage = 2,        // The command line or the context is wrong.
  kExitUnreachable = 3,  // No gateway answers, or one side does not trust the other.
  kExitNotFound = 4,     // There is no such device, target, alert or record.
  kExitNo = 5,           // The question was answered with no.
};

struct Environment {
  const base::Clock& clock;
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  std::string program;
  bool interactive = false;
  std::size_t columns = 0;  // Of the terminal that `out` is; 0: it is none.
};

// `words` without the program's name. Returns the exit code.
int Run(const std::vector<std::string>& words, Environment environment);

}  // namespace platen::platenctl
