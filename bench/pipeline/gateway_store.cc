// Rows a second that the gateway's store takes, beside bare prepared inserts into the same table
// with the same durability and the same transactions; and what a full replay costs.
//
// Ours is all that stands between a batch's bytes and its acknowledgement: decoding, ids, registry,
// sequence numbers, rows of devices and alerts, one commit a batch (WAL, synchronous=FULL), two
// batches under way. Rounds are interleaved, each in a file of its own; figures are medians of wall
// time, each a JSON line. Ends with 1 if a ratio lies below its floor, with 2 if a run was broken.
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/pipeline/figures.h"
#include "libs/base/real_clock.h"
#include "services/gateway/edge/schema.h"
#include "services/gateway/edge/store.h"
#include "services/gateway/test_events.h"

namespace platen::bench {
namespace {

using gateway::testing::EventMaker;
namespace edge = gateway::edge;
namespace ev = event::v1;

constexpr int kRounds = 7;
constexpr std::uint64_t kDevices = 300;
constexpr std::uint64_t kBatches = 80;
constexpr std::uint64_t kBatchEvents = 1000;
constexpr int kUnderWay = 2;
constexpr std::int64_t kTime = gateway::testing::kNowMs;

template <class T>
T Need(absl::StatusOr<T> result) {
  if (!result.ok()) Broken(std::string(result.status().message()));
  return *std::move(result);
}

base::DeviceId Device(std::uint64_t number) {
  base::DeviceId id;
  id.raw()[0] = 1;
  id.raw()[14] = static_cast<std::uint8_t>(number >> 8);
  id.raw()[15] = static_cast<std::uint8_t>(number & 0xFF);
  return id;
}

// A batch's events, end to end, as they lie in its payload.
struct Batch {
  std::shared_ptr<const std::string> payload;
  std::vector<std::string_view> events;
  // What else the bare program writes, known beforehand.
  std::vector<std::string> ids;
  std::vector<int> kinds;
};

// What a fleet says: mostly readings, some status, few alerts.
ev::Event MakeEvent(EventMaker& maker, std::uint64_t number) {
  const base::DeviceId device = Device(number % kDevices);
  const std::uint64_t turn = number / kDevices;
  if (number % 50 == 7) return maker.Jam(device, turn + 1, ev::ALERT_TRANSITION_RAISED);
  if (number % 20 < 3) return maker.Status(device, turn + 1, ev::REACHABILITY_REACHABLE);
  ev::Event event = maker.Meters(device, 490'000 + turn, 1000 + turn);
  for (int i = 0; i < 5; ++i) {
    ev::Meter meter = event.meter_reading().meters(0);
    meter.mutable_kind()->set_function(ev::METER_FUNCTION_COPY);
    meter.set_rule("vendor/counters.copy");
    *event.mutable_meter_reading()->add_meters() = std::move(meter);
  }
  return event;
}

std::vector<Batch> MakeBatches() {
  EventMaker maker;
  std::vector<Batch> batches;
  std::uint64_t number = 0;
  for (std::uint64_t b = 0; b < kBatches; ++b) {
    Batch batch;
    auto payload = std::make_shared<std::string>();
    std::vector<std::size_t> ends;
    for (std::uint64_t i = 0; i < kBatchEvents; ++i) {
      const ev::Event event = MakeEvent(maker, number++);
      batch.ids.push_back(event.id());
      batch.kinds.push_back(event.body_case());
      *payload += event.SerializeAsString();
      ends.push_back(payload->size());
    }
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      batch.events.push_back(std::string_view(*payload).substr(begin, end - begin));
      begin = end;
    }
    batch.payload = payload;
    batches.push_back(std::move(batch));
  }
  return batches;
}

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

double RowsPerSecond(std::chrono::steady_clock::time_point since) {
  return static_cast<double>(kBatches * kBatchEvents) / Seconds(since);
}

// The same table, statement and pragmas, and nothing else.
double StoreBare(const std::string& file, const std::vector<Batch>& batches) {
  const auto database = Need(edge::Database::Open(file));
  if (!edge::PrepareSchema(*database).ok()) Broken("no schema");
  auto insert = Need(database->Prepare(
      "INSERT INTO events(id, device, place, lane, kind, occurrence_ms, observation_ms, receipt_ms,"
      " payload) VALUES(?,?,?,?,?,?,?,?,?)"));
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t number = 0;
  for (const Batch& batch : batches) {
    if (!database->Execute("BEGIN IMMEDIATE").ok()) Broken("begin");
    for (std::size_t i = 0; i < batch.events.size(); ++i) {
      const auto device = static_cast<std::int64_t>(number++ % kDevices + 1);
      insert.BindBlob(1, batch.ids[i]).Bind(2, device).Bind(3, 1).Bind(4, 2);
      insert.Bind(5, batch.kinds[i]).Bind(6, kTime).Bind(7, kTime).Bind(8, kTime);
      insert.BindBlob(9, batch.events[i]);
      if (const absl::Status status = insert.Run(); !status.ok()) {
        Broken(std::string(status.message()));
      }
    }
    if (!database->Execute("COMMIT").ok()) Broken("commit");
  }
  return RowsPerSecond(begin);
}

void RegisterDevices(edge::Store& store) {
  std::vector<edge::Registration> registrations;
  for (std::uint64_t i = 0; i < kDevices; ++i) {
    edge::Registration& one = registrations.emplace_back();
    one.place = {"acme", "hq"};
    one.device = Device(i);
    one.target.set_address("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    one.target.set_installation("default");
  }
  std::promise<bool> done;
  if (!store
           .RegisterTargets(std::move(registrations),
                            edge::Registering::kKeep,
                            [&](const auto& result) { done.set_value(result.ok()); })
           .ok() ||
      !done.get_future().get()) {
    Broken("devices can't be registered");
  }
}

// All batches through admission into the store; returns rows a second.
double StoreAll(edge::Store& store, const std::vector<Batch>& batches) {
  std::mutex mutex;
  std::condition_variable changed;
  int under_way = 0;
  bool failed = false;
  const auto begin = std::chrono::steady_clock::now();
  for (const Batch& batch : batches) {
    auto admitted =
        std::make_shared<const gateway::core::AdmittedBatch>(store.Admit(batch.events, {}));
    if (!admitted->refusals.empty()) Broken(admitted->refusals.front().detail());
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return under_way < kUnderWay; });
    ++under_way;
    lock.unlock();
    const absl::Status queued =
        store.StoreBatch(std::move(admitted), batch.payload, nullptr, [&](const auto& outcome) {
          const std::lock_guard guard(mutex);
          failed = failed || !outcome.ok();
          --under_way;
          changed.notify_one();
        });
    if (!queued.ok()) Broken(std::string(queued.message()));
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return under_way == 0; });
  if (failed) Broken("a batch was not stored");
  return RowsPerSecond(begin);
}

}  // namespace
}  // namespace platen::bench

