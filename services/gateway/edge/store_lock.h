// Keeps a second gateway away from a store.
//
// A gateway holds the registry and the numbers seen in memory: what another process registers in
// the same file it would refuse as unregistered. SQLite's own locks last for a transaction only.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace platen::gateway::edge {

// Held as long as it lives; the kernel lets go of it when the process ends, however that ends.
class StoreLock {
 public:
  // Locks FILE.lock beside the store `file`; the lock's file stays. kFailedPrecondition where
  // another process, or another lock of this one, holds it; kUnavailable where it can't be opened.
  static absl::StatusOr<std::unique_ptr<StoreLock>> Take(const std::string& file);

  ~StoreLock();

  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
};

}  // namespace platen::gateway::edge
