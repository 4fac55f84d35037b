// The floor: what the kernel takes for the same datagrams, with nothing read but their number.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench/pipeline/snmp_poll.h"

namespace platen::bench {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kBytes = 2048;

struct Batch {
  std::vector<mmsghdr> messages = std::vector<mmsghdr>(kBatch);
  std::vector<iovec> vectors = std::vector<iovec>(kBatch);
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kBatch * kBytes);

  Batch() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {bytes.data() + i * kBytes, kBytes};
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

int OpenConnected(const snmp::Endpoint& agent) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const int buffer = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  const timeval patience{.tv_sec = 0, .tv_usec = 200'000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(agent.port);
  address.sin_addr.s_addr = htonl(agent.v4());
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  return fd;
}

}  // namespace

double PollBare(const snmp::Endpoint& agent, std::uint64_t polls) {
  const int fd = OpenConnected(agent);
  Batch out;
  Batch in;
  const snmp::RequestTemplate request(snmp::Version::kV2c, snmp::PduType::kGet, PollNames());
  for (std::size_t i = 0; i < kBatch; ++i) {
    out.vectors[i].iov_len = request
                                 .Render(kCommunity,
                                         static_cast<std::int32_t>(i + 1),
                                         std::span(out.bytes).subspan(i * kBytes, kBytes))
                                 .size();
  }
  std::uint64_t sent = 0;
  std::uint64_t done = 0;
  std::uint64_t lost = 0;
  const double start = ThreadCpuSeconds();
  while (done + lost < polls) {
    while (sent < polls && sent - done - lost + kBatch <= kInFlight) {
      const int taken = sendmmsg(fd, out.messages.data(), kBatch, 0);
      if (taken <= 0) break;
      sent += static_cast<std::uint64_t>(taken);
    }
    const int got = recvmmsg(fd, in.messages.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (got > 0) {
      done += static_cast<std::uint64_t>(got);
    } else {
      lost = sent - done;
    }
  }
  const double cpu = ThreadCpuSeconds() - start;
  close(fd);
  if (done * 100 < polls * 99) {
    std::fprintf(stderr,
                 "bare loop: %llu of %llu polls lost\n",
                 static_cast<unsigned long long>(lost),
                 static_cast<unsigned long long>(polls));
    std::exit(2);
  }
  return cpu * 1e6 / static_cast<double>(done);
}

}  // namespace platen::bench
