// platenctl: the gateway's API on the command line.
#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "libs/base/real_clock.h"
#include "libs/tls/openssl_policy.h"
#include "tools/platenctl/run.h"

namespace {

// 0 where standard output is no terminal, or one of unknown width.
std::size_t Columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (const absl::Status policy = platen::tls::InstallOpenSslPolicy(); !policy.ok()) {
    std::cerr << "platenctl: " << policy.message() << '\n';
    return platen::platenctl::kExitFailed;
  }
  const platen::base::RealClock clock;
  return platen::platenctl::Run(
      {argv + 1, argv + argc},
      {.clock = clock,
       .in = std::cin,
       .out = std::cout,
       .err = std::cerr,
       .program = argv[0],
       .interactive = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0,
       .columns = Columns()});
}
