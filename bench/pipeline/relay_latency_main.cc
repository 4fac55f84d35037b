// How late alerts are at the gateway, from before they are produced: alone, and while telemetry
// takes all that the way carries; straight over loopback, and over a line of 10 Mbit/s with 20 ms
// each way. And what an event of telemetry costs on that line, TLS and frames included.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/pipeline/relay_bench.h"
#include "bench/pipeline/slow_link.h"
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
constexpr double kLoadedMax = 3;

// When alerts were produced, and when the gateway had them.
class Stopwatch {
 public:
  void Produced(std::uint64_t alert) {
    const std::lock_guard lock(mutex_);
    produced_[alert] = clock_.Now();
  }

  void Arrived(std::uint64_t alert) {
    const std::lock_guard lock(mutex_);
    const auto found = produced_.find(alert);
    if (found == produced_.end()) return;  // Again.
    millis_.push_back(base::ToSeconds(clock_.Now() - found->second) * 1e3);
    produced_.erase(found);
  }

  bool AllArrived() {
    const std::lock_guard lock(mutex_);
    return produced_.empty();
  }

  // In milliseconds, sorted. REQUIRES: nothing is on the way.
  std::vector<double> Take() {
    std::ranges::sort(millis_);
    return std::move(millis_);
  }

 private:
  const base::RealClock clock_;
  std::mutex mutex_;
  std::map<std::uint64_t, base::MonotonicTime> produced_;
  std::vector<double> millis_;
};

// Into a topic of their own.
class Alerts {
 public:
  explicit Alerts(broker::Broker& broker)
      : topic_(MakeTopic(broker, "bench.alerts.", 1)),
        publisher_(*broker.NewPublisher({.linger = milliseconds(0)})) {}

  const std::string& topic() const { return topic_; }

