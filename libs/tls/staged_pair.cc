#include "libs/tls/staged_pair.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libs/base/status.h"

namespace platen::tls {
namespace {

absl::StatusOr<int> NewFile(const std::string& key_pem, const std::string& cert_pem) {
  const int fd = memfd_create("platen-tls", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return base::Internal("memfd_create: ", base::ErrnoMessage(errno));
  const std::string both = base::StrCat(key_pem, "\n", cert_pem);
  const bool written = write(fd, both.data(), both.size()) == static_cast<ssize_t>(both.size());
  if (!written ||
      fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    const int error = errno;
    close(fd);
    return base::Internal("writing a key pair to memory: ", base::ErrnoMessage(error));
  }
  return fd;
}

}  // namespace

absl::StatusOr<StagedPair> StagedPair::Create(const std::string& key_pem,
                                              const std::string& cert_pem) {
  PLATEN_ASSIGN_OR_RETURN(const int fd, NewFile(key_pem, cert_pem));
  return StagedPair(fd);
}

absl::Status StagedPair::Replace(const std::string& key_pem, const std::string& cert_pem) {
  PLATEN_ASSIGN_OR_RETURN(const int fd, NewFile(key_pem, cert_pem));
  const int replaced = dup3(fd, fd_, O_CLOEXEC);
  const int error = errno;
  close(fd);
  if (replaced < 0) return base::Internal("dup3: ", base::ErrnoMessage(error));
  return absl::OkStatus();
}

std::string StagedPair::path() const {
  return base::StrCat("/proc/self/fd/", fd_);
}

}  // namespace platen::tls
