// A disk below SQLite, for one process of the simulation. What was synced is there after any crash;
// of what was only written, a loss of power keeps some, in pieces. It may be full, fail, be slow,
// or fail in the middle of a transaction and for good, as it looks to a process that is killed
// there.
//
// SQLite finds it by the name of the file: FileName() of the disk.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "libs/base/sim_clock.h"

namespace platen::simulation {

// Thread-confined.
class SimDisk {
 public:
  // `name` must be like no other's.
  SimDisk(std::string name, base::Random& random, const base::SimClock& clock);
  ~SimDisk();
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  std::string FileName(const std::string& file) const { return prefix_ + file; }

  // --- What goes wrong ------------------------------------------------------------------------

  void Fill(base::Duration time) { full_until_ = clock_.Now() + time; }

  void Fail(base::Duration time) { failing_until_ = clock_.Now() + time; }

  // Each sync takes up to `time` until Heal().
  void Slow(base::Duration time) { sync_time_max_ = time; }

  // The process is killed within its next writes.
  void KillWithin(std::uint64_t writes) { writes_left_ = 1 + random_.Below(writes); }

  void Heal();

  // Its process is killed: nothing that it still does gets here.
  void Kill() { killed_ = true; }

  bool is_killed() const { return killed_; }

  // REQUIRES: that process is gone. With a loss of power, what was not synced is lost in part.
  void Recover(bool power_lost);

  // The process waits for its disk until then.
  base::MonotonicTime busy_until() const { return busy_until_; }

  std::uint64_t syncs() const { return syncs_; }

  std::uint64_t failures() const { return failures_; }

  // --- For SQLite -----------------------------------------------------------------------------

  // A piece that was written and not synced; without bytes, the file was cut to `offset`.
  struct Change {
    std::size_t offset = 0;
    std::string bytes;
    bool is_cut = false;
  };

  struct File {
    std::string durable;
    std::string current;
    std::vector<Change> changes;
  };

  std::shared_ptr<File> Open(const std::string& name, bool create);
  void Remove(const std::string& name);

  bool Exists(const std::string& name) const { return files_.contains(name); }

  // SQLite's codes.
  int Write(File& file, std::size_t offset, std::string bytes, bool is_cut);
  int Sync(File& file);

 private:
  static void Apply(const Change& change, std::string& content);
  int Trouble();

  const std::string prefix_;
  base::Random& random_;
  const base::SimClock& clock_;
  std::map<std::string, std::shared_ptr<File>> files_;
  base::MonotonicTime full_until_;
  base::MonotonicTime failing_until_;
  base::MonotonicTime busy_until_;
  base::Duration sync_time_max_{0};
  std::uint64_t writes_left_ = 0;  // 0: it is not to be killed.
  bool killed_ = false;
  std::uint64_t syncs_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace platen::simulation
