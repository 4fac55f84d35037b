// What the Kafka benchmarks share: the event, and rounds that measure wall and CPU time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "bench/pipeline/figures.h"
#include "libs/base/time.h"

namespace platen::bench {

// host:port of PLATEN_TEST_KAFKA; ends the program with 2 where it is not set.
std::string KafkaAddress();

// A reading of some meters, as a collector makes it; `number` makes it unique.
event::v1::Event MakeMeterEvent(std::uint64_t number, int meters = 8);

// What one run over some events cost this process, threads included.
struct Cost {
  double wall_micros = 0;  // An event.
  double cpu_micros = 0;   // An event.
};

// Called at the first event: what it took to connect is no part of the cost of an event.
using Started = std::function<void()>;

// Of each run, how many events a second (&Cost::wall_micros) or a CPU-second (&Cost::cpu_micros).
std::vector<double> Rates(const std::vector<Cost>& costs, double Cost::*micros);

// Runs `work`, which handles `events` events. Without a call to Started its beginning counts.
Cost Measure(std::uint64_t events, const std::function<void(const Started&)>& work);

// Both figures of a run: events a second, and a CPU-second (name + "_cpu"). False where one is
// under its floor.
bool ReportCosts(const std::string& name,
                 const std::vector<Cost>& ours,
                 const std::vector<Cost>& theirs,
                 const std::string& against,
                 const Bound& wall,
                 const Bound& cpu);

}  // namespace platen::bench
