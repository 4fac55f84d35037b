#include "bench/pipeline/processes.h"

#include <fstream>
#include <sstream>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/pipeline/figures.h"
#include "libs/base/status.h"

namespace platen::bench {

double CpuMicrosOf(pid_t pid) {
  std::ifstream file(base::StrCat("/proc/", pid, "/stat"));
  std::string line;
  std::getline(file, line);
  if (line.empty()) Broken("a process has ended");
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  if (!(fields >> user >> system)) Broken("a process has ended");
  return (user + system) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double ResidentBytesOf(pid_t pid) {
  std::ifstream file(base::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) * 1024;
  }
  Broken("a process has ended");
}

int FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(socket);
  if (!bound) Broken("no free port");
  return ntohs(address.sin_port);
}

}  // namespace platen::bench
