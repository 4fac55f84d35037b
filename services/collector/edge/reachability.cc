#include "services/collector/edge/reachability.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"

namespace platen::collector::edge {
namespace {

using base::StrCat;

constexpr std::array<std::uint16_t, 3> kPorts = {9100, 631, 443};

std::string_view ServiceName(std::uint16_t port) {
  return port == 9100 ? "raw printing" : port == 631 ? "IPP" : "HTTPS";
}

enum class Knock : std::uint8_t { kPending, kOpen, kRefused, kNothing };

// One connection attempt. Owns its socket.
class Attempt {
 public:
  Attempt(const snmp::Endpoint& host, std::uint16_t port) {
    const bool v4 = host.is_v4();
    fd_ = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return;
    sockaddr_storage address{};
    socklen_t size = 0;
    if (v4) {
      auto& to = reinterpret_cast<sockaddr_in&>(address);
      to.sin_family = AF_INET;
      to.sin_port = htons(port);
      to.sin_addr.s_addr = htonl(host.v4());
      size = sizeof(to);
    } else {
      auto& to = reinterpret_cast<sockaddr_in6&>(address);
      to.sin6_family = AF_INET6;
      to.sin6_port = htons(port);
      std::copy(host.address.begin(), host.address.end(), to.sin6_addr.s6_addr);
      size = sizeof(to);
    }
    const int connected = connect(fd_, reinterpret_cast<const sockaddr*>(&address), size);
    state_ = connected == 0 ? Knock::kOpen : Judge(errno);
  }

  ~Attempt() {
    if (fd_ >= 0) close(fd_);
  }

  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  int fd() const { return fd_; }

  Knock state() const { return state_; }

  void OnWritable() {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    state_ = error == 0 ? Knock::kOpen : Judge(error);
  }

 private:
  static Knock Judge(int error) {
    if (error == EINPROGRESS) return Knock::kPending;
    return error == ECONNREFUSED ? Knock::kRefused : Knock::kNothing;
  }

  int fd_ = -1;
  Knock state_ = Knock::kNothing;
};

std::string OpenPorts(const TcpFindings& findings) {
  std::string words;
  for (const std::uint16_t port : findings.open) {
    words += StrCat(words.empty() ? "" : ", ", port, " (", ServiceName(port), ")");
  }
  return words;
}

}  // namespace

TcpFindings KnockTcp(const snmp::Endpoint& host, base::Duration timeout) {
  Attempt first(host, kPorts[0]);
  Attempt second(host, kPorts[1]);
  Attempt third(host, kPorts[2]);
  const std::array<Attempt*, kPorts.size()> attempts = {&first, &second, &third};
  const base::RealClock clock;
  const base::MonotonicTime deadline = clock.Now() + timeout;
  for (;;) {
    std::vector<pollfd> waiting;
    for (const Attempt* attempt : attempts) {
      if (attempt->state() == Knock::kPending) waiting.push_back({attempt->fd(), POLLOUT, 0});
    }
    const base::Duration left = deadline - clock.Now();
    if (waiting.empty() || left <= base::Duration::zero()) break;
    poll(waiting.data(), waiting.size(), static_cast<int>(base::ToMillis(left)) + 1);
    for (const pollfd& ready : waiting) {
      if (ready.revents == 0) continue;
      for (Attempt* attempt : attempts) {
        if (attempt->fd() == ready.fd) attempt->OnWritable();
      }
    }
  }
  TcpFindings findings;
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    if (attempts[i]->state() == Knock::kOpen) findings.open.push_back(kPorts[i]);
    findings.refused = findings.refused || attempts[i]->state() == Knock::kRefused;
  }
  return findings;
}

std::string SilenceAdvice(const std::string& asked,
                          const snmp::Endpoint& host,
                          const TcpFindings& findings) {
  const std::string address = host.AddressToString();
  const std::string named = asked == address ? asked : StrCat(asked, " (", address, ")");
  std::string advice = StrCat(named, " does not answer SNMP on UDP port ", host.port, ".\n");
  std::vector<std::string> checks;
  if (!findings.alive()) {
    advice += "It doesn't answer on TCP 9100, 631 or 443 either.";
    checks = {
        StrCat("The address: is ", address, " the printer's? Its panel or a status page says so."),
        "The printer: is it switched on? In deep sleep some need a key pressed, or a job.",
        StrCat("The way: is there a route from here, and no firewall between? Try `ping ",
               address,
               "`.")};
  } else {
    if (findings.open.empty()) {
      advice += "The host lives, but nothing of a printer listens on TCP 9100, 631 or 443.";
      checks = {"The address: is this the printer, and not another machine?"};
    } else {
      advice += StrCat("The host lives: it accepts connections on ", OpenPorts(findings), ".");
    }
    checks.insert(checks.end(),
                  {"SNMP: is it switched on in the printer's web page, and v1 or v2c allowed?",
                   "The community: a wrong one is answered with silence. Give it with --community.",
                   "The printer's access list: may this machine ask?",
                   StrCat("The way: does a firewall drop UDP ", host.port, "?")});
  }
  advice += " What to check, in order:\n";
  for (std::size_t i = 0; i < checks.size(); ++i) {
    advice += StrCat("  ", i + 1, ". ", checks[i], "\n");
  }
  return advice;
}

}  // namespace platen::collector::edge
