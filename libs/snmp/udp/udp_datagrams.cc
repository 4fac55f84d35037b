#include "libs/snmp/udp/udp_datagrams.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <vector>

#include <sys/epoll.h>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/snmp/udp/arenas.h"
#include "libs/snmp/udp/sockets.h"

namespace platen::snmp::udp {
namespace {

constexpr std::size_t kMaxPorts = 64;
constexpr std::size_t kMaxBatch = 1024;
constexpr std::size_t kMaxDatagramBytes = 65507;

bool IsLoopback(std::uint32_t address) {
  return address >> 24 == 127;
}

class UdpDatagrams final : public Datagrams {
 public:
  UdpDatagrams(FileDescriptor epoll,
               std::vector<FileDescriptor> sockets,
               int family,
               const Settings& settings)
      : epoll_(std::move(epoll)),
        sockets_(std::move(sockets)),
        family_(family),
        settings_(settings),
        receive_(settings),
        send_(settings) {
    for (const FileDescriptor& socket : sockets_) locals_.push_back(LocalEndpoint(socket.get()));
    views_.reserve(settings.batch);
  }

  std::size_t Send(std::span<const OutDatagram> batch) override {
    std::size_t taken = 0;
    while (taken < batch.size()) {
      const std::size_t step = SendRun(batch.subspan(taken));
      if (step == 0) break;
      taken += step;
    }
    return taken;
  }

  std::span<const InDatagram> Receive() override {
    views_.clear();
    if (ready_ == 0) FindReady(base::Duration(0));
    std::size_t filled = 0;
    ++turn_;
    for (std::size_t i = 0; i < sockets_.size() && filled < settings_.batch; ++i) {
      const std::size_t via =
          (turn_ + i) % sockets_.size();  // So that no busy socket starves the others.
      if ((ready_ >> via & 1) == 0) continue;
      const std::size_t got = receive_.Receive(sockets_[via].get(), filled);
      // A full batch leaves the socket marked, as it may hold more; an emptied one is asked again
      // by epoll.
      if (filled + got < settings_.batch) ready_ &= ~(std::uint64_t{1} << via);
      for (std::size_t at = filled; at < filled + got; ++at) Take(at, via);
      filled += got;
    }
    counts_.received += views_.size();
    return views_;
  }

  bool Wait(base::Duration at_most) override {
    if (settings_.gather > base::Duration(0)) at_most -= Gather();
    if (ready_ == 0) FindReady(std::max(at_most, base::Duration(0)));
    waited_ = base::RealClock().Now();
    return ready_ != 0;
  }

  int fd() const override { return epoll_.get(); }

  std::size_t port_count() const override { return sockets_.size(); }

  Endpoint local(std::size_t port) const override { return locals_[port]; }

  DatagramCounts counts() const override {
    DatagramCounts counts = counts_;
    for (const FileDescriptor& socket : sockets_)
      counts.receive_overflow += DroppedByKernel(socket.get());
    return counts;
  }

 private:
  // Sends from the front of `batch` what shares a port, at most one arena of it; how many were
  // taken.
  std::size_t SendRun(std::span<const OutDatagram> batch) {
    const std::uint8_t via = batch.front().via;
    std::size_t count = 0;
    while (count < batch.size() && count < send_.size() && batch[count].via == via) {
      if (!send_.Put(count, batch[count], family_)) break;
      ++count;
    }
    if (count == 0) return Refuse();
    const int sent =
        sendmmsg(sockets_[via].get(), send_.messages(), static_cast<unsigned>(count), 0);
    if (sent > 0) {
      counts_.sent += static_cast<std::uint64_t>(sent);
      return static_cast<std::size_t>(sent);
    }
    // The error is the first datagram's.
    const bool later = errno == EAGAIN || errno == ENOBUFS || errno == EINTR;
    return later ? 0 : Refuse();
  }

  std::size_t Refuse() {
    ++counts_.send_refused;
    return 1;
  }

  void Take(std::size_t i, std::size_t via) {
    if (receive_.truncated(i)) {
      ++counts_.receive_oversized;
      return;
    }
    InDatagram datagram = receive_.View(i, via);
    if (settings_.packet_info) {
      const std::uint32_t to = receive_.SentTo(i);
      if (!IsLoopback(to)) {
        ++counts_.receive_refused;
        return;
      }
      datagram.to = Endpoint::V4(to, locals_[via].port);
    } else {
      datagram.to = locals_[via];
    }
    views_.push_back(datagram);
  }

