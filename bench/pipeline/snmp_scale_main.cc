// What a poll costs the collector with ten devices to poll, and with a hundred thousand: the same
// polls as snmp_poll, each device in its turn. Rounds are interleaved, and figures are medians;
// each is a JSON line beside that of a hundred devices. Ends with 1 if a poll of many costs more
// than 1.25 times as much.
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "bench/pipeline/figures.h"
#include "bench/pipeline/snmp_poll.h"
#include "libs/base/status.h"

namespace platen::bench {
namespace {

constexpr int kRounds = 5;
constexpr std::size_t kPollsAtLeast = 60'000;
constexpr std::size_t kFleets[] = {10, 100, 1'000, 10'000, 100'000};
constexpr std::size_t kBeside = 100;
constexpr double kFlat = 1.25;

bool Measure() {
  const Responder responder;
  (void)PollCollector(responder.endpoint(), kPollsAtLeast, false);  // Warm up, and forget.
  std::map<std::size_t, std::vector<double>> rates;
  for (int round = 0; round < kRounds; ++round) {
    for (const std::size_t devices : kFleets) {
      const double micros = PollCollector(responder.endpoint(), kPollsAtLeast, false, devices);
      rates[devices].push_back(1e6 / micros);
    }
  }
  bool flat = true;
  for (const auto& [devices, ours] : rates) {
    flat &= Report({base::StrCat("snmp_scale_", devices),
                    "polls/cpu-s",
                    ours,
                    rates[kBeside],
                    "with 100 devices",
                    {.floor = devices < kBeside ? 0 : 1 / kFlat, .goal = 1 / 1.1}});
  }
  return flat;
}

}  // namespace
}  // namespace platen::bench

int main() {
  return platen::bench::Measure() ? 0 : 1;
}
