// What has been seen of each source's numbers, recorded before duplicates are removed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/facts.h"
#include "services/gateway/core/sequence_audit.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// Belongs to the writing thread. Changes are kept apart until the transaction ends.
class SequenceTable {
 public:
  static absl::StatusOr<SequenceTable> Load(Database& database);

  // Returns how many of the numbers that came had come before.
  std::uint64_t Add(const core::SequenceReport& report, std::int64_t now_ms);

  absl::Status Write();
  void Commit();

  void Rollback() { changed_.clear(); }

  // Numbers missing of what sources have said to have sent: holes below the highest number seen,
  // and what was claimed at least `patience_ms` ago and has not come. Not what a source itself has
  // told of.
  std::uint64_t Missing(std::int64_t now_ms, std::int64_t patience_ms) const;

  // Every stream of numbers that has a hole, as of the transaction that is open, by its name
  // "INSTANCE/EPOCH/LANE/ROUTE".
  using Look = std::function<void(
      const std::string& stream, const core::SourceNumbers& numbers, const core::SourceLife& life)>;
  void ForEachWithHoles(const Look& look) const;

 private:
  // Instance, epoch, lane, route: the later lives of an instance come behind the earlier ones.
  using Key = std::tuple<std::string, std::uint64_t, int, std::string>;

  struct Seen {
    core::SourceNumbers numbers;
    std::uint64_t claimed = 0;
    std::int64_t claimed_ms = 0;
  };

  bool HasLaterLife(const Key& key) const;

  explicit SequenceTable(Statement put) : put_(std::move(put)) {}

  Statement put_;
  std::map<Key, Seen> committed_;
  std::map<Key, Seen> changed_;
  // When a heartbeat of (instance, epoch) came, since this process began. A heartbeat that is
  // rolled back comes again.
  std::map<std::pair<std::string, std::uint64_t>, std::int64_t> heard_ms_;
};

}  // namespace platen::gateway::edge
