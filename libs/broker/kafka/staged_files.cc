#include "libs/broker/kafka/staged_files.h"

#include <cerrno>

#include <sys/mman.h>
#include <unistd.h>

#include "libs/base/status.h"

namespace platen::broker::kafka {

StagedFiles::~StagedFiles() {
  for (const int descriptor : descriptors_) close(descriptor);
}

absl::StatusOr<std::string> StagedFiles::Add(const std::string& content) {
  const int descriptor = memfd_create("platen-kafka-tls", MFD_CLOEXEC);
  if (descriptor < 0) return base::Internal("memfd_create: ", base::ErrnoMessage(errno));
  descriptors_.push_back(descriptor);
  // Writes to memory are whole, or fail for want of it.
  if (write(descriptor, content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    return base::Internal("a TLS file in memory: ", base::ErrnoMessage(errno));
  }
  return base::StrCat("/proc/self/fd/", descriptor);
}

}  // namespace platen::broker::kafka
