// Answers SNMP requests that others were asked, with every sender's address (raw sockets; needs
// CAP_NET_RAW): a stranger who knows the community, which printers are asked, from which ports, and
// what for, and does not see the requests.
//
//   forger PER_SECOND PORT,PORT,… FROM_PORT ADDRESS,ADDRESS,…
//
// Sends so many datagrams a second to 127.0.0.1 at each PORT in turn, from FROM_PORT at each
// ADDRESS in turn, with request ids by chance, until SIGTERM; then says how many.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "libs/snmp/message_writer.h"
#include "libs/snmp/oid.h"

namespace platen::fault {
namespace {

using snmp::operator""_oid;

constexpr std::size_t kBatch = 64;

volatile std::sig_atomic_t stopping = 0;

// What nobody's printer says of itself (tests/fault/rows_snmp.py looks for it).
constexpr std::string_view kSerial = "FORGED";
constexpr std::uint32_t kPages = 666'666'666;

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == ',') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

struct Packet {
  iphdr ip{};
  udphdr udp{};
  std::array<std::uint8_t, 400> payload{};
};

// `packet` is an answer with this request id. Returns its bytes.
std::size_t Answer(Packet& packet, std::int32_t request_id) {
  constexpr snmp::Oid kSerialNumber = "1.3.6.1.2.1.43.5.1.1.17.1"_oid;
  constexpr snmp::Oid kLifeCount = "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid;
  snmp::MessageWriter writer(packet.payload, 6);
  writer.Add({kSerialNumber, snmp::ValueView::Octets(kSerial)});
  writer.Add({kLifeCount, snmp::ValueView::Number(snmp::ValueType::kCounter32, kPages)});
  const auto bytes = writer.Finish(
      {.type = snmp::PduType::kResponse, .request_id = request_id, .community = "public"});
  std::memmove(packet.payload.data(), bytes.data(), bytes.size());
  return bytes.size();
}

class Forger {
 public:
  Forger(std::vector<std::string> ports,
         std::uint16_t from_port,
         std::vector<std::string> addresses)
      : ports_(std::move(ports)), from_port_(from_port), addresses_(std::move(addresses)) {}

  // Whether all of a batch went out.
  bool Send(int socket) {
    std::array<iovec, kBatch> parts{};
    std::array<mmsghdr, kBatch> messages{};
    for (std::size_t i = 0; i < kBatch; ++i) {
      Fill(packets_[i], parts[i]);
      messages[i].msg_hdr = {.msg_name = &loopback_,
                             .msg_namelen = sizeof loopback_,
                             .msg_iov = &parts[i],
                             .msg_iovlen = 1};
    }
    return sendmmsg(socket, messages.data(), kBatch, 0) == static_cast<int>(kBatch);
  }

 private:
  void Fill(Packet& packet, iovec& part) {
    const std::size_t payload = Answer(packet, static_cast<std::int32_t>(random_() & 0x7fffffff));
    const std::size_t bytes = sizeof(iphdr) + sizeof(udphdr) + payload;
    packet.ip = {};
    packet.ip.version = 4;
    packet.ip.ihl = 5;
    packet.ip.tot_len = htons(static_cast<std::uint16_t>(bytes));
    packet.ip.ttl = 64;
    packet.ip.protocol = IPPROTO_UDP;
    packet.ip.saddr = inet_addr(addresses_[sent_ % addresses_.size()].c_str());
    packet.ip.daddr = htonl(INADDR_LOOPBACK);
    packet.udp.source = htons(from_port_);
    packet.udp.dest = htons(
        static_cast<std::uint16_t>(std::stoul(ports_[sent_ / addresses_.size() % ports_.size()])));
    packet.udp.len = htons(static_cast<std::uint16_t>(sizeof(udphdr) + payload));
    packet.udp.check = 0;  // None (RFC 768).
    part = {.iov_base = &packet, .iov_len = bytes};
    ++sent_;
  }

  const std::vector<std::string> ports_;
  const std::uint16_t from_port_;
  const std::vector<std::string> addresses_;
  sockaddr_in loopback_{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  std::array<Packet, kBatch> packets_{};
  std::mt19937_64 random_{1};
  std::uint64_t sent_ = 0;
};

}  // namespace
}  // namespace platen::fault

int main(int argc, char** argv) {
  using namespace platen::fault;
  if (argc != 5) {
    std::fprintf(stderr, "usage: forger PER_SECOND PORT,… FROM_PORT ADDRESS,…\n");
    return 2;
  }
  const double per_second = std::atof(argv[1]);
  const int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (raw < 0 || per_second <= 0) {
    std::perror("forger: a raw socket");
    return 1;
  }
  std::signal(SIGTERM, [](int) { stopping = 1; });
  Forger forger(Split(argv[2]), static_cast<std::uint16_t>(std::atoi(argv[3])), Split(argv[4]));
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t batches = 0;
  while (stopping == 0) {
    if (forger.Send(raw)) ++batches;
    const std::chrono::duration<double> due(static_cast<double>(batches * kBatch) / per_second);
    std::this_thread::sleep_until(began +
                                  std::chrono::duration_cast<std::chrono::nanoseconds>(due));
  }
  std::printf("%llu\n", static_cast<unsigned long long>(batches * kBatch));
  return 0;
}
