// Topics and their partitions, in memory. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/time.h"
#include "libs/broker/broker.h"

namespace platen::broker::memory {

struct StoredRecord {
  std::int64_t offset = 0;
  std::string key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
  base::WallTime append_time;
};

// One partition's records [earliest, next).
class Log {
 public:
  std::int64_t Append(StoredRecord record);
  // Retention: removes what lies below `offset`.
  void DeleteBelow(std::int64_t offset);
  // REQUIRES: earliest() <= offset < next().
  const StoredRecord& At(std::int64_t offset) const;

  std::int64_t earliest() const { return next_ - static_cast<std::int64_t>(records_.size()); }

  std::int64_t next() const { return next_; }

 private:
  std::deque<StoredRecord> records_;
  std::int64_t next_ = 0;
};

struct Topic {
  std::vector<Log> partitions;
  // A record without key is refused, as Kafka refuses it in a compacted topic.
  bool compacted = false;
  std::size_t record_bytes_max = 1'000'000;
};

// All topics. Thread-confined.
class Topics {
 public:
  absl::Status Ensure(const TopicSpec& spec);
  const Topic* Find(std::string_view topic) const;
  // Null where there is no such partition.
  Log* Find(const Partition& partition);

 private:
  std::map<std::string, Topic, std::less<>> topics_;
};

}  // namespace platen::broker::memory
