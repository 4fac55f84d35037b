// SNMP polls per CPU-second: ours, beside a bare socket loop and beside net-snmp, against one
// responder in one run.
//
// A poll is a GET of ten names, v2c, over loopback; the collector's own status poll has eight.
// snmp_poll is all of the collector but Kafka in its everyday case: read, understood, compared with
// the state, nothing has changed. snmp_poll_event is the worst one: every poll is a change of
// status, its event is built and stamped and the state is written with it. snmp_reader_poll is the
// collector's reader alone, snmp_v3_poll the same with each message signed by SHA-256 and encrypted
// by AES-128, and snmp_library_poll libs/snmp in the leanest loop. Rounds are interleaved; figures
// are medians; each is a JSON line. Ends with 1 if a ratio lies below its floor, with 2 if a run
// was broken.
#include <string>
#include <vector>

#include "bench/pipeline/figures.h"
#include "bench/pipeline/snmp_poll.h"

namespace platen::bench {
namespace {

constexpr int kRounds = 7;
constexpr std::uint64_t kPolls = 60'000;
constexpr std::uint64_t kNetSnmpPolls = 15'000;

// Polls a CPU-second, of each round.
using Rates = std::vector<double>;

void Add(double micros_a_poll, Rates& rates) {
  rates.push_back(1e6 / micros_a_poll);
}

}  // namespace
}  // namespace platen::bench

int main() {
  using namespace platen::bench;
  const Responder responder;
  const auto agent = responder.endpoint();
  const Responder restless(true);
  PollBare(agent, kPolls / 4);  // Warm up, and forget.
  PollPlaten(agent, kPolls / 4);
  Rates bare;
  Rates platen;
  Rates reader;
  Rates secured;
  Rates collector;
  Rates events;
  Rates netsnmp;
  for (int round = 0; round < kRounds; ++round) {
    Add(PollBare(agent, kPolls), bare);
    Add(PollPlaten(agent, kPolls), platen);
    Add(PollReader(agent, kPolls, false), reader);
    Add(PollReader(agent, kPolls, true), secured);
    Add(PollCollector(agent, kPolls, false), collector);
    Add(PollCollector(restless.endpoint(), kPolls, true), events);
    Add(PollNetSnmp(agent, kNetSnmpPolls), netsnmp);
  }
  bool good = true;
  const auto report = [&](const std::string& name, const Rates& ours, bool peer, double floor) {
    constexpr Bound kPeer = {.floor = 1.5, .goal = 2.0};
    good &= Report({name,
                    "polls/cpu-s",
                    ours,
                    bare,
                    "bare sendmmsg/recvmmsg loop",
                    {.floor = floor, .goal = floor > 0 ? 0.30 : 0.15}});
    if (!peer) return;
    good &=
        Report({name + "_peer", "polls/cpu-s", ours, netsnmp, "net-snmp asynchronous API", kPeer});
  };
  report("snmp_poll", collector, true, 0.15);
  report("snmp_poll_event", events, false, 0);
  report("snmp_reader_poll", reader, true, 0.15);
  report("snmp_library_poll", platen, true, 0.15);
  good &= Report({"snmp_v3_poll",
                  "polls/cpu-s",
                  secured,
                  reader,
                  "the collector's reader in v2c",
                  {.floor = 0.4, .goal = 0.5}});
  return good ? 0 : 1;
}
