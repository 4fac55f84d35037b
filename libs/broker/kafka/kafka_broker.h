// The broker contract on librdkafka.
//
// What Platen's promises rest on is fixed here and can't be configured away: idempotent producer
// with acks=all that never gives a record up, cooperative-sticky groups, manual commits, no silent
// jump where retention has eaten a range (conf.h lists it).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "libs/broker/broker.h"
#include "libs/broker/kafka/tls_material.h"

namespace platen::broker::kafka {

struct KafkaOptions {
  // "host:port,…".
  std::string bootstrap_servers;
  // Who speaks, for the broker's logs and quotas. Each handle adds a part that makes it unique.
  std::string client_id = "platen";
  // Additional librdkafka properties (TLS, SASL, sizes). One that is fixed here is
  // kInvalidArgument.
  std::map<std::string, std::string> properties;
  // Set as sasl.password. Never logged.
  std::string sasl_password;
  // What `properties` would name as files; nothing where it does so. A version that is replaced
  // while clients run replaces them, from within their Poll():
  //
  // - A publisher holds new records back while what it has sent is answered (10 s at most; what is
  //   unanswered then is sent again), and goes on with a new session: order per partition stays,
  //   each accepted record still has exactly one Delivery, and nothing is appended twice unless the
  //   broker does not answer.
  // - A member of a group says Revoked for what it owns, commits, leaves the group when that is
  //   released (SubscriberOptions::release_timeout at most), and joins it anew.
  // - A reader of named partitions goes on where it was. An end that was told of is told of again.
  std::shared_ptr<TlsMaterial> tls;
  // Default of PublisherOptions::queue_bytes.
  std::size_t producer_queue_bytes = 64u << 20;
  // Told of connection trouble and warnings in librdkafka's words. Called from any thread, also
  // from library threads; may be empty.
  std::function<void(std::string_view)> log;
  // Whether the process is to stop: then no more than one short try is made to reach a broker that
  // is asked something. Called from the threads that use the clients; may be empty.
  std::function<bool()> stopping;
};

// Whether such a line tells of what every broker's start and every election brings, and what the
// client tries again by itself until it is over: no news for an operator.
bool IsPassing(std::string_view line);

// Whether a client of `options` could be made of these files: they can be read, and the key is that
// of the certificate. kInvalidArgument with librdkafka's words. Blocks for milliseconds.
absl::Status TryTlsFiles(const KafkaOptions& options, TlsFileContents files);

// Thread-safe: clients are independent of each other, and of this object's life.
class KafkaBroker final : public Broker {
 public:
  explicit KafkaBroker(KafkaOptions options) : options_(std::move(options)) {}

  absl::StatusOr<std::unique_ptr<Publisher>> NewPublisher(const PublisherOptions& options) override;
  absl::StatusOr<std::unique_ptr<Subscriber>> NewSubscriber(
      const SubscriberOptions& options) override;
  absl::Status EnsureTopics(std::span<const TopicSpec> topics,
                            std::chrono::milliseconds max_wait) override;

 private:
  const KafkaOptions options_;
};

}  // namespace platen::broker::kafka
