#include "libs/service/metrics.h"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace platen::service {
namespace {

// prometheus-cpp throws on a bad name or a name of two kinds: a mistake in the code, found at every
// start.
template <class Function>
auto& OrDie(std::string_view name, Function&& add) {
  try {
    if (!name.starts_with("platen_")) throw std::invalid_argument("does not begin with platen_");
    return add();
  } catch (const std::exception& error) {
    std::fprintf(
        stderr, "metric %.*s: %s\n", static_cast<int>(name.size()), name.data(), error.what());
    std::abort();
  }
}

}  // namespace

Metrics::Metrics() : registry_(std::make_unique<prometheus::Registry>()) {}

Metrics::~Metrics() = default;

Counter& Metrics::AddCounter(std::string_view name, std::string_view help, const Labels& labels) {
  return OrDie(name, [&]() -> Counter& {
    return prometheus::BuildCounter()
        .Name(std::string(name))
        .Help(std::string(help))
        .Register(*registry_)
        .Add(labels);
  });
}

Gauge& Metrics::AddGauge(std::string_view name, std::string_view help, const Labels& labels) {
  return OrDie(name, [&]() -> Gauge& {
    return prometheus::BuildGauge()
        .Name(std::string(name))
        .Help(std::string(help))
        .Register(*registry_)
        .Add(labels);
  });
}

Histogram& Metrics::AddHistogram(std::string_view name,
                                 std::string_view help,
                                 std::vector<double> buckets,
                                 const Labels& labels) {
  return OrDie(name, [&]() -> Histogram& {
    return prometheus::BuildHistogram()
        .Name(std::string(name))
        .Help(std::string(help))
        .Register(*registry_)
        .Add(labels, std::move(buckets));
  });
}

void Metrics::AddGaugeFunction(std::string_view name,
                               std::string_view help,
                               const Labels& labels,
                               std::function<double()> read) {
  Gauge& gauge = AddGauge(name, help, labels);
  const std::lock_guard lock(mutex_);
  refreshers_.emplace_back([&gauge, read = std::move(read)] { gauge.Set(read()); });
}

void Metrics::AddCounterFunction(std::string_view name,
                                 std::string_view help,
                                 const Labels& labels,
                                 std::function<double()> read) {
  Counter& counter = AddCounter(name, help, labels);
  const std::lock_guard lock(mutex_);
  refreshers_.emplace_back(
      [&counter, read = std::move(read)] { counter.Increment(read() - counter.Value()); });
}

std::string Metrics::Text() const {
  {
    const std::lock_guard lock(mutex_);
    for (const std::function<void()>& refresh : refreshers_) refresh();
  }
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

std::vector<double> LatencyBuckets() {
  return {0.0001,
          0.0005,
          0.001,
          0.0025,
          0.005,
          0.01,
          0.025,
          0.05,
          0.1,
          0.25,
          0.5,
          1,
          2.5,
          5,
          10,
          30,
          60};
}

std::vector<double> SizeBuckets() {
  std::vector<double> buckets;
  for (double bound = 64; bound <= 4.0 * 1024 * 1024; bound *= 4) buckets.push_back(bound);
  return buckets;
}

}  // namespace platen::service
