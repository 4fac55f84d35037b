// From an alert in Kafka to its webhook's bytes at the receiver, beside a bare consumer that posts
// the same alerts to the same receiver: alone, and while telemetry flows through the same broker at
// 80 % of what it takes.
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "bench/pipeline/bare_kafka.h"
#include "bench/pipeline/http_sink.h"
#include "bench/pipeline/kafka_bench.h"
#include "bench/pipeline/notify_bench.h"
#include "bench/pipeline/stopwatch.h"
#include "libs/base/status.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kAlerts = 600;
constexpr milliseconds kBetweenAlerts{10};
constexpr std::uint64_t kProbe = 400'000;
constexpr double kShare = 0.8;
constexpr milliseconds kTick{20};
constexpr char kBarePath[] = "/bare";
// What the notifier may take more than the bare one, in milliseconds.
constexpr double kMoreP50 = 5;
constexpr double kMoreP99 = 25;

// Telemetry at a part of what broker and producer take beside each other, on a thread of its own.
class Telemetry {
 public:
  Telemetry()
      : topic_(base::StrCat("bench.telemetry.", clock_.WallNow().time_since_epoch().count())),
        value_(MakeMeterEvent(1).SerializeAsString()) {
    broker::kafka::KafkaBroker broker({.bootstrap_servers = KafkaAddress(), .client_id = "bench"});
    const broker::TopicSpec topic{.name = topic_, .partitions = kPartitions};
    const absl::Status made = broker.EnsureTopics({&topic, 1}, seconds(30));
    if (!made.ok()) Broken(made.ToString());
  }

  ~Telemetry() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  void Start() {
    thread_ = std::thread([this] { Run(); });
    while (rate_ == 0) std::this_thread::sleep_for(milliseconds(10));
  }

  double rate() const { return rate_; }

 private:
  static constexpr int kPartitions = 6;

  void Run() {
    BareProducer producer(KafkaAddress(), 5);
    producer.Run(topic_, kPartitions, kProbe / 4, value_, {});
    const base::MonotonicTime begin = clock_.Now();
    producer.Run(topic_, kPartitions, kProbe, value_, {});
    rate_ = kShare * kProbe / base::ToSeconds(clock_.Now() - begin);
    const auto tick = static_cast<std::uint64_t>(rate_ * base::ToSeconds(kTick));
    base::MonotonicTime next = clock_.Now();
    while (!stopping_) {
      producer.Run(topic_, kPartitions, tick, value_, {});
      next += kTick;
      std::this_thread::sleep_until(std::chrono::steady_clock::now() + (next - clock_.Now()));
    }
  }

  const base::RealClock clock_;
  const std::string topic_;
  const std::string value_;
  std::atomic<bool> stopping_ = false;
  std::atomic<double> rate_ = 0;
  std::thread thread_;
};

// One JSON line; less is better. False where it is more than `limit` above.
bool ReportMore(const std::string& name, double ours, double theirs, double limit) {
  std::printf(
      "{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"ms\",\"against\":\"bare consumer that posts\","
      "\"against_value\":%.2f,\"more\":%.2f,\"limit\":%.0f,\"less_is_better\":true}\n",
      name.c_str(),
      ours,
      theirs,
      ours - theirs,
      limit);
  std::fflush(stdout);
  return ours - theirs <= limit;
}

class Bench {
 public:
  explicit Bench(const std::string& program)
      : topics_(1, 4),
        sink_(1,
              0,
              [this](std::size_t, std::string_view path, std::string_view body) {
                for (const std::uint64_t alert : AlertNumbersIn(body)) {
                  (path == kBarePath ? bare_ : ours_).Arrived(alert);
                }
              }),
        poster_(sink_.port(0)),
        reader_(KafkaAddress(),
                topics_.alerts(),
                [this](std::string_view value) {
                  if (!AlertNumbersIn(value).empty()) poster_.Post(kBarePath, value);
                }),
        notifier_(program, topics_, sink_, 1) {
    Say();
    Wait();
    ours_.Take();
    bare_.Take();
  }

  bool Listen(const std::string& name) {
    for (std::uint64_t i = 0; i < kAlerts; ++i) {
      Say();
      topics_.Poll(kBetweenAlerts);
    }
    Wait();
    const std::vector<double> ours = ours_.Take();
    const std::vector<double> bare = bare_.Take();
    const bool p50 = ReportMore(name + "_p50", At(ours, 0.5), At(bare, 0.5), kMoreP50);
    return ReportMore(name + "_p99", At(ours, 0.99), At(bare, 0.99), kMoreP99) && p50;
  }

 private:
  void Say() {
    ++alert_;
    ours_.Produced(alert_);
    bare_.Produced(alert_);
    topics_.Raise(alert_);
  }

  void Wait() {
    const base::MonotonicTime deadline = clock_.Now() + seconds(60);
    while (!ours_.AllArrived() || !bare_.AllArrived()) {
      if (clock_.Now() > deadline) Broken("still waiting for alerts");
      topics_.Poll(milliseconds(5));
    }
  }

  const base::RealClock clock_;
  Stopwatch ours_;
  Stopwatch bare_;
  std::uint64_t alert_ = 0;
  AlertTopics topics_;
  HttpSink sink_;
  BarePoster poster_;
  BareReader reader_;
  NotifierProcess notifier_;
};

int Main(const std::string& program) {
  Bench bench(program);
  const bool alone = bench.Listen("notify_latency");
  Telemetry telemetry;
  telemetry.Start();
  std::fprintf(stderr, "telemetry: %.0f events/s\n", telemetry.rate());
  const bool loaded = bench.Listen("notify_latency_loaded");
  return alone && loaded ? 0 : 1;
}

}  // namespace
}  // namespace platen::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: notify_latency build/release/bin/platen-notifier\n");
    return 2;
  }
  return platen::bench::Main(argv[1]);
}
