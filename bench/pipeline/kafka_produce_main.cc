// Events into Kafka: ours, from the message to the delivery (encode, headers, partition, publish),
// beside a bare librdkafka loop that produces the same record, ready made, with the same durability
// and linger. The same record has the same fourteen headers, which cost librdkafka an allocation
// each; a third loop puts as many bytes into the value instead, to show what headers cost at all.
// That figure has no floor: what it compares are different records.
#include <cstdio>
#include <vector>

#include "bench/pipeline/bare_kafka.h"
#include "bench/pipeline/kafka_bench.h"
#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/event/headers.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;

constexpr int kRounds = 5;
constexpr std::uint64_t kEvents = 60'000;
constexpr std::uint64_t kWarmUp = 10'000;
constexpr int kPartitions = 8;
constexpr milliseconds kLinger{20};

void PublishEvent(broker::Publisher& publisher,
                  const std::string& topic,
                  const event::v1::Event& event) {
  const std::string value = event.SerializeAsString();
  const auto made = event::MakeHeaders(event);
  const std::vector<broker::HeaderView> headers = broker::ViewsOf(made);
  const broker::OutgoingRecord record = {
      .topic = topic,
      .partition = broker::PartitionFor(event.device_id(), kPartitions),
      .key = event.device_id(),
      .value = value,
      .headers = headers};
  while (true) {
    const auto id = publisher.Publish(record);
    if (id.ok()) return;
    if (!absl::IsResourceExhausted(id.status())) Broken(id.status().ToString());
    publisher.Poll(milliseconds(1));
  }
}

void Publish(broker::Publisher& publisher,
             const std::string& topic,
             event::v1::Event& event,
             std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    event.mutable_source()->set_sequence(i);
    PublishEvent(publisher, topic, event);
    if (i % 256 == 0) publisher.Poll(milliseconds(0));
  }
  while (publisher.in_flight() > 0) publisher.Poll(milliseconds(10));
}

int Main() {
  broker::kafka::KafkaBroker broker({.bootstrap_servers = KafkaAddress(), .client_id = "bench"});
  const std::string topic = base::StrCat("bench.produce.", base::SecureRandom64());
  const std::vector<broker::TopicSpec> topics = {{.name = topic, .partitions = kPartitions}};
  const absl::Status made = broker.EnsureTopics(topics, std::chrono::seconds(60));
  if (!made.ok()) Broken(made.ToString());
  const auto publisher = *broker.NewPublisher({.linger = kLinger});
  BareProducer bare(KafkaAddress(), static_cast<int>(kLinger.count()));
  event::v1::Event event = MakeMeterEvent(1);
  const std::string value = event.SerializeAsString();
  const Headers headers = event::MakeHeaders(event);
  std::size_t header_bytes = 0;
  for (const auto& [name, text] : headers) header_bytes += name.size() + text.size();
  const std::string as_large = value + std::string(header_bytes, 'h');
  const auto run_bare = [&](std::uint64_t count) {
    bare.Run(topic, kPartitions, count, value, headers);
  };

  Publish(*publisher, topic, event, kWarmUp);
  run_bare(kWarmUp);
  std::vector<Cost> ours;
  std::vector<Cost> theirs;
  std::vector<Cost> headerless;
  for (int round = 0; round < kRounds; ++round) {
    theirs.push_back(Measure(kEvents, [&](const Started&) { run_bare(kEvents); }));
    headerless.push_back(Measure(kEvents, [&](const Started&) {
      bare.Run(topic, kPartitions, kEvents, as_large, Headers());
    }));
    ours.push_back(
        Measure(kEvents, [&](const Started&) { Publish(*publisher, topic, event, kEvents); }));
  }
  const bool above = ReportCosts("kafka_produce",
                                 ours,
                                 theirs,
                                 "bare librdkafka producer",
                                 {.floor = 0.6, .goal = 0.8},
                                 {.floor = 0.5, .goal = 0.71});
  ReportCosts("kafka_produce_bytes",
              ours,
              headerless,
              "bare librdkafka producer, as many bytes without headers",
              {},
              {});
  return above ? 0 : 1;
}

}  // namespace
}  // namespace platen::bench

int main() {
  return platen::bench::Main();
}
