// A queue that refuses what it has no room for, so that its owner can say so to whoever asked.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>

namespace platen::flow {

// First in, first out. What an element weighs (1, or its bytes) is said when it is pushed.
// Thread-compatible: whoever shares it brings the lock.
template <class T>
class BoundedQueue {
 public:
  // `weight_max`: what all elements may weigh together.
  explicit BoundedQueue(std::size_t weight_max) : weight_max_(weight_max) {}

  // False where it is full; `element` is then untouched. An empty queue takes an element of any
  // weight: one that is heavier than the whole queue is taken alone rather than never.
  bool Push(T&& element, std::size_t weight = 1) {
    if (!elements_.empty() && (weight > weight_max_ || weight_ > weight_max_ - weight))
      return false;
    elements_.emplace_back(std::move(element), weight);
    weight_ += weight;
    return true;
  }

  // The next one. REQUIRES: !empty().
  const T& front() const { return elements_.front().first; }

  // Takes out the next one. REQUIRES: !empty().
  T Pop() {
    T element = std::move(elements_.front().first);
    weight_ -= elements_.front().second;
    elements_.pop_front();
    return element;
  }

  bool empty() const { return elements_.empty(); }

  std::size_t size() const { return elements_.size(); }

  std::size_t weight() const { return weight_; }

 private:
  const std::size_t weight_max_;
  std::size_t weight_ = 0;
  std::deque<std::pair<T, std::size_t>> elements_;
};

}  // namespace platen::flow
