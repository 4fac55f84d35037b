// The collector's own reader of devices, as it runs in platen-collector: what it reads is handed
// over as values, to be compared and turned into events by its core.
#include <cstdio>
#include <cstdlib>

#include "bench/pipeline/snmp_poll.h"
#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "services/collector/edge/reader.h"

namespace platen::bench {
namespace {

constexpr std::uint32_t kUnpaced = 100'000'000;  // Requests a second: more than there can be.

}  // namespace

double PollReader(const snmp::Endpoint& agent, std::uint64_t polls, bool secured) {
  const base::RealClock clock;
  const auto network = *snmp::udp::OpenUdp({.local = snmp::Endpoint::V4(0x7f000001, 0)});
  collector::edge::Reader reader({.in_flight_max = kInFlight,
                                  .requests_per_second = kUnpaced,
                                  .communities = {{"default", kCommunity}},
                                  .users = {{"default", SecuredUser()}}},
                                 *network,
                                 {base::SecureRandom64(), base::SecureRandom64()});
  event::v1::Target target;
  target.set_address(agent.AddressToString());
  target.mutable_snmp()->set_port(agent.port);
  if (secured) target.mutable_snmp()->set_version(event::v1::SnmpAccess::VERSION_V3);

  std::uint64_t started = 0;
  const auto start_one = [&](std::uint32_t device) {
    ++started;
    reader.Start({.id = {.device = device},
                  .access = collector::core::AccessOf(target),
                  .plan = {.scalars = PollNames(), .subtrees = {}}});
  };
  std::uint64_t done = 0;
  std::uint64_t answered = 0;
  std::vector<collector::core::ReadAnswer> answers;
  const double start = ThreadCpuSeconds();
  for (std::uint32_t device = 0; device < kInFlight; ++device) start_one(device);
  while (done < polls) {
    answers.clear();
    reader.Poll(clock.Now(), answers);
    for (const collector::core::ReadAnswer& answer : answers) {
      ++done;
      if (answer.result == collector::core::ReadAnswer::Result::kAnswered &&
          answer.values.size() == kVarbinds)
        ++answered;
      if (started < polls) start_one(answer.id.device);
    }
    if (answers.empty()) network->Wait(std::chrono::milliseconds(20));
  }
  const double cpu = ThreadCpuSeconds() - start;
  if (answered * 100 < polls * 99) {
    std::fprintf(stderr,
                 "collector's reader: only %llu of %llu polls were answered\n",
                 static_cast<unsigned long long>(answered),
                 static_cast<unsigned long long>(polls));
    std::exit(2);
  }
  return cpu * 1e6 / static_cast<double>(answered);
}

}  // namespace platen::bench
