// Up to where a partition has ended: records end in any order, offsets are committed in theirs.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace platen::flow {

// Follows the records of one partition from when they are taken in until they have ended.
// Thread-confined. Memory: 16 bytes for each record between the oldest open one and the newest.
class OffsetTracker {
 public:
  // A record was taken in. REQUIRES: `offset` is above all before it (holes are allowed).
  void Begin(std::int64_t offset);

  // It has ended. An offset that is not open is ignored, so ending twice does no harm.
  void End(std::int64_t offset);

  // The first offset that has not ended, if it is higher than at the last call: everything below it
  // may be committed.
  std::optional<std::int64_t> TakeCommit();

  // Records that have not ended.
  std::size_t open() const { return open_; }

 private:
  struct Record {
    std::int64_t offset = 0;
    bool ended = false;
  };

  std::deque<Record> records_;
  std::size_t open_ = 0;
  std::optional<std::int64_t> next_;
};

}  // namespace platen::flow
