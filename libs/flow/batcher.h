// When a batch is full: by bytes, by count, by age.
#pragma once

#include <cstddef>
#include <optional>

#include "libs/base/time.h"

namespace platen::flow {

struct BatchLimits {
  std::size_t bytes_max = 1u << 20;
  std::size_t items_max = 1000;
  // How long the first item may wait. Zero: it does not wait.
  base::Duration age_max{0};
};

// Measures the batch that is being filled; what is in it is its owner's. Thread-confined.
class Batcher {
 public:
  explicit Batcher(const BatchLimits& limits) : limits_(limits) {}

  // Whether an item of `bytes` goes into this batch. An empty batch takes any item, however large.
  bool Fits(std::size_t bytes) const {
    return items_ == 0 || (items_ < limits_.items_max && bytes_ + bytes <= limits_.bytes_max);
  }

  void Add(base::MonotonicTime now, std::size_t bytes) {
    if (items_++ == 0) first_at_ = now;
    bytes_ += bytes;
  }

  // No further item of any size is worth waiting for.
  bool full() const { return items_ >= limits_.items_max || bytes_ >= limits_.bytes_max; }

  // Full, or its first item has waited long enough.
  bool Due(base::MonotonicTime now) const {
    return items_ > 0 && (full() || now >= first_at_ + limits_.age_max);
  }

  // When it is due by age; none while it is empty.
  std::optional<base::MonotonicTime> due_at() const {
    if (items_ == 0) return std::nullopt;
    return first_at_ + limits_.age_max;
  }

  // Begins the next batch.
  void Clear() {
    items_ = 0;
    bytes_ = 0;
  }

  std::size_t items() const { return items_; }

  std::size_t bytes() const { return bytes_; }

 private:
  const BatchLimits limits_;
  std::size_t items_ = 0;
  std::size_t bytes_ = 0;
  base::MonotonicTime first_at_;
};

}  // namespace platen::flow
