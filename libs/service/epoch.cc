#include "libs/service/epoch.h"

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libs/base/status.h"
#include "libs/event/sequence.h"

namespace platen::service {
namespace {

absl::Status Fault(const std::string& path, int error) {
  return base::FailedPrecondition("state_dir: ", path, ": ", base::ErrnoMessage(error));
}

// Written beside and renamed over, both made durable: after a power cut there is the old epoch or
// the new one.
absl::Status WriteDurably(const std::string& dir,
                          const std::string& path,
                          const std::string& text) {
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Fault(fresh, errno);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  if (!written) return Fault(fresh, error);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return Fault(path, errno);
  const int folder = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Fault(dir, errno);
  const bool synced = ::fsync(folder) == 0;
  const int sync_error = errno;
  ::close(folder);
  return synced ? absl::OkStatus() : Fault(dir, sync_error);
}

}  // namespace

absl::StatusOr<std::uint64_t> TakeEpoch(const std::string& state_dir, base::WallTime now) {
  std::error_code error;
  if (std::filesystem::create_directories(state_dir, error)) {
    (void)::chmod(state_dir.c_str(), 0700);
  }
  if (error) return Fault(state_dir, error.value());
  const std::string path = state_dir + "/epoch";
  std::uint64_t previous = 0;
  if (std::ifstream file(path); file) {
    std::string text;
    file >> text;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), previous);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
      return base::FailedPrecondition(
          "state_dir: ", path, " holds no epoch; remove it to begin with the present time");
    }
  }
  const std::uint64_t epoch = event::NextEpoch(previous, base::ToMillis(now));
  PLATEN_RETURN_IF_ERROR(WriteDurably(state_dir, path, std::to_string(epoch) + "\n"));
  return epoch;
}

}  // namespace platen::service
