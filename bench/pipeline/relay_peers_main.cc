// The relay's CPU time an event beside that of the OpenTelemetry Collector (Kafka to OTLP, zstd)
// and of Telegraf (Kafka to HTTP), which bench/peers/setup builds. Each reads a topic of its own
// that is full before it starts. The relay has mutual TLS; its peers have none.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "absl/strings/str_replace.h"
#include "bench/pipeline/bare_kafka.h"
#include "bench/pipeline/processes.h"
#include "bench/pipeline/relay_bench.h"
#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "tests/support/child_process.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::ChildProcess;

constexpr int kRounds = 3;
constexpr int kMeters = 2;
constexpr std::uint64_t kEvents = 900'000;
constexpr std::uint64_t kJsonRecords = 300'000;
constexpr seconds kPatience{300};
constexpr int kSkipped = 77;  // As test programs say it.

// What a consumer group has committed, asked without joining it.
class GroupOffsets {
 public:
  GroupOffsets(const std::string& group, FilledTopic topic) : topic_(std::move(topic)) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char error[256];
    rd_kafka_conf_set(conf, "bootstrap.servers", KafkaAddress().c_str(), error, sizeof error);
    rd_kafka_conf_set(conf, "group.id", group.c_str(), error, sizeof error);
    handle_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    if (handle_ == nullptr) Broken(error);
  }

  ~GroupOffsets() { rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); }

  // Records of the whole topic; 0 while the group does not exist.
  std::uint64_t Ask() const {
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(topic_.partitions);
    for (int p = 0; p < topic_.partitions; ++p) {
      rd_kafka_topic_partition_list_add(list, topic_.name.c_str(), p);
    }
    std::uint64_t sum = 0;
    if (rd_kafka_committed(handle_, list, 5'000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      for (int p = 0; p < list->cnt; ++p) {
        sum += static_cast<std::uint64_t>(std::max<std::int64_t>(0, list->elems[p].offset));
      }
    }
    rd_kafka_topic_partition_list_destroy(list);
    return sum;
  }

 private:
  const FilledTopic topic_;
  rd_kafka_t* handle_ = nullptr;
};

// A peer's configuration with its values filled in.
std::string Configure(const std::filesystem::path& templates,
                      const std::string& name,
                      const std::filesystem::path& directory,
                      const std::vector<std::pair<std::string, std::string>>& values) {
  std::ifstream in(templates / base::StrCat(name, ".in"));
  if (!in) Broken(base::StrCat(templates.string(), "/", name, ".in can't be read"));
  std::ostringstream text;
  text << in.rdbuf();
  const std::filesystem::path out = directory / name;
  std::ofstream(out) << absl::StrReplaceAll(text.str(), values);
  return out;
}

// CPU microseconds an event, from its first commit to its last.
double CostOf(const ChildProcess& peer, const std::string& group, const FilledTopic& topic) {
  const GroupOffsets offsets(group, topic);
  const base::RealClock clock;
  const base::MonotonicTime deadline = clock.Now() + kPatience;
  std::uint64_t first = 0;
  double cpu = 0;
  while (true) {
    const std::uint64_t now = offsets.Ask();
    if (first == 0 && now > 0) {
      first = now;
      cpu = CpuMicrosOf(peer.pid());
    }
    if (now >= topic.events) break;
    if (clock.Now() > deadline) Broken(base::StrCat("a peer is at ", now, " of ", topic.events));
    std::this_thread::sleep_for(milliseconds(20));
  }
  if (first * 2 > topic.events) Broken("a peer was done too soon to be measured");
  return (CpuMicrosOf(peer.pid()) - cpu) / static_cast<double>(topic.events - first);
}

// The same JSON record again and again, about as large as the event.
FilledTopic FillJson(broker::Broker& broker, int partitions) {
  const FilledTopic topic = {.name = MakeTopic(broker, "bench.json.", partitions),
                             .partitions = partitions,
                             .events = kJsonRecords};
  const std::string record =
      R"({"device":"6464646464646464","site":"headquarters","tenant":"acme","vendor":"brother",)"
      R"("sequence":4711,"scheduled":490896,"total":8387,"color":1217,"rule":)"
      R"("printer-mib/prtMarkerLifeCount","oid":"1.3.6.1.2.1.43.10.2.1.4.1.1","unit":"impressions"})";
  BareProducer(KafkaAddress(), 20).Run(topic.name, partitions, kJsonRecords, record, {});
  return topic;
}

