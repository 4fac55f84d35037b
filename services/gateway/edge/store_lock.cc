#include "services/gateway/edge/store_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "libs/base/status.h"

namespace platen::gateway::edge {

// A file of its own: closing any descriptor of the store's file would end SQLite's own locks.
absl::StatusOr<std::unique_ptr<StoreLock>> StoreLock::Take(const std::string& file) {
  const std::string path = file + ".lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return base::Unavailable(
        "opening ", path, " beside the store (store.sqlite_file): ", base::ErrnoMessage(errno));
  }
  std::unique_ptr<StoreLock> lock(new StoreLock(descriptor));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  const int error = errno;
  if (error == EWOULDBLOCK) {
    return base::FailedPrecondition(
        "another gateway works on the store ",
        file,
        "; stop it first, or give this one a store.sqlite_file of its own");
  }
  return base::Unavailable("locking ", path, ": ", base::ErrnoMessage(error));
}

StoreLock::~StoreLock() {
  ::close(descriptor_);
}

}  // namespace platen::gateway::edge
