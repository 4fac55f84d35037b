// What both pipelines are made with, and how they are driven.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "libs/base/time.h"
#include "libs/broker/broker.h"
#include "libs/event/lanes.h"
#include "services/notifier/notifier_metrics.h"

namespace platen::notifier {

// Collaborators outlive the pipelines.
struct PipelineContext {
  broker::Broker& broker;
  const base::Clock& clock;
  NotifierMetrics& metrics;
};

struct PipelineOptions {
  event::Topics topics{""};
  // Prefix of the consumer groups, as of the topics: "platen" makes "platen-notifier-decide".
  std::string group_prefix = "platen";
  std::string instance;
  std::uint64_t epoch = 0;
  std::string version;
};

// A stage with its ends. Thread-confined: one thread, or a simulation, calls all methods.
class Pipeline {
 public:
  virtual ~Pipeline() = default;

  // One turn; waits at most `max_wait` for something to happen. An error passes by itself or stays
  // until an operator acts; either way the next turn tries again.
  virtual absl::Status Step(std::chrono::milliseconds max_wait) = 0;

  // Begins to hand back. Steps go on until is_drained(), or until the caller has no more time.
  virtual void BeginDrain() = 0;
  virtual bool is_drained() const = 0;

  // Leaves the group. No step follows.
  virtual void Close(std::chrono::milliseconds max_wait) = 0;

  // Partitions owned; 0 before the first assignment.
  virtual std::size_t owned() const = 0;
};

}  // namespace platen::notifier
