#include "bench/pipeline/kafka_bench.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>

#include "libs/base/real_clock.h"
#include "libs/event/identity.h"

namespace platen::bench {
namespace {

double CpuMicros() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

std::vector<double> Sorted(const std::vector<Cost>& costs, Figure figure) {
  std::vector<double> sorted;
  for (const Cost& cost : costs) {
    sorted.push_back(figure == Figure::kWall ? cost.wall_micros : cost.cpu_micros);
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

double Median(const std::vector<double>& sorted) {
  return sorted[sorted.size() / 2];
}

// Half the distance between the quartiles, as a part of the median.
double Spread(const std::vector<double>& sorted) {
  const double range = sorted[sorted.size() * 3 / 4] - sorted[sorted.size() / 4];
  return range / 2 / Median(sorted);
}

}  // namespace

std::string KafkaAddress() {
  const char* address = std::getenv("PLATEN_TEST_KAFKA");
  if (address == nullptr) {
    Broken("PLATEN_TEST_KAFKA is not set: run it with deploy/local/with-kafka");
  }
  return address;
}

event::v1::Event MakeMeterEvent(std::uint64_t number) {
  event::v1::Event event;
  event.set_id(std::string(16, static_cast<char>(number)));
  event.set_tenant("acme");
  event.set_site("headquarters");
  std::string device(16, 'd');
  for (std::size_t i = 0; i < 8; ++i) device[i] = static_cast<char>((number % 300) >> (8 * i));
  event.set_device_id(device);
  event.set_lane(event::v1::LANE_TELEMETRY);
  event.set_vendor("brother");
  event.mutable_source()->set_instance("collector-1");
  event.mutable_source()->set_epoch(1'767'225'600'000);
  event.mutable_source()->set_sequence(number);
  event.mutable_source()->set_route("default");
  auto& scheduled = *event.mutable_occurrence()->mutable_scheduled();
  scheduled.set_kind("meters");
  scheduled.set_interval_seconds(3600);
  scheduled.set_number(490'896 + number);
  event.mutable_occurrence_time()->set_seconds(1'767'225'600);
  event.mutable_observation_time()->set_seconds(1'767'225'601);
  for (int i = 0; i < 8; ++i) {
    event::v1::Meter& meter = *event.mutable_meter_reading()->add_meters();
    meter.set_value(number * 17 + static_cast<std::uint64_t>(i));
    meter.set_rule("printer-mib/prtMarkerLifeCount");
    meter.set_oid("1.3.6.1.2.1.43.10.2.1.4.1.1");
  }
  return event;
}

Cost Measure(std::uint64_t events, const std::function<void(const Started&)>& work) {
  const base::RealClock clock;
  double cpu = 0;
  base::MonotonicTime begin;
  const Started started = [&] {
    cpu = CpuMicros();
    begin = clock.Now();
  };
  started();
  work(started);
  const double wall = base::ToSeconds(clock.Now() - begin) * 1e6;
  const auto count = static_cast<double>(events);
  return {wall / count, (CpuMicros() - cpu) / count};
}

bool Report(const std::string& name,
            Figure figure,
            const std::vector<Cost>& ours,
            const std::vector<Cost>& theirs,
            const std::string& against,
            double floor,
            double goal) {
  const std::vector<double> own = Sorted(ours, figure);
  const std::vector<double> other = Sorted(theirs, figure);
  const double ratio = Median(other) / Median(own);
  std::printf(
      "{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"%s\",\"against\":\"%s\",\"against_value\":%.0f,"
      "\"ratio\":%.3f,\"floor\":%.2f,\"goal\":%.2f,\"spread\":%.3f,\"against_spread\":%.3f}\n",
      name.c_str(),
      1e6 / Median(own),
      figure == Figure::kWall ? "events/s" : "events/cpu-s",
      against.c_str(),
      1e6 / Median(other),
      ratio,
      floor,
      goal,
      Spread(own),
      Spread(other));
  std::fflush(stdout);
  return ratio >= floor;
}

void Broken(const std::string& why) {
  std::fprintf(stderr, "broken run: %s\n", why.c_str());
  std::exit(2);
}

}  // namespace platen::bench
