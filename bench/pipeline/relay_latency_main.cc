// How late alerts are at the gateway, from before they are produced: alone, beside a bare consumer
// of the same topic, and while telemetry takes all that the way carries; straight over loopback,
// and over a line of 10 Mbit/s with 20 ms each way. And what an event of telemetry costs on that
// line, TLS and frames included.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/pipeline/bare_kafka.h"
#include "bench/pipeline/relay_bench.h"
#include "bench/pipeline/slow_link.h"
#include "bench/pipeline/stopwatch.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "services/relay/edge/tls_channels.h"
#include "tests/support/stub_gateway.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kRounds = 6;
constexpr int kAlertsARound = 100;
constexpr milliseconds kBetweenAlerts{10};
constexpr std::uint64_t kTelemetry = 1'500'000;
constexpr int kMeters = 2;
constexpr SlowLinkOptions kLine = {.bytes_per_second = 10e6 / 8, .delay = milliseconds(20)};
// Where telemetry takes less than this part of the line, the run says nothing.
constexpr double kFull = 0.9;
// What telemetry has sent before alerts are looked at: two seconds of the line.
constexpr double kWarmUpBytes = 2 * kLine.bytes_per_second;
// What a gateway offers without a word in its configuration.
constexpr std::uint32_t kWindowBatches = 8;
constexpr double kLoadedMax = 3;

// Into a topic of their own.
class Alerts {
 public:
  explicit Alerts(broker::Broker& broker)
      : topic_(MakeTopic(broker, "bench.alerts.", 1)),
        publisher_(*broker.NewPublisher({.linger = milliseconds(0)})) {}

  const std::string& topic() const { return topic_; }

  // Produces one, and serves the publisher until the next one is due.
  void Produce(std::uint64_t number) {
    const event::v1::Event event = MakeMeterEvent(number, 1);
    const std::string value = event.SerializeAsString();
    const auto id = publisher_->Publish(
        {.topic = topic_, .partition = 0, .key = event.device_id(), .value = value});
    if (!id.ok()) Broken(id.status().ToString());
    const base::MonotonicTime next = clock_.Now() + kBetweenAlerts;
    while (clock_.Now() < next) publisher_->Poll(milliseconds(1));
  }

 private:
  const base::RealClock clock_;
  const std::string topic_;
  const std::unique_ptr<broker::Publisher> publisher_;
};

enum class Telemetry { kNone, kZstd, kPlain };

struct Heard {
  std::vector<double> millis;
  // When a bare consumer of the same topic had the same alerts.
  std::vector<double> bare_millis;
  // Of telemetry, while the alerts came.
  std::uint64_t events = 0;
  // On the line meanwhile, alerts included.
  double bytes = 0;
  double seconds = 0;
};

// What telemetry took of the line, from batch to batch: a batch may be a quarter of a second.
class Meter {
 public:
  // A batch is at the gateway; `bytes` have come over the line by now.
  void Arrived(std::uint64_t events, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    now_ = {events_ += events, bytes, clock_.Now()};
    if (begun_) return;
    begun_ = running_;
    if (begun_) first_ = now_;
  }

  // Counts from the next batch on.
  void Begin() {
    const std::lock_guard lock(mutex_);
    running_ = true;
  }

  // Up to the last batch.
  void End(Heard& heard) {
    const std::lock_guard lock(mutex_);
    if (!begun_) return;
    heard.events = now_.events - first_.events;
    heard.bytes = static_cast<double>(now_.bytes - first_.bytes);
    heard.seconds = base::ToSeconds(now_.at - first_.at);
  }

  std::uint64_t events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  struct Mark {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
    base::MonotonicTime at;
  };

  const base::RealClock clock_;
  std::mutex mutex_;
  std::uint64_t events_ = 0;
  bool running_ = false;
  bool begun_ = false;
  Mark first_;
  Mark now_;
};

// Both lanes with a gateway each, and what happens to alerts on the way.
class Bench {
 public:
  Bench(broker::Broker& broker, const Certificates& certificates, FilledTopic telemetry)
      : broker_(broker),
        credentials_(certificates.Make(clock_)),
        telemetry_(std::move(telemetry)) {}

