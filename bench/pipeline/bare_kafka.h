// The barest programs on librdkafka that do the same: what our adapters are measured against.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platen::bench {

using Headers = std::vector<std::pair<std::string, std::string>>;

// A producer with our durability (idempotent, acks=all) and the same linger, given records that are
// ready. Thread-confined.
class BareProducer {
 public:
  BareProducer(const std::string& address, int linger_ms);
  ~BareProducer();

  // Produces the same record `count` times over the partitions, and waits for the deliveries.
  void Run(const std::string& topic,
           int partitions,
           std::uint64_t count,
           const std::string& value,
           const Headers& headers);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads a topic from the beginning and counts `count` records by rd_kafka_consume_batch_queue().
// `started` is called at the first.
void CountRecords(const std::string& address,
                  const std::string& topic,
                  int partitions,
                  std::uint64_t count,
                  const std::function<void()>& started);

// Reads a topic's first partition from its beginning on a thread of its own, until it ends, and
// shows each value there.
class BareReader {
 public:
  BareReader(const std::string& address,
             const std::string& topic,
             std::function<void(std::string_view)> on_value);
  ~BareReader();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace platen::bench
