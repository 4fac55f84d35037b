// Reads a topic of which every notifier knows all (platen.rules.v1, platen.targets.v1) whole, and
// goes on reading.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/broker/broker.h"

namespace platen::notifier::edge {

// Thread-confined.
class RulesReader {
 public:
  // One record; `value` absent: a tombstone.
  using Handler = std::function<void(std::string_view key, std::optional<std::string_view> value)>;

  // kInvalidArgument where the broker does not take the options. `broker` must outlive this.
  static absl::StatusOr<std::unique_ptr<RulesReader>> Open(broker::Broker& broker,
                                                           const std::string& topic,
                                                           std::int32_t partitions);

  // Tells what there is by now; waits at most `max_wait` for the first. Errors are those of
  // Subscriber::Poll().
  absl::Status Step(std::chrono::milliseconds max_wait, const Handler& handler);

  // Whether every partition was read to its end once.
  bool is_restored() const { return left_.empty(); }

 private:
  explicit RulesReader(std::unique_ptr<broker::Subscriber> subscriber)
      : subscriber_(std::move(subscriber)) {}

  std::unique_ptr<broker::Subscriber> subscriber_;
  std::set<std::int32_t> left_;
};

}  // namespace platen::notifier::edge
