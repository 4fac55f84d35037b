// What the collector's spool costs: nothing an event, while Kafka is there; and how many events a
// second it takes, and gives back, while Kafka is away. Kafka is a list in memory, the disk is the
// machine's.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "libs/base/sim_clock.h"
#include "libs/event/sequence.h"
#include "services/collector/edge/spool.h"

namespace platen::collector::edge {
namespace {

// Acknowledges at once, unless it is away.
class ListedEvents final : public core::EventPublisher {
 public:
  absl::Status Publish(const event::v1::Event& event, std::uint64_t token) override {
    benchmark::DoNotOptimize(event.id().data());
    taken_.push_back({token, absl::OkStatus()});
    return absl::OkStatus();
  }

  absl::Status Poll(std::vector<core::Published>& published) override {
    if (away) return absl::OkStatus();
    published.insert(published.end(), taken_.begin(), taken_.end());
    taken_.clear();
    return absl::OkStatus();
  }

  void Purge() override { taken_.clear(); }

  bool away = false;

 private:
  std::vector<core::Published> taken_;
};

event::v1::Event Alert() {
  event::v1::Event event;
  event.set_device_id(std::string(16, 'd'));
  event.set_tenant("acme");
  event.set_site("headquarters");
  event.mutable_occurrence()->mutable_instance()->set_instance(1);
  event.mutable_observation_time()->set_seconds(1'700'000'000);
  event.mutable_alert()->set_alert_id(std::string(32, 'a'));
  event.mutable_alert()->set_description(std::string(120, 'x'));
  return event;
}

struct Ends {
  Ends()
      : folder(std::filesystem::temp_directory_path() / "platen-spool-bench"),
        sequencer("c-1", 1),
        event(Alert()) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    SpoolOptions options;
    options.log.file = folder / "spool.sqlite";
    options.log.instance = "c-1";
    spool = *Spool::Open(options, clock);
    auto list = std::make_unique<ListedEvents>();
    kafka = list.get();
    spooled = std::make_unique<SpooledEvents>(*spool, std::move(list));
    sequencer.Stamp(event).IgnoreError();
  }

  ~Ends() {
    spooled.reset();
    spool.reset();
    std::filesystem::remove_all(folder);
  }

  // One event has to wait for longer than Kafka may be silent.
  void LoseKafka() {
    kafka->away = true;
    spooled->Publish(event, 1).IgnoreError();
    for (int i = 0; i < 3; ++i) Turn(std::chrono::seconds(6));
  }

  void Turn(base::Duration time) {
    clock.Advance(time);
    published.clear();
    spooled->Poll(published).IgnoreError();
    benchmark::DoNotOptimize(published.data());
  }

  std::filesystem::path folder;
  base::SimClock clock;
  event::Sequencer sequencer;
  event::v1::Event event;
  std::unique_ptr<Spool> spool;
  ListedEvents* kafka = nullptr;
  std::unique_ptr<SpooledEvents> spooled;
  std::vector<core::Published> published;
};

constexpr int kGroup = 500;

// Turns of the loop with so many events each, without a spool before Kafka.
void WithoutSpool(benchmark::State& state) {
  ListedEvents kafka;
  const event::v1::Event event = Alert();
  std::vector<core::Published> published;
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < kGroup; ++i) kafka.Publish(event, i).IgnoreError();
    published.clear();
    kafka.Poll(published).IgnoreError();
    benchmark::DoNotOptimize(published.data());
  }
  state.SetItemsProcessed(state.iterations() * kGroup);
}

void SpoolOutOfTheWay(benchmark::State& state) {
  Ends ends;
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < kGroup; ++i) ends.spooled->Publish(ends.event, i).IgnoreError();
    ends.Turn(std::chrono::milliseconds(10));
  }
  state.SetItemsProcessed(state.iterations() * kGroup);
}

// Each group is on the disk before the next one comes.
void Spooling(benchmark::State& state) {
  Ends ends;
  ends.LoseKafka();
  const auto group = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < group; ++i) ends.spooled->Publish(ends.event, i).IgnoreError();
    ends.Turn(std::chrono::milliseconds(20));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Draining(benchmark::State& state) {
  constexpr int kEvents = 20'000;
  for (auto _ : state) {
    state.PauseTiming();
    auto ends = std::make_unique<Ends>();
    ends->LoseKafka();
    for (int i = 0; i < kEvents; ++i) ends->spooled->Publish(ends->event, 1).IgnoreError();
    ends->Turn(std::chrono::seconds(1));
    ends->kafka->away = false;
    state.ResumeTiming();
    do {
      ends->Turn(std::chrono::milliseconds(10));
    } while (!ends->spool->IsDrained());
    state.PauseTiming();
    ends.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
}

BENCHMARK(WithoutSpool);
BENCHMARK(SpoolOutOfTheWay);
BENCHMARK(Spooling)->Arg(1)->Arg(50)->Arg(500)->UseRealTime();
BENCHMARK(Draining)->Iterations(5)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace platen::collector::edge

BENCHMARK_MAIN();