  // Produces one, and serves the publisher until the next one is due.
  void Produce(std::uint64_t number, Stopwatch& stopwatch) {
    const event::v1::Event event = MakeMeterEvent(number, 1);
    const std::string value = event.SerializeAsString();
    stopwatch.Produced(number);
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

struct Heard {
  std::vector<double> millis;
  // Of telemetry, while the alerts came.
  std::uint64_t events = 0;
  // On the line meanwhile, alerts included.
  double bytes = 0;
  double seconds = 0;
};

// Both lanes with a gateway each, and what happens to alerts on the way.
class Bench {
 public:
  Bench(broker::Broker& broker, const Certificates& certificates, FilledTopic telemetry)
      : broker_(broker),
        credentials_(certificates.Make(clock_)),
        telemetry_(std::move(telemetry)) {}

  // All rounds' alerts over a way, with telemetry or without.
  Heard Listen(bool over_line, bool loaded) {
    Heard all;
    for (int round = 0; round < kRounds; ++round) {
      const Heard one = Round(over_line, loaded);
      all.millis.insert(all.millis.end(), one.millis.begin(), one.millis.end());
      all.events += one.events;
      all.bytes += one.bytes;
      all.seconds += one.seconds;
    }
    std::ranges::sort(all.millis);
    return all;
  }

 private:
  Heard Round(bool over_line, bool loaded) {
    std::optional<SlowLink> line;
    if (over_line) line.emplace(kLine);
    const auto way = [&line](const std::string& target) {
      return line ? line->Open(target) : target;
    };
    Stopwatch stopwatch;
    std::atomic<std::uint64_t> telemetry_events = 0;
    testing::StubGateway alerts_gateway(
        {.answer = [&](const auto& batch) { return HearAlerts(batch, stopwatch); }},
        credentials_->ForServer());
    testing::StubGateway telemetry_gateway({.answer =
                                                [&](const auto& batch) {
                                                  telemetry_events += batch.events();
                                                  return Accepted();
                                                }},
                                           credentials_->ForServer());
    relay::edge::TlsChannels alerts_way(way(alerts_gateway.target()), *credentials_);
    relay::edge::TlsChannels telemetry_way(way(telemetry_gateway.target()), *credentials_);
    Alerts alerts(broker_);
    Lane alerts_lane(broker_, AlertsLane(alerts.topic()), alerts_way);
    Lane telemetry_lane(broker_, {.topic = telemetry_.name}, telemetry_way);

    Start(alerts_lane);
    alerts.Produce(0, stopwatch);
    Wait("the alerts' lane", [&] { return stopwatch.AllArrived(); });
    stopwatch.Take();
    if (loaded) Start(telemetry_lane);
    Wait("the telemetry's lane", [&] { return !loaded || telemetry_events > 0; });

    Heard heard;
    const base::MonotonicTime begin = clock_.Now();
    const std::uint64_t events = telemetry_events;
    const std::uint64_t bytes = line ? line->bytes_out() : 0;
    for (std::uint64_t i = 1; i <= kAlertsARound; ++i) alerts.Produce(i, stopwatch);
    heard.events = telemetry_events - events;
    heard.bytes = static_cast<double>((line ? line->bytes_out() : 0) - bytes);
    heard.seconds = base::ToSeconds(clock_.Now() - begin);
    if (telemetry_events == telemetry_.events) Broken("there was too little telemetry");
    Wait("the alerts", [&] { return stopwatch.AllArrived(); });
    heard.millis = stopwatch.Take();
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

  static ingest::v1::BatchAck Accepted() {
    ingest::v1::BatchAck ack;
    ack.mutable_accepted();
    return ack;
  }

  static ingest::v1::BatchAck HearAlerts(const ingest::v1::Batch& batch, Stopwatch& stopwatch) {
    for (const std::string& bytes : testing::EventsOf(batch)) {
      event::v1::Event event;
      event.ParseFromString(bytes);
      stopwatch.Arrived(event.source().sequence());
    }
    return Accepted();
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

double At(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * part)];
}

// One JSON line; less is better. False where the ratio is above `max`.
bool ReportLatency(
    const std::string& name, const Heard& ours, const Heard& theirs, double part, double max) {
  const double ratio = At(ours.millis, part) / At(theirs.millis, part);
  std::printf(
      "{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"ms\",\"against\":\"the same without telemetry\","
      "\"against_value\":%.2f,\"ratio\":%.2f,",
      name.c_str(),
      At(ours.millis, part),
      At(theirs.millis, part),
      ratio);
  if (max > 0) std::printf("\"floor\":%.1f,\"goal\":%.1f,", max, max);
  std::printf("\"less_is_better\":true}\n");
  return max == 0 || ratio <= max;
}

int Main() {
  const Certificates certificates;
  broker::kafka::KafkaBroker broker({.bootstrap_servers = KafkaAddress(), .client_id = "bench"});
  const FilledTopic telemetry = FillTopic(broker, kTelemetry, kMeters);
  Bench bench(broker, certificates, telemetry);
  bool within = true;
  for (const bool over_line : {false, true}) {
    const std::string name = over_line ? "relay_alert_line" : "relay_alert";
    const Heard idle = bench.Listen(over_line, false);
    const Heard loaded = bench.Listen(over_line, true);
    ReportLatency(name + "_p50", loaded, idle, 0.5, 0);
    within = ReportLatency(name + "_p99", loaded, idle, 0.99, kLoadedMax) && within;
    if (!over_line) continue;
    if (loaded.bytes < kFull * kLine.bytes_per_second * loaded.seconds) {
      Broken(
          base::StrCat("telemetry took ", loaded.bytes / loaded.seconds, " bytes/s of the line"));
    }
    const double wire = loaded.bytes / static_cast<double>(loaded.events);
    std::printf(
        "{\"name\":\"relay_wire\",\"value\":%.1f,\"unit\":\"bytes/event\",\"against\":\"the "
        "event\","
        "\"against_value\":%.0f,\"ratio\":%.3f,\"less_is_better\":true}\n",
        wire,
        telemetry.event_bytes,
        wire / telemetry.event_bytes);
  }
  return within ? 0 : 1;
}

}  // namespace
}  // namespace platen::bench

int main() {
  return platen::bench::Main();
}
