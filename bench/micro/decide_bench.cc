// What deciding costs an alert, as groups and silences grow; and what a million open alerts cost to
// restore and to keep.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <fstream>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <google/protobuf/text_format.h>
#include <unistd.h>

#include "libs/alerting/decide_core.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

constexpr base::WallTime kNow = base::WallFromMillis(1'795'435'200'000);

rules::v1::Record RecordOf(const std::string& name, const std::string& text) {
  rules::v1::Record record;
  google::protobuf::TextFormat::ParseFromString(text, &record);
  record.set_name(name);
  return record;
}

// Jams as the rules that are shipped tell of them, but at once; and a group for each site.
std::vector<rules::v1::Record> Rules() {
  return {RecordOf("rules/jam",
                   "rule { any_of { all_of { field: 'alert.category' is: 'jam' } } rate { "
                   "more_than: 5 pages: 1000 } after { } receivers: 'service-desk' group { by: "
                   "GROUP_BY_SITE } damping { more_than: 30 window { seconds: 600 } } }")};
}

event::v1::Event JamOf(std::uint64_t device, std::uint64_t site, std::uint64_t number, bool ends) {
  event::v1::Event event;
  const std::string digits = base::StrCat(1'000'000'000 + device);
  event.set_id(base::StrCat(ends ? "e" : "b", 100'000'000'000'000 + number));
  event.set_device_id(base::StrCat("device", digits));
  event.set_tenant("customer");
  event.set_site(base::StrCat("site-", site));
  event.set_vendor("kyocera");
  event.mutable_source()->set_route("default");
  *event.mutable_observation_time() = event::ToProto(kNow);
  event::v1::Alert& alert = *event.mutable_alert();
  alert.set_alert_id(base::StrCat("jam/", number));
  alert.set_instance(number);
  alert.set_category(event::v1::ALERT_CATEGORY_JAM);
  alert.set_code(8);
  alert.set_group(13);
  alert.set_description("Paper jam in tray 2");
  alert.set_reason_keyword("media-jam");
  alert.set_where("Tray 2");
  alert.set_training(event::v1::ALERT_TRAINING_TRAINED);
  alert.set_transition(ends ? event::v1::ALERT_TRANSITION_ENDED
                            : event::v1::ALERT_TRANSITION_RAISED);
  if (ends) alert.set_end(event::v1::ALERT_END_CLEARED);
  *alert.mutable_raise_time() = event::ToProto(kNow);
  alert.mutable_counters()->set_total(123'456);
  alert.mutable_device()->set_model("TASKalfa 3554ci");
  alert.mutable_device()->set_manufacturer("Kyocera");
  alert.mutable_device()->set_serial_number(digits);
  alert.mutable_device()->set_location("Room 4.17");
  alert.mutable_device()->set_address("192.0.2.17");
  return event;
}

// Decide with Kafka that acknowledges at once. Takes what goes to the state topic, if asked.
class Stage {
 public:
  Stage() : core_(DecideOptions{}) {
    core_.SetDefaults(Rules()).IgnoreError();
    core_.Assign(0);
  }

  void Begin() { Take(core_.OnRestoreEnd(kNow, 0)); }

  void Read(const event::v1::Event& event) {
    Take(core_.OnRecord(kNow,
                        {.partition = 0, .offset = offset_++, .value = event.SerializeAsString()}));
  }

  void AddSilence(std::uint64_t number) {
    const auto record = RecordOf(
        base::StrCat("tenants/customer/silences/s", number),
        base::StrCat(
            "silence { note: 'n' end_time { seconds: 1895435200 } any_of { all_of { field: "
            "'alert.device.serial_number' is: 'S",
            number,
            "' } } }"));
    DecideEffects effects;
    core_.OnRule(kNow, record.name(), record.SerializeAsString(), effects).IgnoreError();
    Take(std::move(effects));
  }

  DecideCore& core() { return core_; }

  std::string last_state;

 private:
  void Take(DecideEffects effects) {
    std::deque<DecideEffects> todo;
    todo.push_back(std::move(effects));
    for (; !todo.empty(); todo.pop_front()) {
      for (const StateEffect& effect : todo.front().states) {
        // As the service publishes it.
        if (effect.value.has_value()) last_state = *effect.value;
        todo.push_back(core_.OnAcknowledged(effect.token));
      }
      for (const NotificationEffect& effect : todo.front().notifications) {
        benchmark::DoNotOptimize(effect.keyed.notification->SerializeAsString());
        todo.push_back(core_.OnAcknowledged(effect.token));
      }
      for (const DecisionEffect& effect : todo.front().decisions) {
        todo.push_back(core_.OnAcknowledged(effect.token));
      }
    }
  }

  DecideCore core_;
  std::int64_t offset_ = 0;
};

// Groups (sites, each with an open alert), and silences of other devices. One iteration: an alert
// begins and ends, each on another of 1,000 devices or as many as there are groups.
void BM_DecideAlert(benchmark::State& state) {
  Stage stage;
  stage.Begin();
  const auto groups = static_cast<std::uint64_t>(state.range(0));
  for (std::int64_t i = 0; i < state.range(1); ++i) {
    stage.AddSilence(static_cast<std::uint64_t>(i));
  }
  std::uint64_t number = 0;
  const std::uint64_t devices = std::max<std::uint64_t>(groups, 1000);
  for (std::uint64_t i = 0; i < devices; ++i) stage.Read(JamOf(i, i % groups, ++number, false));
  std::uint64_t device = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const std::uint64_t fresh = 1'000'000 + number++;
    device = (device + 7919) % devices;
    const event::v1::Event begin = JamOf(device, device % groups, fresh, false);
    const event::v1::Event end = JamOf(device, device % groups, fresh, true);
    state.ResumeTiming();
    stage.Read(begin);
    stage.Read(end);
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(BM_DecideAlert)
    ->ArgNames({"groups", "silences"})
    ->Args({10, 0})
    ->Args({1000, 0})
    ->Args({10'000, 0})
    ->Args({100'000, 0})
    ->Args({10, 10'000})
    ->Args({1000, 10'000})
    ->Args({100'000, 10'000})
    ->Iterations(2000);

std::size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Open alerts of as many devices, told to one receiver in its site's group. Seconds, and resident
// bytes of each.
void BM_RestoreOpenAlerts(benchmark::State& state) {
  Stage maker;
  maker.Begin();
  maker.Read(JamOf(1, 1, 1, false));
  notifier::v1::AlertState known;
  known.ParseFromString(maker.last_state);
  known.clear_outbox();
  const auto count = static_cast<std::uint64_t>(state.range(0));
  double bytes = 0;
  for (auto _ : state) {
    auto stage = std::make_unique<Stage>();
    const std::size_t before = ResidentBytes();
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string digits = base::StrCat(1'000'000'000 + i);
      known.set_device_id(base::StrCat("device", digits));
      known.mutable_event()->set_device_id(known.device_id());
      const std::string key =
          base::StrCat(base::DeviceId::FromBytes(known.device_id())->ToHex(), "/jam/1");
      stage->core().OnRestored(0, key, known.SerializeAsString()).IgnoreError();
    }
    stage->Begin();
    bytes = static_cast<double>(ResidentBytes() - before) / static_cast<double>(count);
    state.PauseTiming();
    stage.reset();
    state.ResumeTiming();
  }
  state.counters["bytes_each"] = bytes;
  state.counters["kafka_bytes_each"] = static_cast<double>(known.ByteSizeLong());
}

BENCHMARK(BM_RestoreOpenAlerts)->Arg(1'000'000)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace platen::alerting

BENCHMARK_MAIN();
