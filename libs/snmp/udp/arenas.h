// What recvmmsg and sendmmsg need, laid out once: arrays of headers that point at their own
// buffers, names and control messages, so that a batch only resets lengths. Private to this folder.
#pragma once

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include <sys/socket.h>

#include "libs/snmp/datagrams.h"
#include "libs/snmp/udp/sockets.h"

namespace platen::snmp::udp {

struct Settings {
  std::size_t batch = 64;
  std::size_t datagram_bytes_max = 8192;
  bool packet_info = false;  // Many local addresses on one socket, all of them loopback.
  base::Duration gather = base::Duration(0);
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

}  // namespace platen::snmp::udp
