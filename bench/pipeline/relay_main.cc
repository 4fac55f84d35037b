// The relay's way of an event, Kafka to a gateway that discards it, over mutual TLS with commits
// after the answers: with zstd level 1 beside a bare consumer that only counts, and without
// compression beside the slower of that and a bare stream that sends batches which are ready.
#include <algorithm>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "platen/ingest/v1/ingest.grpc.pb.h"

#include "bench/pipeline/bare_kafka.h"
#include "bench/pipeline/relay_bench.h"

namespace platen::bench {
namespace {

constexpr int kRounds = 5;
constexpr std::uint64_t kEvents = 800'000;
constexpr int kMeters = 8;
constexpr std::uint64_t kBatchEvents = 1000;

// Sends as many events as the topic has in batches made beforehand, as many at a time as the
// gateway's window allows.
void SendReady(relay::edge::GatewayChannels& channels, const Started& started) {
  ingest::v1::BatchPayload payload;
  for (std::uint64_t i = 0; i < kBatchEvents; ++i) {
    MakeMeterEvent(i, kMeters).SerializeToString(payload.add_events());
  }
  ingest::v1::ExchangeRequest request;
  ingest::v1::Batch& batch = *request.mutable_batch();
  batch.set_compression(ingest::v1::COMPRESSION_NONE);
  batch.set_events(kBatchEvents);
  payload.SerializeToString(batch.mutable_payload());
  batch.set_payload_bytes(static_cast<std::uint32_t>(batch.payload().size()));
  const auto stub = ingest::v1::IngestService::NewStub(channels.NewChannel());
  grpc::ClientContext context;
  const auto stream = stub->Exchange(&context);
  ingest::v1::ExchangeRequest hello;
  hello.mutable_hello()->set_lane(event::v1::LANE_TELEMETRY);
  ingest::v1::ExchangeResponse response;
  if (!stream->Write(hello) || !stream->Read(&response) || !response.has_welcome()) {
    Broken("the gateway does not welcome a bare stream");
  }
  const std::uint64_t window = response.welcome().window_batches();
  started();
  std::uint64_t sent = 0;
  for (std::uint64_t answered = 0; answered < kEvents / kBatchEvents; ++answered) {
    for (; sent < std::min(answered + window, kEvents / kBatchEvents); ++sent) {
      batch.set_number(sent + 1);
      if (!stream->Write(request)) Broken("a bare stream was ended");
    }
    if (!stream->Read(&response)) Broken("a bare stream was ended");
  }
  stream->WritesDone();
  stream->Finish();
}

double Mean(const std::vector<Cost>& costs) {
  double sum = 0;
  for (const Cost& cost : costs) sum += cost.wall_micros;
  return sum / static_cast<double>(costs.size());
}

int Main() {
  Stage stage;
  const FilledTopic topic = FillTopic(stage.broker(), kEvents, kMeters);
  CountRecords(KafkaAddress(), topic.name, topic.partitions, kEvents, [] {});  // Warms up.

  std::vector<Cost> bare;
  std::vector<Cost> ready;
  std::vector<Cost> zstd;
  std::vector<Cost> plain;
  for (int round = 0; round < kRounds; ++round) {
    bare.push_back(Measure(kEvents, [&](const Started& started) {
      CountRecords(KafkaAddress(), topic.name, topic.partitions, kEvents, started);
    }));
    zstd.push_back(Measure(kEvents, [&](const Started& started) {
      Forward(stage.broker(), topic, stage.channels(), ingest::v1::COMPRESSION_ZSTD, started);
    }));
    ready.push_back(
        Measure(kEvents, [&](const Started& started) { SendReady(stage.channels(), started); }));
    plain.push_back(Measure(kEvents, [&](const Started& started) {
      Forward(stage.broker(), topic, stage.channels(), ingest::v1::COMPRESSION_NONE, started);
    }));
  }
  const bool above = ReportCosts("relay",
                                 zstd,
                                 bare,
                                 "bare librdkafka consumer, counting",
                                 {.floor = 0.4, .goal = 0.4},
                                 {.floor = 0.2, .goal = 0.2});
  const bool sink_is_slower = Mean(ready) > Mean(bare);
  Report({"relay_ready_batches",
          "events/s",
          Rates(ready, &Cost::wall_micros),
          Rates(bare, &Cost::wall_micros),
          "bare consumer",
          {}});
  const bool above_plain = Report(
      {"relay_plain",
       "events/s",
       Rates(plain, &Cost::wall_micros),
       Rates(sink_is_slower ? ready : bare, &Cost::wall_micros),
       sink_is_slower ? "bare gRPC stream of ready batches" : "bare librdkafka consumer, counting",
       {.floor = 0.4, .goal = 0.7}});
  return above && above_plain ? 0 : 1;
}

}  // namespace
}  // namespace platen::bench

int main() {
  return platen::bench::Main();
}
