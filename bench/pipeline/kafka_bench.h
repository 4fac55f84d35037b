// What the Kafka benchmarks share: the event, rounds that measure wall and CPU time, JSON lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "libs/base/time.h"

namespace platen::bench {

// host:port of PLATEN_TEST_KAFKA; ends the program with 2 where it is not set.
std::string KafkaAddress();

// A reading of eight meters, as a collector makes it; `number` makes it unique.
event::v1::Event MakeMeterEvent(std::uint64_t number);

// What one run over some events cost this process, threads included.
struct Cost {
  double wall_micros = 0;  // An event.
  double cpu_micros = 0;   // An event.
};

// Called at the first event: what it took to connect is no part of the cost of an event.
using Started = std::function<void()>;

// Runs `work`, which handles `events` events. Without a call to Started its beginning counts.
Cost Measure(std::uint64_t events, const std::function<void(const Started&)>& work);

enum class Figure { kWall, kCpu };

// One JSON line: events a second (kWall) or a CPU-second (kCpu), ours beside theirs. False where
// the ratio is under the floor.
bool Report(const std::string& name,
            Figure figure,
            const std::vector<Cost>& ours,
            const std::vector<Cost>& theirs,
            const std::string& against,
            double floor,
            double goal);

// Ends the program with 2: the run is broken, no figure of it counts.
[[noreturn]] void Broken(const std::string& why);

}  // namespace platen::bench
