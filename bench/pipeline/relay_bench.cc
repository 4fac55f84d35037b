#include "bench/pipeline/relay_bench.h"

#include <fstream>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "bench/pipeline/bare_kafka.h"
#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/event/headers.h"
#include "libs/tls/openssl_policy.h"
#include "libs/tls/test_ca.h"
#include "tests/support/stub_gateway.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPartitions = 8;

}  // namespace

Certificates::Certificates() {
  if (!tls::InstallOpenSslPolicy().ok()) Broken("no TLS policy");
  std::string pattern = std::filesystem::temp_directory_path() / "platen-bench-XXXXXX";
  directory_ = mkdtemp(pattern.data());
  tls::testing::TestCa ca;
  Write("ca.pem", ca.cert_pem());
  Write("ca.crl", ca.Crl());
  const tls::testing::Leaf leaf = ca.Issue();
  Write("leaf.crt", leaf.cert_pem);
  Write("leaf.key", leaf.key_pem);
}

Certificates::~Certificates() {
  std::filesystem::remove_all(directory_);
}

std::unique_ptr<tls::Credentials> Certificates::Make(const base::Clock& clock) const {
  auto made = tls::Credentials::Create({.files = {.cert_file = directory_ / "leaf.crt",
                                                  .key_file = directory_ / "leaf.key",
                                                  .ca_file = directory_ / "ca.pem",
                                                  .crl_file = directory_ / "ca.crl"}},
                                       clock);
  if (!made.ok()) Broken(made.status().ToString());
  return *std::move(made);
}

void Certificates::Write(const std::string& name, const std::string& content) const {
  std::ofstream(directory_ / name) << content;
}

GatewayProcess::GatewayProcess(const Certificates& certificates) {
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

GatewayProcess::~GatewayProcess() {
  close(stop_);
  waitpid(pid_, nullptr, 0);
}

void GatewayProcess::Serve(const Certificates& certificates, int out, int in) {
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

Stage::Stage()
    : gateway_(certificates_),
      credentials_(certificates_.Make(clock_)),
      channels_(gateway_.target(), *credentials_),
      broker_({.bootstrap_servers = KafkaAddress(), .client_id = "bench"}) {}

std::string MakeTopic(broker::Broker& broker, const std::string& prefix, int partitions) {
  const std::vector<broker::TopicSpec> topics = {
      {.name = base::StrCat(prefix, base::SecureRandom64()), .partitions = partitions}};
  const absl::Status made = broker.EnsureTopics(topics, seconds(60));
  if (!made.ok()) Broken(made.ToString());
  return topics.front().name;
}

FilledTopic FillTopic(broker::Broker& broker, std::uint64_t events, int meters) {
  FilledTopic topic = {.name = MakeTopic(broker, "bench.relay.", kPartitions),
                       .partitions = kPartitions,
                       .events = events};
  const auto publisher = *broker.NewPublisher({.linger = milliseconds(20)});
  double bytes = 0;
  for (std::uint64_t i = 0; i < events;) {
    const event::v1::Event event = MakeMeterEvent(i, meters);
    const std::string value = event.SerializeAsString();
    const Headers made = event::MakeHeaders(event);
    const std::vector<broker::HeaderView> headers = broker::ViewsOf(made);
    const auto partition = static_cast<std::int32_t>(i % kPartitions);
    const auto id = publisher->Publish({.topic = topic.name,
                                        .partition = partition,
                                        .key = event.device_id(),
                                        .value = value,
                                        .headers = headers});
    if (id.ok()) {
      ++i;
      bytes += static_cast<double>(value.size());
    }
    if (!id.ok() || i % 256 == 0) publisher->Poll(milliseconds(id.ok() ? 0 : 1));
  }
  while (publisher->in_flight() > 0) publisher->Poll(milliseconds(10));
  topic.event_bytes = bytes / static_cast<double>(events);
  return topic;
}

class Lane::Strict final : public relay::PipelineObserver {
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

Lane::Lane(broker::Broker& broker,
           const LaneOptions& options,
           relay::edge::GatewayChannels& channels)
    : observer_(std::make_unique<Strict>()), voice_({.instance = "bench", .epoch = 1}) {
  relay::LanePipelineOptions made;
  made.topic = options.topic;
  made.group =
      options.group.empty() ? base::StrCat("bench-relay-", base::SecureRandom64()) : options.group;
  made.route = "default";
  made.core.batch = options.batch;
  relay::edge::GatewayUplinkOptions uplink;
  uplink.compression = options.compression;
  pipeline_ = std::make_unique<relay::LanePipeline>(
      made,
      relay::core::RouteFilter("default", {{"default"}}),
      broker,
      std::make_unique<relay::edge::GatewayUplink>(uplink, channels),
      voice_,
      clock_,
      *observer_);
}

Lane::~Lane() = default;

void Forward(broker::Broker& broker,
             const FilledTopic& topic,
             relay::edge::GatewayChannels& channels,
             ingest::v1::Compression compression,
             const Started& started) {
  Lane lane(broker, {.topic = topic.name, .compression = compression}, channels);
  relay::LanePipeline& pipeline = lane.pipeline();
  if (!pipeline.Open().ok()) Broken("no subscriber");
  while (pipeline.core().totals().received == 0) pipeline.Step(milliseconds(50));
  started();
  while (pipeline.core().totals().delivered < topic.events) pipeline.Step(milliseconds(50));
}

}  // namespace platen::bench
