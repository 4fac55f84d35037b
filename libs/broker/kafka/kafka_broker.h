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
