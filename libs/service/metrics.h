// The process's metrics: made once at start, kept as references, read by the admin server.
//
// A metric's cost on the hot path is one atomic addition: keep the reference that Add…() returns,
// do not look it up again. Names begin with platen_, carry their unit (_seconds, _bytes, _total),
// and no label has a device in it.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace prometheus {
class Registry;
}

namespace platen::service {

using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;
using Histogram = prometheus::Histogram;
using Labels = prometheus::Labels;  // std::map<std::string, std::string>.

// Thread-safe. Owns every metric, which lives as long as this does. Adding the same name and labels
// again returns the same metric. REQUIRES of every Add…(): the name begins with platen_, is valid
// for Prometheus, and is always of one kind; a process that breaks this ends at start.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& AddCounter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& AddGauge(std::string_view name, std::string_view help, const Labels& labels = {});
  // `buckets`: upper bounds, ascending, in the unit of the name.
  Histogram& AddHistogram(std::string_view name,
                          std::string_view help,
                          std::vector<double> buckets,
                          const Labels& labels = {});

  // A gauge whose value is asked for at each scrape, from the thread of the admin server. `read`
  // must stay valid as long as this object, and must not add metrics.
  void AddGaugeFunction(std::string_view name,
                        std::string_view help,
                        const Labels& labels,
                        std::function<double()> read);

  // The same of a counter. What `read` says never falls.
  void AddCounterFunction(std::string_view name,
                          std::string_view help,
                          const Labels& labels,
                          std::function<double()> read);

  // Everything in Prometheus' text format.
  std::string Text() const;

 private:
  const std::unique_ptr<prometheus::Registry> registry_;
  mutable std::mutex mutex_;
  std::vector<std::function<void()>> refreshers_;
};

// Bucket bounds for latencies, in seconds: 100 µs to 60 s.
std::vector<double> LatencyBuckets();
// Bucket bounds for sizes, in bytes: 64 to 4 MiB, by factors of four.
std::vector<double> SizeBuckets();

// One counter for each value of an enum, all made at start, so that a reason that never occurred
// shows as zero.
//   CountersByEnum<Reason, 3> drops(metrics, "platen_events_dropped_total", "…", "reason",
//                                   {{{Reason::kFull, "full"}, …}});
//   drops[Reason::kFull].Increment();
// REQUIRES: the enumerators count from 0 to Size - 1. Thread-safe.
template <class Enum, std::size_t Size>
class CountersByEnum {
 public:
  CountersByEnum(Metrics& metrics,
                 std::string_view name,
                 std::string_view help,
                 const std::string& label,
                 const std::array<std::pair<Enum, std::string_view>, Size>& values) {
    for (const auto& [value, text] : values) {
      counters_.at(static_cast<std::size_t>(value)) =
          &metrics.AddCounter(name, help, {{label, std::string(text)}});
    }
  }

  Counter& operator[](Enum value) { return *counters_.at(static_cast<std::size_t>(value)); }

 private:
  std::array<Counter*, Size> counters_{};
};

}  // namespace platen::service
