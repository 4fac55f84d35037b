// Ours: template, matcher, datagrams and decoder, with a table of devices, one request in flight to
// each, and every value compared with the last one read.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "bench/pipeline/snmp_poll.h"
#include "libs/base/random.h"
#include "libs/snmp/match.h"
#include "libs/snmp/udp/udp_datagrams.h"

namespace platen::bench {
namespace {

struct PolledDevice {
  std::array<std::uint64_t, kVarbinds> last{};
};

class Poller {
 public:
  Poller(const snmp::Endpoint& agent, std::uint64_t polls)
      : agent_(agent),
        polls_(polls),
        network_(*snmp::udp::OpenUdp({.local = snmp::Endpoint::V4(0x7f000001, 0)})),
        matcher_(
            {base::SecureRandom64(), base::SecureRandom64()}, kInFlight, network_->port_count()),
        bytes_(kInFlight * kRequestBytes) {
    for (std::uint32_t i = 0; i < kInFlight; ++i) idle_.push_back(i);
  }

  // Polls answered.
  std::uint64_t Run() {
    while (done_ < polls_) {
      SendToIdle();
      if (!network_->Wait(std::chrono::milliseconds(200))) break;
      for (auto batch = network_->Receive(); !batch.empty(); batch = network_->Receive()) {
        for (const snmp::InDatagram& in : batch) Take(in);
        SendToIdle();
      }
    }
    return done_;
  }

  std::uint64_t changes() const { return changes_; }

 private:
  static constexpr std::size_t kRequestBytes = 512;

  void SendToIdle() {
    out_.clear();
    while (!idle_.empty() && sent_ < polls_) {
      const std::uint32_t device = idle_.back();
      const auto issued = matcher_.Open(
          {.peer = agent_, .request = &request_, .community = kCommunity, .token = device});
      if (!issued.has_value()) break;
      idle_.pop_back();
      const auto place = std::span(bytes_).subspan(device * kRequestBytes, kRequestBytes);
      out_.push_back({.to = agent_,
                      .bytes = request_.Render(kCommunity, issued->request_id, place),
                      .via = issued->via});
      ++sent_;
    }
    network_->Send(out_);
  }

  void Take(const snmp::InDatagram& in) {
    if (decoder_.Decode(in.bytes, message_) != snmp::DecodeFault::kNone) return;
    const snmp::Match match = matcher_.Accept(in.from, in.via, message_);
    if (match.result != snmp::MatchResult::kMatched) return;
    PolledDevice& device = devices_[match.token];
    for (std::size_t i = 0; i < message_.varbinds.size(); ++i) {
      const std::uint64_t value = message_.varbinds[i].value.AsUnsigned().value_or(0);
      changes_ += device.last[i] != value ? 1 : 0;
      device.last[i] = value;
    }
    idle_.push_back(static_cast<std::uint32_t>(match.token));
    ++done_;
  }

  snmp::Endpoint agent_;
  std::uint64_t polls_;
  std::unique_ptr<snmp::Datagrams> network_;
  snmp::ResponseMatcher matcher_;
  const snmp::RequestTemplate request_{snmp::Version::kV2c, snmp::PduType::kGet, PollNames()};
  snmp::MessageDecoder decoder_;
  snmp::MessageView message_;
  std::vector<PolledDevice> devices_ = std::vector<PolledDevice>(kInFlight);
  std::vector<std::uint32_t> idle_;
  std::vector<std::uint8_t> bytes_;
  std::vector<snmp::OutDatagram> out_;
  std::uint64_t sent_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t changes_ = 0;
};

}  // namespace

double PollPlaten(const snmp::Endpoint& agent, std::uint64_t polls) {
  Poller poller(agent, polls);
  const double start = ThreadCpuSeconds();
  const std::uint64_t done = poller.Run();
  const double cpu = ThreadCpuSeconds() - start;
  if (done * 100 < polls * 99 || poller.changes() == 0) {
    std::fprintf(stderr,
                 "platen: only %llu of %llu polls were answered\n",
                 static_cast<unsigned long long>(done),
                 static_cast<unsigned long long>(polls));
    std::exit(2);
  }
  return cpu * 1e6 / static_cast<double>(done);
}

}  // namespace platen::bench
