#include "tools/fleetsim/run.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <poll.h>

#include "libs/base/status.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "tools/fleetsim/announcer.h"
#include "tools/fleetsim/commands.h"
#include "tools/fleetsim/control_socket.h"
#include "tools/fleetsim/simulator.h"

namespace platen::fleetsim {
namespace {

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

// What a command says, without its final "ok".
std::string Said(base::MonotonicTime now, Fleet& fleet, std::string_view command) {
  std::string said = RunCommand(now, fleet, command);
  said.resize(said.size() - std::string_view("ok\n").size());
  return said;
}

// A protocol by which printers announce themselves, on a socket of its own.
struct AnnouncerSocket {
  std::unique_ptr<snmp::Datagrams> network;
  Announcer announcer;
};

absl::StatusOr<std::vector<AnnouncerSocket>> OpenAnnouncers(const Options& options, Fleet& fleet) {
  std::vector<AnnouncerSocket> sockets;
  const auto open = [&](std::optional<std::uint16_t> port,
                        std::string_view name,
                        Announcer::Protocol protocol) -> absl::Status {
    if (!port.has_value()) return absl::OkStatus();
    PLATEN_ASSIGN_OR_RETURN(auto network, snmp::udp::OpenUdpAgents({.port = *port}));
    Print(base::StrCat(name, " on UDP port ", network->local(0).port, "\n"));
    Announcer announcer(*network, fleet, protocol);
    sockets.push_back({std::move(network), announcer});
    return absl::OkStatus();
  };
  PLATEN_RETURN_IF_ERROR(open(options.slp_port, "SLP", AnswerSlp));
  PLATEN_RETURN_IF_ERROR(open(options.dns_sd_port, "DNS-SD", AnswerDnsSd));
  return sockets;
}

// Waits for the network, a command, a delayed answer or the end. False at the end.
bool WaitForWork(const snmp::Datagrams& network,
                 const std::vector<AnnouncerSocket>& announcers,
                 const ControlServer* control,
                 int stop_fd,
                 base::Duration at_most) {
  std::vector<pollfd> watched = {{.fd = stop_fd, .events = POLLIN, .revents = 0},
                                 {.fd = network.fd(), .events = POLLIN, .revents = 0}};
  for (const AnnouncerSocket& socket : announcers) {
    watched.push_back({.fd = socket.network->fd(), .events = POLLIN, .revents = 0});
  }
  if (control != nullptr) {
    for (const int fd : control->fds())
      watched.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at_most);
  const timespec timeout{static_cast<time_t>(seconds.count()),
                         static_cast<long>((at_most - seconds).count())};
  ppoll(watched.data(), watched.size(), &timeout, nullptr);
  return watched[0].revents == 0;
}

absl::Status RunFleet(const Options& options, const base::Clock& clock, int stop_fd, Fleet& fleet) {
  PLATEN_ASSIGN_OR_RETURN(const auto network, snmp::udp::OpenUdpAgents({.port = options.port}));
  std::unique_ptr<ControlServer> control;
  if (!options.control.empty()) {
    const auto handler = [&](std::string_view line) {
      return RunCommand(clock.Now(), fleet, line);
    };
    PLATEN_ASSIGN_OR_RETURN(control, ControlServer::Listen(options.control, handler));
  }
  const auto devices = fleet.devices();
  Print(base::StrCat(devices.size(),
                     " devices listen on UDP port ",
                     network->local(0).port,
                     ", from ",
                     snmp::Endpoint::V4(fleet.AddressOf(devices.front()), 0).AddressToString(),
                     " to ",
                     snmp::Endpoint::V4(fleet.AddressOf(devices.back()), 0).AddressToString(),
                     "\n"));
  PLATEN_ASSIGN_OR_RETURN(std::vector<AnnouncerSocket> announcers, OpenAnnouncers(options, fleet));

  Simulator simulator(*network, fleet, clock);
  while (WaitForWork(
      *network, announcers, control.get(), stop_fd, simulator.UntilDue(std::chrono::hours(1)))) {
    simulator.Step();
    for (AnnouncerSocket& socket : announcers) socket.announcer.Step(clock.Now());
    if (control != nullptr) control->Step();
    simulator.SendTraps();
  }
  Print(Said(clock.Now(), fleet, "counts"));
  return absl::OkStatus();
}

}  // namespace

absl::Status Run(const Options& options, const base::Clock& clock, int stop_fd) {
  if (options.help) {
    Print(Usage());
    return absl::OkStatus();
  }
  if (!options.ctl_socket.empty()) {
    PLATEN_ASSIGN_OR_RETURN(const std::string said,
                            SendCommand(options.ctl_socket, options.ctl_line));
    Print(said);
    return absl::OkStatus();
  }
  PLATEN_ASSIGN_OR_RETURN(const auto models, LoadModels(options.recordings));
  PLATEN_ASSIGN_OR_RETURN(Fleet fleet, Fleet::Make(options.fleet, models, clock.Now()));
  if (!options.list) return RunFleet(options, clock, stop_fd, fleet);
  Print(Said(clock.Now(), fleet, "list"));
  return absl::OkStatus();
}

}  // namespace platen::fleetsim