  // All rounds' alerts over a way, with telemetry or without.
  Heard Listen(bool over_line, Telemetry load) {
    Heard all;
    for (int round = 0; round < kRounds; ++round) {
      const Heard one = Round(over_line, load);
      all.millis.insert(all.millis.end(), one.millis.begin(), one.millis.end());
      all.bare_millis.insert(all.bare_millis.end(), one.bare_millis.begin(), one.bare_millis.end());
      all.events += one.events;
      all.bytes += one.bytes;
      all.seconds += one.seconds;
    }
    std::ranges::sort(all.millis);
    std::ranges::sort(all.bare_millis);
    return all;
  }

 private:
  Heard Round(bool over_line, Telemetry load) {
    std::optional<SlowLink> line;
    if (over_line) line.emplace(kLine);
    const auto way = [&line](const std::string& target) {
      return line ? line->Open(target) : target;
    };
    Stopwatch stopwatch;
    Stopwatch bare;
    Meter meter;
    testing::StubGateway alerts_gateway(
        {.window_batches = kWindowBatches,
         .answer = [&](const auto& batch) { return HearAlerts(batch, stopwatch); }},
        credentials_->ForServer());
    testing::StubGateway telemetry_gateway({.window_batches = kWindowBatches,
                                            .answer =
                                                [&](const auto& batch) {
                                                  meter.Arrived(batch.events(),
                                                                line ? line->bytes_out() : 0);
                                                  return Accepted();
                                                }},
                                           credentials_->ForServer());
    relay::edge::TlsChannels alerts_way(way(alerts_gateway.target()), *credentials_);
    relay::edge::TlsChannels telemetry_way(way(telemetry_gateway.target()), *credentials_);
    Alerts alerts(broker_);
    const BareReader reader(
        KafkaAddress(), alerts.topic(), [&](std::string_view bytes) { Hear(bytes, bare); });
    Lane alerts_lane(broker_, AlertsLane(alerts.topic()), alerts_way);
    Lane telemetry_lane(broker_, TelemetryLane(load), telemetry_way);

    Start(alerts_lane);
    const auto produce = [&](std::uint64_t number) {
      for (Stopwatch* each : {&stopwatch, &bare}) each->Produced(number);
      alerts.Produce(number);
    };
    const auto all_arrived = [&] { return stopwatch.AllArrived() && bare.AllArrived(); };
    produce(0);
    Wait("the alerts' lane", all_arrived);
    stopwatch.Take();
    bare.Take();
    if (load != Telemetry::kNone) {
      Start(telemetry_lane);
      Wait("the telemetry's lane", [&] {
        if (line) return static_cast<double>(line->bytes_out()) > kWarmUpBytes;
        return meter.events() > 0;
      });
    }

    Heard heard;
    meter.Begin();
    for (std::uint64_t i = 1; i <= kAlertsARound; ++i) produce(i);
    meter.End(heard);
    if (meter.events() == telemetry_.events) Broken("there was too little telemetry");
    Wait("the alerts", all_arrived);
    heard.millis = stopwatch.Take();
    heard.bare_millis = bare.Take();
    const base::MonotonicTime deadline = clock_.Now() + seconds(10);
    alerts_lane.pipeline().BeginStop(deadline);
    telemetry_lane.pipeline().BeginStop(deadline);
    return heard;
  }

  static LaneOptions AlertsLane(const std::string& topic) {
    return {.topic = topic,
            .compression = ingest::v1::COMPRESSION_NONE,
            .batch = {.bytes_max = 1u << 20, .items_max = 1000, .age_max = base::Duration(0)}};
  }

  LaneOptions TelemetryLane(Telemetry load) const {
    LaneOptions options = {.topic = telemetry_.name};
    if (load == Telemetry::kPlain) options.compression = ingest::v1::COMPRESSION_NONE;
    return options;
  }

  static ingest::v1::BatchAck Accepted() {
    ingest::v1::BatchAck ack;
    ack.mutable_accepted();
    return ack;
  }

