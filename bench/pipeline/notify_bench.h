// What the notifier's benchmarks share: alerts, and the notifier as a process with receivers that
// an HttpSink plays.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "bench/pipeline/http_sink.h"
#include "bench/pipeline/processes.h"
#include "libs/base/real_clock.h"
#include "libs/broker/broker.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/event/sequence.h"
#include "tests/support/child_process.h"

namespace platen::bench {

// The numbers of the alerts of which a webhook's body, or an event's bytes, tell, from 1, each
// once: a digest has many. Empty where there are none of the benchmark's: the notifier says events
// of its own.
std::vector<std::uint64_t> AlertNumbersIn(std::string_view text);

// Topics of their own, and who says alerts there.
class AlertTopics {
 public:
  AlertTopics(int alert_partitions, int partitions);

  const std::string& prefix() const { return prefix_; }

  std::string alerts() const { return prefix_ + ".alerts.v1"; }

  // A jam of a device of its own begins, or is cleared. Does not wait for Kafka.
  void Say(std::uint64_t alert, event::v1::AlertTransition transition);

  void Raise(std::uint64_t alert) { Say(alert, event::v1::ALERT_TRANSITION_RAISED); }

  // Serves the producer for as long as that.
  void Poll(base::Duration time);

  // Waits until Kafka has acknowledged everything.
  void Flush();

 private:
  const std::string prefix_;
  const int alert_partitions_;
  const base::RealClock clock_;
  broker::kafka::KafkaBroker broker_;
  std::unique_ptr<broker::Publisher> publisher_;
  event::Sequencer sequencer_;
};

// The notifier as a process, which is started: every receiver of the sink is told of every alert,
// by webhook.
class NotifierProcess {
 public:
  // `program`: path of platen-notifier.
  NotifierProcess(const std::string& program,
                  const AlertTopics& topics,
                  const HttpSink& sink,
                  std::size_t receivers,
                  const std::string& timeout = "10s");

  pid_t pid() const { return process_->pid(); }

  // Its state outlives it.
  void Start();
  // kill -9.
  void Kill();

 private:
  const std::string program_;
  testing_support::TemporaryDirectory directory_;
  std::unique_ptr<testing_support::ChildProcess> process_;
};

}  // namespace platen::bench
