// SNMP polls per CPU-second: ours, beside a bare socket loop and beside net-snmp, against one
// responder in one run.
//
// A poll is a GET of ten names, v2c, over loopback. Ours is rendered, matched, decoded and compared
// with the values before; building an event is not in it. Rounds are interleaved; figures are
// medians; each is a JSON line. Ends with 1 if a ratio lies below its floor, with 2 if a run was
// broken.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "bench/pipeline/snmp_poll.h"

namespace platen::bench {
namespace {

constexpr int kRounds = 7;
constexpr std::uint64_t kPolls = 60'000;
constexpr std::uint64_t kNetSnmpPolls = 15'000;

struct Samples {
  std::vector<double> micros;  // CPU microseconds a poll.

  double Median() const {
    std::vector<double> sorted = micros;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }

  // Half the distance between the quartiles, as a part of the median.
  double Spread() const {
    std::vector<double> sorted = micros;
    std::sort(sorted.begin(), sorted.end());
    return (sorted[sorted.size() * 3 / 4] - sorted[sorted.size() / 4]) / 2 / Median();
  }
};

bool Report(const char* name,
            const Samples& ours,
            const Samples& theirs,
            const char* against,
            double floor,
            double goal) {
  const double ratio = theirs.Median() / ours.Median();
  std::printf(
      "{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"polls/"
      "cpu-s\",\"against\":\"%s\",\"against_value\":%.0f,"
      "\"ratio\":%.3f,\"floor\":%.2f,\"goal\":%.2f,\"spread\":%.3f,\"against_spread\":%.3f}\n",
      name,
      1e6 / ours.Median(),
      against,
      1e6 / theirs.Median(),
      ratio,
      floor,
      goal,
      ours.Spread(),
      theirs.Spread());
  std::fflush(stdout);
  return ratio >= floor;
}

}  // namespace
}  // namespace platen::bench

int main() {
  using namespace platen::bench;
  const Responder responder;
  const auto agent = responder.endpoint();
  PollBare(agent, kPolls / 4);  // Warm up, and forget.
  PollPlaten(agent, kPolls / 4);
  Samples bare;
  Samples platen;
  Samples netsnmp;
  for (int round = 0; round < kRounds; ++round) {
    bare.micros.push_back(PollBare(agent, kPolls));
    platen.micros.push_back(PollPlaten(agent, kPolls));
    netsnmp.micros.push_back(PollNetSnmp(agent, kNetSnmpPolls));
  }
  const bool above_bare =
      Report("snmp_poll", platen, bare, "bare sendmmsg/recvmmsg loop", 0.15, 0.30);
  const bool above_netsnmp =
      Report("snmp_poll_peer", platen, netsnmp, "net-snmp asynchronous API", 1.5, 2.0);
  return above_bare && above_netsnmp ? 0 : 1;
}