  static ingest::v1::BatchAck HearAlerts(const ingest::v1::Batch& batch, Stopwatch& stopwatch) {
    for (const std::string& bytes : testing::EventsOf(batch)) Hear(bytes, stopwatch);
    return Accepted();
  }

  static void Hear(std::string_view bytes, Stopwatch& stopwatch) {
    event::v1::Event event;
    event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    stopwatch.Arrived(event.source().sequence());
  }

  static void Start(Lane& lane) {
    if (!lane.pipeline().Start().ok()) Broken("no subscriber");
  }

  void Wait(const std::string& what, const std::function<bool()>& condition) const {
    const base::MonotonicTime deadline = clock_.Now() + seconds(60);
    while (!condition()) {
      if (clock_.Now() > deadline) Broken(base::StrCat("still waiting for ", what));
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

  const base::RealClock clock_;
  broker::Broker& broker_;
  const std::unique_ptr<tls::Credentials> credentials_;
  const FilledTopic telemetry_;
};

// One JSON line; less is better. False where the ratio is above `max`.
bool ReportLess(const std::string& name,
                const std::string& unit,
                double ours,
                const std::string& against,
                double theirs,
                double max = 0) {
  std::printf(
      "{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"%s\",\"against\":\"%s\","
      "\"against_value\":%.2f,\"ratio\":%.3f,",
      name.c_str(),
      ours,
      unit.c_str(),
      against.c_str(),
      theirs,
      ours / theirs);
  if (max > 0) std::printf("\"floor\":%.1f,\"goal\":%.1f,", max, max);
  std::printf("\"less_is_better\":true}\n");
  std::fflush(stdout);
  return max == 0 || ours / theirs <= max;
}

bool ReportLoaded(const std::string& name, const Heard& loaded, const Heard& idle) {
  const std::string against = "the same without telemetry";
  ReportLess(name + "_p50", "ms", At(loaded.millis, 0.5), against, At(idle.millis, 0.5));
  // What the machine and Kafka do to anybody then.
  ReportLess(name + "_bare_p99",
             "ms",
             At(loaded.bare_millis, 0.99),
             "a bare consumer without telemetry",
             At(idle.bare_millis, 0.99));
  return ReportLess(
      name + "_p99", "ms", At(loaded.millis, 0.99), against, At(idle.millis, 0.99), kLoadedMax);
}

void ReportWire(const std::string& name, const Heard& loaded, double event_bytes) {
  if (loaded.bytes < kFull * kLine.bytes_per_second * loaded.seconds) {
    Broken(base::StrCat("telemetry took ", loaded.bytes / loaded.seconds, " bytes/s of the line"));
  }
  const double wire = loaded.bytes / static_cast<double>(loaded.events);
  ReportLess(name, "bytes/event", wire, "the event", event_bytes);
}

int Main() {
  const Certificates certificates;
  broker::kafka::KafkaBroker broker({.bootstrap_servers = KafkaAddress(), .client_id = "bench"});
  const FilledTopic telemetry = FillTopic(broker, kTelemetry, kMeters);
  Bench bench(broker, certificates, telemetry);
  bool within = true;
  for (const bool over_line : {false, true}) {
    const std::string name = over_line ? "relay_alert_line" : "relay_alert";
    const Heard idle = bench.Listen(over_line, Telemetry::kNone);
    for (const double part : {0.5, 0.99}) {
      if (over_line) break;
      ReportLess(part < 0.9 ? "relay_latency_p50" : "relay_latency_p99",
                 "ms",
                 At(idle.millis, part),
                 "bare librdkafka consumer",
                 At(idle.bare_millis, part));
    }
    const Heard loaded = bench.Listen(over_line, Telemetry::kZstd);
    within = ReportLoaded(name, loaded, idle) && within;
    if (!over_line) continue;
    ReportWire("relay_wire", loaded, telemetry.event_bytes);
    const Heard plain = bench.Listen(over_line, Telemetry::kPlain);
    within = ReportLoaded(name + "_plain", plain, idle) && within;
    ReportWire("relay_wire_plain", plain, telemetry.event_bytes);
  }
  return within ? 0 : 1;
}

}  // namespace
}  // namespace platen::bench

int main() {
  return platen::bench::Main();
}
