#include "libs/snmp/udp/udp_datagrams.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <sys/epoll.h>

#include "libs/base/status.h"
#include "libs/snmp/udp/sockets.h"

namespace platen::snmp::udp {
namespace {

constexpr std::size_t kMaxPorts = 64;
constexpr std::size_t kMaxBatch = 1024;
constexpr std::size_t kMaxDatagramBytes = 65507;

struct Settings {
  std::size_t batch = 64;
  std::size_t datagram_bytes_max = 8192;
  bool packet_info = false;  // Many local addresses on one socket, all of them loopback.
};

// Room for one IP_PKTINFO message in either direction.
struct alignas(cmsghdr) Control {
  std::array<std::uint8_t, CMSG_SPACE(sizeof(in_pktinfo))> bytes;
};

// Everything recvmmsg needs, pointing at itself; made once and only its lengths reset.
class ReceiveArena {
 public:
  explicit ReceiveArena(const Settings& settings)
      // The odd cache lines keep the buffers' first lines, which are all that most datagrams fill,
      // from competing for the same place in the cache.
      : stride_((settings.datagram_bytes_max + 1 + 63) / 64 * 64 + 64),
        // Not value-initialised: pages that no datagram touches are never resident.
        bytes_(std::make_unique_for_overwrite<std::uint8_t[]>(stride_ * settings.batch)),
        messages_(settings.batch),
        vectors_(settings.batch),
        names_(settings.batch),
        controls_(settings.packet_info ? settings.batch : 0) {
    for (std::size_t i = 0; i < settings.batch; ++i) {
      vectors_[i] = {bytes_.get() + i * stride_, settings.datagram_bytes_max};
      msghdr& header = messages_[i].msg_hdr;
      header = {};
      header.msg_name = &names_[i];
      header.msg_iov = &vectors_[i];
      header.msg_iovlen = 1;
    }
  }

  // Receives from `fd` into the places from `first` on; how many.
  std::size_t Receive(int fd, std::size_t first) {
    for (std::size_t i = first; i < messages_.size(); ++i) {
      msghdr& header = messages_[i].msg_hdr;
      header.msg_namelen = sizeof(SocketAddress);
      if (!controls_.empty()) {
        header.msg_control = &controls_[i];
        header.msg_controllen = sizeof(Control);
      }
    }
    const auto room = static_cast<unsigned>(messages_.size() - first);
    int got = 0;
    do {
      got = recvmmsg(fd, messages_.data() + first, room, MSG_DONTWAIT, nullptr);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  }

  bool truncated(std::size_t i) const { return (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0; }

  InDatagram View(std::size_t i, std::size_t via) const {
    return {.from = FromSocketAddress(names_[i]),
            .bytes = {static_cast<const std::uint8_t*>(vectors_[i].iov_base), messages_[i].msg_len},
            .via = static_cast<std::uint8_t>(via)};
  }

  // The address datagram `i` was sent to, as IP_PKTINFO tells; 0 if it doesn't.
  std::uint32_t SentTo(std::size_t i) {
    msghdr& header = messages_[i].msg_hdr;
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
      if (part->cmsg_level != IPPROTO_IP || part->cmsg_type != IP_PKTINFO) continue;
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
      return ntohl(info.ipi_addr.s_addr);
    }
    return 0;
  }

 private:
  std::size_t stride_;
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::vector<mmsghdr> messages_;
  std::vector<iovec> vectors_;
  std::vector<SocketAddress> names_;
  std::vector<Control> controls_;
};

// The same for sendmmsg.
class SendArena {
 public:
  explicit SendArena(const Settings& settings)
      : messages_(settings.batch),
        vectors_(settings.batch),
        names_(settings.batch),
        controls_(settings.packet_info ? settings.batch : 0) {
    for (std::size_t i = 0; i < settings.batch; ++i) {
      msghdr& header = messages_[i].msg_hdr;
      header = {};
      header.msg_name = &names_[i];
      header.msg_iov = &vectors_[i];
      header.msg_iovlen = 1;
    }
  }

  std::size_t size() const { return messages_.size(); }

  mmsghdr* messages() { return messages_.data(); }

  // False when a socket of this family cannot reach the destination.
  bool Put(std::size_t i, const OutDatagram& out, int family) {
    msghdr& header = messages_[i].msg_hdr;
    header.msg_namelen = ToSocketAddress(out.to, family, names_[i]);
    vectors_[i] = {const_cast<std::uint8_t*>(out.bytes.data()), out.bytes.size()};
    if (!controls_.empty()) PutSource(i, out.from);
    return header.msg_namelen != 0;
  }

 private:
  void PutSource(std::size_t i, const Endpoint& from) {
    msghdr& header = messages_[i].msg_hdr;
    if (!from.is_v4()) {
      header.msg_control = nullptr;
      header.msg_controllen = 0;
      return;
    }
    header.msg_control = &controls_[i];
    header.msg_controllen = sizeof(Control);
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = IPPROTO_IP;
    part->cmsg_type = IP_PKTINFO;
    part->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(from.v4());
    std::memcpy(CMSG_DATA(part), &info, sizeof info);
  }

  std::vector<mmsghdr> messages_;
  std::vector<iovec> vectors_;
  std::vector<SocketAddress> names_;
  std::vector<Control> controls_;
};

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
    if (ready_ == 0) FindReady(std::max(at_most, base::Duration(0)));
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
                  {.batch = options.batch, .datagram_bytes_max = options.datagram_bytes_max});
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