struct Peers {
  std::filesystem::path programs;
  std::filesystem::path templates;
};

double OpenTelemetry(const Peers& peers, const FilledTopic& topic) {
  const testing_support::TemporaryDirectory directory;
  const std::string port = std::to_string(FreePort());
  const std::string group = base::StrCat("bench-otelcol-", base::SecureRandom64());
  const std::vector<std::pair<std::string, std::string>> values = {
      {"@KAFKA@", KafkaAddress()}, {"@TOPIC@", topic.name}, {"@GROUP@", group}, {"@SINK@", port}};
  const std::string program = peers.programs / "otelcol";
  const auto start = [&](const std::string& name) {
    return std::vector<std::string>{
        program, "--config", Configure(peers.templates, name, directory.path(), values)};
  };
  const ChildProcess sink(start("otelcol-sink.yaml"), directory.File("sink.log"));
  const ChildProcess peer(start("otelcol.yaml"), directory.File("peer.log"));
  return CostOf(peer, group, topic);
}

double Telegraf(const Peers& peers, const FilledTopic& topic) {
  const testing_support::TemporaryDirectory directory;
  const std::string port = std::to_string(FreePort());
  const std::string group = base::StrCat("bench-telegraf-", base::SecureRandom64());
  const ChildProcess sink({peers.templates / "http-sink", port}, directory.File("sink.log"));
  const std::string config = Configure(
      peers.templates,
      "telegraf.conf",
      directory.path(),
      {{"@KAFKA@", KafkaAddress()}, {"@TOPIC@", topic.name}, {"@GROUP@", group}, {"@SINK@", port}});
  const ChildProcess peer({peers.programs / "telegraf", "--config", config},
                          directory.File("peer.log"));
  return CostOf(peer, group, topic);
}

bool ReportAgainst(const std::string& name,
                   const std::vector<double>& ours,
                   const std::vector<double>& theirs,
                   const std::string& against,
                   const Bound& bound) {
  const auto rates = [](std::vector<double> micros) {
    for (double& each : micros) each = 1e6 / each;
    return micros;
  };
  return Report({name, "events/cpu-s", rates(ours), rates(theirs), against, bound});
}

int Main(const Peers& peers) {
  if (!exists(peers.programs / "otelcol") || !exists(peers.programs / "telegraf")) {
    std::fprintf(stderr, "relay_peers: a peer is missing, and left out: bench/peers/setup\n");
    if (!exists(peers.programs / "otelcol")) return kSkipped;
  }
  Stage stage;
  const FilledTopic topic = FillTopic(stage.broker(), kEvents, kMeters);
  const FilledTopic json = FillJson(stage.broker(), topic.partitions);
  std::fprintf(stderr, "an event has %.0f bytes\n", topic.event_bytes);

  std::vector<double> ours;
  std::vector<double> otelcol;
  std::vector<double> telegraf;
  for (int round = 0; round < kRounds; ++round) {
    ours.push_back(
        Measure(kEvents, [&](const Started& started) {
          Forward(stage.broker(), topic, stage.channels(), ingest::v1::COMPRESSION_ZSTD, started);
        }).cpu_micros);
    otelcol.push_back(OpenTelemetry(peers, topic));
    if (exists(peers.programs / "telegraf")) telegraf.push_back(Telegraf(peers, json));
  }
  const bool above = ReportAgainst("relay_otelcol",
                                   ours,
                                   otelcol,
                                   "OpenTelemetry Collector, Kafka to OTLP, zstd, no TLS",
                                   {.floor = 3, .goal = 4});
  if (!telegraf.empty()) {
    ReportAgainst("relay_telegraf", ours, telegraf, "Telegraf, Kafka to HTTP, JSON, no TLS", {});
  }
  return above ? 0 : 1;
}

}  // namespace
}  // namespace platen::bench

// Where the peers are, and their configurations.
int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: relay_peers build/peers bench/peers\n");
    return 2;
  }
  return platen::bench::Main({argv[1], argv[2]});
}
