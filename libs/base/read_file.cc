#include "libs/base/read_file.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "libs/base/status.h"

namespace platen::base {
namespace {

absl::Status Fault(const std::string& path, int error) {
  const absl::StatusCode code =
      error == EACCES || error == EPERM     ? absl::StatusCode::kPermissionDenied
      : error == ENOENT || error == ENOTDIR ? absl::StatusCode::kNotFound
                                            : absl::StatusCode::kUnavailable;
  return Error(code, "cannot read ", path, ": ", ErrnoMessage(error));
}

// Up to the end, or one byte more than is allowed. 0 or an errno.
int ReadUpTo(int descriptor, std::size_t bytes_max, std::string& content) {
  std::array<char, 16 * 1024> buffer;
  while (content.size() <= bytes_max) {
    const std::size_t most = std::min(buffer.size(), bytes_max + 1 - content.size());
    const ssize_t got = ::read(descriptor, buffer.data(), most);
    if (got == 0) return 0;
    if (got > 0) {
      content.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t bytes_max) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return Fault(path, errno);
  std::string content;
  const int error = ReadUpTo(descriptor, bytes_max, content);
  ::close(descriptor);
  if (error != 0) return Fault(path, error);
  if (content.size() > bytes_max) {
    return InvalidArgument("cannot read ", path, ": it has more than ", bytes_max, " bytes");
  }
  return content;
}

}  // namespace platen::base