  // How long it took.
  base::Duration Gather() const {
    const auto passed = base::RealClock().Now() - waited_;
    if (passed >= settings_.gather) return base::Duration(0);
    std::this_thread::sleep_for(settings_.gather - passed);
    return settings_.gather - passed;
  }

  void FindReady(base::Duration at_most) {
    std::array<epoll_event, kMaxPorts> events;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at_most);
    const timespec timeout{static_cast<time_t>(seconds.count()),
                           static_cast<long>((at_most - seconds).count())};
    const int found = epoll_pwait2(
        epoll_.get(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < found; ++i)
      ready_ |= std::uint64_t{1} << events[static_cast<std::size_t>(i)].data.u32;
  }

  FileDescriptor epoll_;
  std::vector<FileDescriptor> sockets_;
  std::vector<Endpoint> locals_;
  int family_;
  Settings settings_;
  ReceiveArena receive_;
  SendArena send_;
  std::vector<InDatagram> views_;
  std::uint64_t ready_ = 0;  // A bit for each socket that may have something.
  std::size_t turn_ = 0;
  base::MonotonicTime waited_;  // When Wait() last ended.
  DatagramCounts counts_;
};

absl::Status CheckBounds(std::size_t ports, std::size_t batch, std::size_t datagram_bytes_max) {
  if (ports < 1 || ports > kMaxPorts)
    return base::InvalidArgument("UDP ports: 1 to 64, not ", ports);
  if (batch < 1 || batch > kMaxBatch)
    return base::InvalidArgument("UDP batch: 1 to 1024, not ", batch);
  if (datagram_bytes_max < 1 || datagram_bytes_max > kMaxDatagramBytes) {
    return base::InvalidArgument("UDP datagram_bytes_max: 1 to 65507, not ", datagram_bytes_max);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Datagrams>> Assemble(std::vector<FileDescriptor> sockets,
                                                    int family,
                                                    const Settings& settings) {
  FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(i);
    if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, sockets[i].get(), &event) != 0) {
      return base::Unavailable("watching a UDP socket: ", base::ErrnoMessage(errno));
    }
  }
  return std::make_unique<UdpDatagrams>(std::move(epoll), std::move(sockets), family, settings);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Datagrams>> OpenUdp(const UdpOptions& options) {
  PLATEN_RETURN_IF_ERROR(CheckBounds(options.ports, options.batch, options.datagram_bytes_max));
  const int family = options.ipv6 ? AF_INET6 : AF_INET;
  std::vector<FileDescriptor> sockets;
  Endpoint local = options.local;
  for (std::size_t i = 0; i < options.ports; ++i) {
    PLATEN_ASSIGN_OR_RETURN(FileDescriptor socket,
                            OpenSocket({family, local, options.receive_buffer_bytes}));
    sockets.push_back(std::move(socket));
    if (local.port != 0) ++local.port;
  }
  return Assemble(std::move(sockets),
                  family,
                  {.batch = options.batch,
                   .datagram_bytes_max = options.datagram_bytes_max,
                   .gather = options.gather});
}

absl::StatusOr<std::unique_ptr<Datagrams>> OpenUdpAgents(const UdpAgentOptions& options) {
  PLATEN_RETURN_IF_ERROR(CheckBounds(1, options.batch, options.datagram_bytes_max));
  PLATEN_ASSIGN_OR_RETURN(
      FileDescriptor socket,
      OpenSocket({AF_INET, Endpoint::V4(0, options.port), options.receive_buffer_bytes}));
  TryBindToLoopback(socket.get());
  PLATEN_RETURN_IF_ERROR(EnablePacketInfo(socket.get()));
  std::vector<FileDescriptor> sockets;
  sockets.push_back(std::move(socket));
  return Assemble(std::move(sockets),
                  AF_INET,
                  {.batch = options.batch,
                   .datagram_bytes_max = options.datagram_bytes_max,
                   .packet_info = true});
}

}  // namespace platen::snmp::udp