int main() {
  using namespace platen::bench;
  const platen::base::RealClock clock;
  std::string directory = std::filesystem::temp_directory_path() / "platen-bench-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) Broken("no temporary directory");
  const std::vector<Batch> batches = MakeBatches();
  std::vector<double> fresh;
  std::vector<double> replay;
  std::vector<double> bare;
  for (int round = 0; round <= kRounds; ++round) {
    const std::string file = directory + "/" + std::to_string(round);
    const double bare_rate = StoreBare(file + ".bare", batches);
    auto store = Need(platen::gateway::edge::Store::Open({.file = file + ".store"}, clock));
    RegisterDevices(*store);
    const double fresh_rate = StoreAll(*store, batches);
    const double replay_rate = StoreAll(*store, batches);
    store.reset();
    std::filesystem::remove_all(directory);
    std::filesystem::create_directory(directory);
    if (round == 0) continue;  // Warm up, and forget.
    bare.push_back(bare_rate);
    fresh.push_back(fresh_rate);
    replay.push_back(replay_rate);
  }
  std::filesystem::remove_all(directory);
  bool good = Report({"gateway_store",
                      "rows/s",
                      fresh,
                      bare,
                      "bare prepared inserts",
                      {.floor = 0.6, .goal = 0.8}});
  good &= Report({"gateway_replay",
                  "rows/s",
                  replay,
                  fresh,
                  "the same rows, fresh",
                  {.floor = 0.8, .goal = 1.2}});
  return good ? 0 : 1;
}
