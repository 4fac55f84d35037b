// What the relay's benchmarks share: both sides of mutual TLS, a gateway that stores nothing in a
// process of its own, a topic full of events, and a lane of the relay that forwards them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <sys/types.h>

#include "platen/ingest/v1/ingest.pb.h"

#include "bench/pipeline/kafka_bench.h"
#include "libs/base/real_clock.h"
#include "libs/broker/broker.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/tls/credentials.h"
#include "services/relay/edge/gateway_uplink.h"
#include "services/relay/edge/tls_channels.h"
#include "services/relay/lane_pipeline.h"

namespace platen::bench {

// Certificates for both sides, in a directory that goes with it. REQUIRES: OpenSSL was not used
// yet.
class Certificates {
 public:
  Certificates();
  ~Certificates();

  std::unique_ptr<tls::Credentials> Make(const base::Clock& clock) const;

 private:
  void Write(const std::string& name, const std::string& content) const;

  std::filesystem::path directory_;
};

// The gateway's stub in a child process, which ends with this object: so that the CPU time measured
// is the relay's. REQUIRES: this process has no threads yet.
class GatewayProcess {
 public:
  explicit GatewayProcess(const Certificates& certificates);
  ~GatewayProcess();

  const std::string& target() const { return target_; }

 private:
  [[noreturn]] static void Serve(const Certificates& certificates, int out, int in);

  pid_t pid_ = -1;
  int stop_ = -1;
  std::string target_;
};

// Kafka, the relay's way to a gateway process, and what both need. REQUIRES: this process has no
// threads yet.
class Stage {
 public:
  Stage();

  broker::Broker& broker() { return broker_; }

  relay::edge::GatewayChannels& channels() { return channels_; }

 private:
  const Certificates certificates_;
  const GatewayProcess gateway_;
  const base::RealClock clock_;
  const std::unique_ptr<tls::Credentials> credentials_;
  relay::edge::TlsChannels channels_;
  broker::kafka::KafkaBroker broker_;
};

// Makes a topic whose name begins like this. Returns its name.
std::string MakeTopic(broker::Broker& broker, const std::string& prefix, int partitions);

// A topic of its own, with `events` readings of `meters` meters each, headers and all.
struct FilledTopic {
  std::string name;
  int partitions = 0;
  std::uint64_t events = 0;
  double event_bytes = 0;  // The mean, headers apart.
};

FilledTopic FillTopic(broker::Broker& broker, std::uint64_t events, int meters);

struct LaneOptions {
  std::string topic;
  std::string group = {};  // Empty: one of its own.
  ingest::v1::Compression compression = ingest::v1::COMPRESSION_ZSTD;
  flow::BatchLimits batch = {
      .bytes_max = 1u << 20, .items_max = 1000, .age_max = std::chrono::milliseconds(200)};
};

// A lane of the relay. Any trouble breaks the run.
class Lane {
 public:
  Lane(broker::Broker& broker, const LaneOptions& options, relay::edge::GatewayChannels& channels);
  ~Lane();

  relay::LanePipeline& pipeline() { return *pipeline_; }

 private:
  class Strict;

  const base::RealClock clock_;
  std::unique_ptr<Strict> observer_;
  relay::edge::Voice voice_;
  std::unique_ptr<relay::LanePipeline> pipeline_;
};

// Forwards everything with a consumer group of its own, until the gateway has it. `started` is
// called at the first record.
void Forward(broker::Broker& broker,
             const FilledTopic& topic,
             relay::edge::GatewayChannels& channels,
             ingest::v1::Compression compression,
             const Started& started);

}  // namespace platen::bench
