// What has been seen of each source's numbers, recorded before duplicates are removed.
//
// Bound: kStreamsMax for each installation. Of more than these no book is kept, which is counted;
// lives that are long over and lack nothing make room at each start.
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
#include "services/gateway/core/source_stream.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// Belongs to the writing thread. Changes are kept apart until the transaction ends.
class SequenceTable {
 public:
  static constexpr std::size_t kStreamsMax = 20'000;
  static constexpr std::int64_t kKeptMs = std::int64_t{30} * 24 * 3600 * 1000;

  // Forgets whose numbers have all come, whose last claim is older than kKeptMs, and who has lived
  // on since.
  static absl::StatusOr<SequenceTable> Load(Database& database, std::int64_t now_ms);

  // Returns how many of the numbers that came had come before.
  std::uint64_t Add(const core::SequenceReport& report, std::int64_t now_ms);

  absl::Status Write();
  void Commit();
  void Rollback();

  // Numbers missing of what sources have said to have sent: holes below the highest number seen,
  // and what was claimed at least `patience_ms` ago and has not come. Not what a source itself has
  // told of.
  std::uint64_t Missing(std::int64_t now_ms, std::int64_t patience_ms) const;

  // Reports of streams of which no book is kept, since this process began.
  std::uint64_t unbooked() const { return unbooked_; }

  // Every stream of numbers that has a hole, as of the transaction that is open.
  using Look = std::function<void(const core::SourceStream& stream,
                                  const core::SourceNumbers& numbers,
                                  const core::SourceLife& life)>;
  void ForEachWithHoles(const Look& look) const;

 private:
  struct Seen {
    core::SourceNumbers numbers;
    std::uint64_t claimed = 0;
    std::int64_t claimed_ms = 0;
  };

  // In order, so that the later lives of an instance come behind the earlier ones.
  using Streams = std::map<core::SourceStream, Seen>;
  // Installation, instance, epoch.
  using Life = std::tuple<std::string, std::string, std::uint64_t>;

  explicit SequenceTable(Statement put) : put_(std::move(put)) {}

  static Life LifeOf(const core::SourceStream& stream);
  // Its name as the statement's first parameters; returns the number of the next.
  static int BindStream(Statement& statement, const core::SourceStream& stream);
  absl::Status Forget(Database& database, std::int64_t now_ms);
  bool HasLaterLife(const core::SourceStream& stream) const;
  // Null where the installation has too many.
  Seen* FindChanged(const core::SourceStream& stream);

  Statement put_;
  Streams committed_;
  Streams changed_;
  // How many of committed_ and changed_ an installation has.
  std::map<std::string, std::size_t> streams_of_;
  std::uint64_t unbooked_ = 0;
  // When a heartbeat came, since this process began. One that is rolled back comes again.
  std::map<Life, std::int64_t> heard_ms_;
};

}  // namespace platen::gateway::edge
