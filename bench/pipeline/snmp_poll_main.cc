// SNMP polls per CPU-second: ours, beside a bare socket loop and beside net-snmp, against one
// responder in one run.
//
// A poll is a GET of ten names, v2c, over loopback; the collector's own status poll has eight.
// snmp_poll is all of the collector but Kafka in its everyday case: read, understood, compared with
// the state, nothing has changed. snmp_poll_event is the worst one: every poll is a change of
// status, its event is built and stamped and the state is written with it. snmp_reader_poll is the
// collector's reader alone, and snmp_library_poll libs/snmp in the leanest loop. Rounds are
// interleaved; figures are medians; each is a JSON line. Ends with 1 if a ratio lies below its
// floor, with 2 if a run was broken.
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
  const Responder restless(true);
  PollBare(agent, kPolls / 4);  // Warm up, and forget.
  PollPlaten(agent, kPolls / 4);
  Samples bare;
  Samples platen;
  Samples reader;
  Samples collector;
  Samples events;
  Samples netsnmp;
  for (int round = 0; round < kRounds; ++round) {
    bare.micros.push_back(PollBare(agent, kPolls));
    platen.micros.push_back(PollPlaten(agent, kPolls));
    reader.micros.push_back(PollReader(agent, kPolls));
    collector.micros.push_back(PollCollector(agent, kPolls, false));
    events.micros.push_back(PollCollector(restless.endpoint(), kPolls, true));
    netsnmp.micros.push_back(PollNetSnmp(agent, kNetSnmpPolls));
  }
  constexpr const char* kBare = "bare sendmmsg/recvmmsg loop";
  constexpr const char* kNetSnmp = "net-snmp asynchronous API";
  bool good = Report("snmp_poll", collector, bare, kBare, 0.15, 0.30);
  good = Report("snmp_poll_peer", collector, netsnmp, kNetSnmp, 1.5, 2.0) && good;
  good = Report("snmp_poll_event", events, bare, kBare, 0, 0.15) && good;
  good = Report("snmp_reader_poll", reader, bare, kBare, 0.15, 0.30) && good;
  good = Report("snmp_reader_poll_peer", reader, netsnmp, kNetSnmp, 1.5, 2.0) && good;
  good = Report("snmp_library_poll", platen, bare, kBare, 0.15, 0.30) && good;
  good = Report("snmp_library_poll_peer", platen, netsnmp, kNetSnmp, 1.5, 2.0) && good;
  return good ? 0 : 1;
}
