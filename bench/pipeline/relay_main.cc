// The relay's way of an event, Kafka to a gateway that discards it: mutual TLS, zstd level 1,
// commits after the answers; beside a bare consumer that only counts. The gateway runs in a process
// of its own, so that the CPU time measured is the relay's.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "bench/pipeline/bare_kafka.h"
#include "bench/pipeline/kafka_bench.h"
#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/event/headers.h"
#include "libs/tls/credentials.h"
#include "libs/tls/openssl_policy.h"
#include "libs/tls/test_ca.h"
#include "services/relay/edge/gateway_uplink.h"
#include "services/relay/edge/tls_channels.h"
#include "services/relay/lane_pipeline.h"
#include "tests/support/stub_gateway.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kRounds = 5;
constexpr std::uint64_t kEvents = 200'000;
constexpr int kPartitions = 8;

// Certificates for both sides, in a directory that goes with it.
class Certificates {
 public:
  Certificates() {
    std::string pattern = std::filesystem::temp_directory_path() / "platen-bench-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    tls::testing::TestCa ca;
    Write("ca.pem", ca.cert_pem());
    Write("ca.crl", ca.Crl());
    const tls::testing::Leaf leaf = ca.Issue();
    Write("leaf.crt", leaf.cert_pem);
    Write("leaf.key", leaf.key_pem);
  }

  ~Certificates() { std::filesystem::remove_all(directory_); }

  std::unique_ptr<tls::Credentials> Make(const base::Clock& clock) const {
    auto made = tls::Credentials::Create({.files = {.cert_file = directory_ / "leaf.crt",
                                                    .key_file = directory_ / "leaf.key",
                                                    .ca_file = directory_ / "ca.pem",
                                                    .crl_file = directory_ / "ca.crl"}},
                                         clock);
    if (!made.ok()) Broken(made.status().ToString());
    return *std::move(made);
  }

 private:
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ / name) << content;
  }

  std::filesystem::path directory_;
};

// The gateway's stub in a child process, which ends with this object.
class GatewayProcess {
 public:
  explicit GatewayProcess(const Certificates& certificates) {
    int to_parent[2];
    int to_child[2];
    if (pipe(to_parent) != 0 || pipe(to_child) != 0) Broken("no pipe");
    pid_ = fork();
    if (pid_ == 0) {
      close(to_child[1]);
      Serve(certificates, to_parent[1], to_child[0]);
    }
    close(to_child[0]);
    close(to_parent[1]);
    stop_ = to_child[1];
    char target[64] = {};
    if (read(to_parent[0], target, sizeof target - 1) <= 0) Broken("the gateway did not start");
    close(to_parent[0]);
    target_ = target;
  }

  ~GatewayProcess() {
    close(stop_);
    waitpid(pid_, nullptr, 0);
  }

  const std::string& target() const { return target_; }

 private:
  [[noreturn]] static void Serve(const Certificates& certificates, int out, int in) {
    const base::RealClock clock;
    const auto credentials = certificates.Make(clock);
    {
      testing::StubGateway gateway({}, credentials->ForServer());
      const std::string target = gateway.target();
      if (write(out, target.data(), target.size()) < 0) _exit(1);
      char end = 0;
      while (read(in, &end, 1) > 0) {
      }
    }
    _exit(0);
  }

  pid_t pid_ = -1;
  int stop_ = -1;
  std::string target_;
};

class Counter final : public relay::PipelineObserver {
 public:
  void OnState(const relay::core::RelayTotals&, const State&) override {}

  void OnBatchSent(std::size_t, std::size_t) override {}

  void OnStreamUp(const std::string&) override {}

  void OnStreamDown(const relay::edge::GatewayTrouble& trouble, bool /*lasted*/) override {
    Broken(trouble.status.ToString());
  }

  void OnCommit(const absl::Status&) override {}

  void OnDirective(std::uint64_t, const absl::Status&) override {}

  void OnGap(const broker::OutOfRange&) override { Broken("a gap"); }

