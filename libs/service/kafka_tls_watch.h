// Kafka clients whose certificate may be replaced while the service runs.
//
// librdkafka reads its TLS files when a client is made. Here they are read instead, checked as a
// whole, handed to the clients as bytes, and looked at again at an interval; what is found good
// then is handed on, and each client replaces itself (libs/broker/kafka/kafka_broker.h says what
// that means). Half-written files, and a key that is not the certificate's, change nothing.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "platen/config/v1/common.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/service/metrics.h"

namespace platen::service {

// Tells in metrics and log which certificate counts, and which one each client uses. Thread-safe;
// one thread of its own where there is something to watch.
class KafkaTlsWatch {
 public:
  // Takes the files that `options` names over into options.tls. Errors: what ReadFile() says of a
  // file, kInvalidArgument where no client can be made of them. `metrics` and `clock` must outlive
  // the result, which need not outlive the clients.
  static absl::StatusOr<std::unique_ptr<KafkaTlsWatch>> Start(const config::v1::Kafka& config,
                                                              broker::kafka::KafkaOptions& options,
                                                              Metrics& metrics,
                                                              const base::Clock& clock);
  ~KafkaTlsWatch();
  KafkaTlsWatch(const KafkaTlsWatch&) = delete;
  KafkaTlsWatch& operator=(const KafkaTlsWatch&) = delete;

  // What the thread does at each interval. Answers why the former files stay, if they do.
  absl::Status LookNow();

 private:
  using Contents = broker::kafka::TlsFileContents;

  KafkaTlsWatch(std::map<std::string, std::string> files,
                Metrics& metrics,
                const base::Clock& clock);

  absl::Status TakeOverChanges();
  absl::StatusOr<Contents> Read() const;
  absl::Status Check(const Contents& contents) const;
  void ShowExpiry(const Contents& contents);
  void Loop(base::Duration interval);

  // By property.
  const std::map<std::string, std::string> files_;
  const base::Clock& clock_;
  Gauge& expiry_;
  Counter& taken_;
  Counter& refused_;
  broker::kafka::KafkaOptions tried_with_;
  std::shared_ptr<broker::kafka::TlsMaterial> material_;

  std::mutex look_mutex_;  // One look at a time; guards what follows.
  Contents contents_;
  absl::Status trouble_;  // As last told: once, not at each interval.

  std::mutex stop_mutex_;
  std::condition_variable stop_changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace platen::service
