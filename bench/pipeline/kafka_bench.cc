#include "bench/pipeline/kafka_bench.h"

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

}  // namespace

std::string KafkaAddress() {
  const char* address = std::getenv("PLATEN_TEST_KAFKA");
  if (address == nullptr) {
    Broken("PLATEN_TEST_KAFKA is not set: run it with deploy/local/with-kafka");
  }
  return address;
}

event::v1::Event MakeMeterEvent(std::uint64_t number, int meters) {
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
  for (int i = 0; i < meters; ++i) {
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

std::vector<double> Rates(const std::vector<Cost>& costs, double Cost::*micros) {
  std::vector<double> rates;
  for (const Cost& cost : costs) rates.push_back(1e6 / cost.*micros);
  return rates;
}

bool ReportCosts(const std::string& name,
                 const std::vector<Cost>& ours,
                 const std::vector<Cost>& theirs,
                 const std::string& against,
                 const Bound& wall,
                 const Bound& cpu) {
  const auto report = [&](const std::string& as,
                          const std::string& unit,
                          double Cost::*micros,
                          const Bound& bound) {
    return Report({as, unit, Rates(ours, micros), Rates(theirs, micros), against, bound});
  };
  const bool fast = report(name, "events/s", &Cost::wall_micros, wall);
  return report(name + "_cpu", "events/cpu-s", &Cost::cpu_micros, cpu) && fast;
}

}  // namespace platen::bench
