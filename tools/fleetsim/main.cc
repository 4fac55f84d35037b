#include <cstdio>
#include <string>
#include <vector>

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "libs/base/real_clock.h"
#include "tools/fleetsim/run.h"

namespace {

// Readable once SIGINT or SIGTERM has come; neither ends the process by itself any more.
int StopFd() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

}  // namespace

// Exit codes: 0 done, 1 it could not be done, 2 wrong usage.
int main(int argc, char** argv) {
  const auto options =
      platen::fleetsim::ParseOptions(std::vector<std::string>(argv + 1, argv + argc));
  if (!options.ok()) {
    std::fprintf(stderr, "platen-fleetsim: %s\n", std::string(options.status().message()).c_str());
    return 2;
  }
  const platen::base::RealClock clock;
  // A control client is ended by its signals as usual.
  const int stop_fd = options->ctl_socket.empty() ? StopFd() : -1;
  const absl::Status status = platen::fleetsim::Run(*options, clock, stop_fd);
  close(stop_fd);
  if (status.ok()) return 0;
  std::fprintf(stderr, "platen-fleetsim: %s\n", std::string(status.message()).c_str());
  return 1;
}