  void OnTrouble(const absl::Status& trouble) override {
    if (!trouble.ok()) Broken(trouble.ToString());
  }
};

void Fill(broker::Broker& broker, const std::string& topic) {
  const auto publisher = *broker.NewPublisher({.linger = milliseconds(20)});
  for (std::uint64_t i = 0; i < kEvents;) {
    const event::v1::Event event = MakeMeterEvent(i);
    const std::string value = event.SerializeAsString();
    const Headers made = event::MakeHeaders(event);
    std::vector<broker::HeaderView> headers;
    for (const auto& [name, text] : made) headers.push_back({name, text});
    const auto partition = static_cast<std::int32_t>(i % kPartitions);
    const auto id = publisher->Publish({.topic = topic,
                                        .partition = partition,
                                        .key = event.device_id(),
                                        .value = value,
                                        .headers = headers});
    if (id.ok()) ++i;
    if (!id.ok() || i % 256 == 0) publisher->Poll(milliseconds(id.ok() ? 0 : 1));
  }
  while (publisher->in_flight() > 0) publisher->Poll(milliseconds(10));
}

// Forwards everything with a group of its own, until the gateway has it.
void Forward(broker::Broker& broker,
             const std::string& topic,
             relay::edge::GatewayChannels& channels,
             const Started& started) {
  const base::RealClock clock;
  Counter counter;
  relay::edge::Voice voice({.instance = "bench", .epoch = 1});
  relay::LanePipelineOptions options;
  options.topic = topic;
  options.group = base::StrCat("bench-relay-", base::SecureRandom64());
  options.route = "default";
  options.core.batch = {.bytes_max = 1u << 20, .items_max = 1000, .age_max = milliseconds(200)};
  relay::LanePipeline pipeline(
      options,
      relay::core::RouteFilter("default", {{"default"}}),
      broker,
      std::make_unique<relay::edge::GatewayUplink>(relay::edge::GatewayUplinkOptions(), channels),
      voice,
      clock,
      counter);
  if (!pipeline.Open().ok()) Broken("no subscriber");
  while (pipeline.core().totals().received == 0) pipeline.Step(milliseconds(50));
  started();
  while (pipeline.core().totals().delivered < kEvents) pipeline.Step(milliseconds(50));
}

int Main() {
  if (!tls::InstallOpenSslPolicy().ok()) Broken("no TLS policy");
  const Certificates certificates;
  const GatewayProcess gateway(certificates);  // Before this process has threads.
  const base::RealClock clock;
  const auto credentials = certificates.Make(clock);
  relay::edge::TlsChannels channels(gateway.target(), *credentials);
  broker::kafka::KafkaBroker broker({.bootstrap_servers = KafkaAddress(), .client_id = "bench"});
  const std::string topic = base::StrCat("bench.relay.", base::SecureRandom64());
  const std::vector<broker::TopicSpec> topics = {{.name = topic, .partitions = kPartitions}};
  const absl::Status made = broker.EnsureTopics(topics, seconds(60));
  if (!made.ok()) Broken(made.ToString());
  Fill(broker, topic);
  CountRecords(KafkaAddress(), topic, kPartitions, kEvents, [] {});  // Warm up, and forget.

  std::vector<Cost> bare;
  std::vector<Cost> zstd;
  for (int round = 0; round < kRounds; ++round) {
    bare.push_back(Measure(kEvents, [&](const Started& started) {
      CountRecords(KafkaAddress(), topic, kPartitions, kEvents, started);
    }));
    zstd.push_back(Measure(
        kEvents, [&](const Started& started) { Forward(broker, topic, channels, started); }));
  }
  const bool above = ReportCosts("relay",
                                 zstd,
                                 bare,
                                 "bare librdkafka consumer, counting",
                                 {.floor = 0.2, .goal = 0.4},
                                 {.floor = 0.1, .goal = 0.2});
  return above ? 0 : 1;
}

}  // namespace
}  // namespace platen::bench

int main() {
  return platen::bench::Main();
}
