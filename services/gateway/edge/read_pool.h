// Threads that ask the store, each with a connection of its own, so that no thread of gRPC waits
// for the disk.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/flow/bounded_queue.h"
#include "services/gateway/edge/reader.h"
#include "services/gateway/edge/store.h"

namespace platen::gateway::edge {

// Thread-safe.
class ReadPool {
 public:
  using Job = std::function<void(Reader&)>;

  static constexpr std::size_t kQueueMax = 1024;

  static absl::StatusOr<std::unique_ptr<ReadPool>> Start(const Store& store, std::size_t threads);
  ~ReadPool();  // Stops.

  // kResourceExhausted where 1024 jobs wait, kUnavailable after Stop().
  absl::Status Submit(Job job);

  // Finishes what waits. Idempotent.
  void Stop();

 private:
  ReadPool() = default;
  void Loop(Reader& reader);

  std::mutex mutex_;
  std::condition_variable wake_;
  flow::BoundedQueue<Job> jobs_{kQueueMax};
  bool stopping_ = false;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::thread> threads_;
};

}  // namespace platen::gateway::edge
