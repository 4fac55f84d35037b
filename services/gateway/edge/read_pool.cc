#include "services/gateway/edge/read_pool.h"

#include <utility>

#include "libs/base/status.h"

namespace platen::gateway::edge {

absl::StatusOr<std::unique_ptr<ReadPool>> ReadPool::Start(const Store& store, std::size_t threads) {
  std::unique_ptr<ReadPool> pool(new ReadPool());
  for (std::size_t i = 0; i < threads; ++i) {
    PLATEN_ASSIGN_OR_RETURN(pool->readers_.emplace_back(), store.OpenReader());
  }
  for (const std::unique_ptr<Reader>& reader : pool->readers_) {
    pool->threads_.emplace_back([raw = pool.get(), &reader] { raw->Loop(*reader); });
  }
  return pool;
}

ReadPool::~ReadPool() {
  Stop();
}

absl::Status ReadPool::Submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return base::Unavailable("the gateway is stopping");
    if (!jobs_.Push(std::move(job))) {
      return base::ResourceExhausted(kQueueMax, " questions wait already; try again later");
    }
  }
  wake_.notify_one();
  return absl::OkStatus();
}

void ReadPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ReadPool::Loop(Reader& reader) {
  while (true) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const Job job = jobs_.Pop();
    lock.unlock();
    job(reader);
  }
}

}  // namespace platen::gateway::edge
