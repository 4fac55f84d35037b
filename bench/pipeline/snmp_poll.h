// The three ways to poll that are compared, and the responder that answers all of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "libs/snmp/datagrams.h"
#include "libs/snmp/request_template.h"
#include "libs/snmp/usm/agent_engine.h"

namespace platen::bench {

inline constexpr std::size_t kVarbinds = 10;
inline constexpr std::size_t kInFlight = 512;  // Devices, each with one request in flight.
inline constexpr char kCommunity[] = "public";

// The ten names of a poll: statuses, counters and levels of a printer.
std::vector<snmp::Oid> PollNames();

// Signs by SHA-256 and encrypts by AES-128.
snmp::usm::UserOptions SecuredUser();

// CPU time of the calling thread so far, in seconds.
double ThreadCpuSeconds();

// Answers every GET, in v2c and in v3, on a port of its own, in a thread of its own, with a number
// for each name.
class Responder {
 public:
  // With `restless`, hrPrinterStatus is another one after each kInFlight polls.
  explicit Responder(bool restless = false);
  ~Responder();

  snmp::Endpoint endpoint() const { return network_->local(0); }

 private:
  void Serve();
  std::span<const std::uint8_t> Answer(const snmp::MessageView& request,
                                       std::span<std::uint8_t> place);
  std::span<const std::uint8_t> AnswerSecured(std::span<const std::uint8_t> datagram,
                                              std::span<std::uint8_t> place);

  std::unique_ptr<snmp::Datagrams> network_;
  const bool restless_;
  std::uint64_t polls_ = 0;
  snmp::MessageDecoder decoder_;
  snmp::usm::AgentEngine engine_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// CPU microseconds for one poll, over `polls` of them; the calling thread's alone. A poll is lost
// at most; less than 99 % answered is a broken run and ends the program.
double PollBare(const snmp::Endpoint& agent,
                std::uint64_t polls);  // sendmmsg and recvmmsg, bytes unread.
double PollPlaten(const snmp::Endpoint& agent,
                  std::uint64_t polls);  // Rendered, matched, decoded, compared.
// By the collector's reader; with `secured` in SNMPv3 as SecuredUser().
double PollReader(const snmp::Endpoint& agent, std::uint64_t polls, bool secured);
// By the collector's reader and core, each of `devices` in turn; with `events`, `agent` is to
// answer so that each poll is a change of status.
double PollCollector(const snmp::Endpoint& agent,
                     std::uint64_t polls,
                     bool events,
                     std::size_t devices = kInFlight);
double PollNetSnmp(const snmp::Endpoint& agent,
                   std::uint64_t polls);  // Its asynchronous API, a session a device.

}  // namespace platen::bench
