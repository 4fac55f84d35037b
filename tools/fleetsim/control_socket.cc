#include "tools/fleetsim/control_socket.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "libs/base/status.h"

namespace platen::fleetsim {
namespace {

constexpr std::size_t kClientsMax = 16;
constexpr std::size_t kLineBytesMax = 4096;

absl::StatusOr<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return base::InvalidArgument(
        "\"", path, "\" cannot be a socket: its path must have 1 to 107 bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

absl::Status SystemError(std::string_view what, const std::string& path) {
  return base::Unavailable(what, " ", path, ": ", base::ErrnoMessage(errno));
}

// A connected, blocking socket; -1 with errno otherwise.
int Connect(const sockaddr_un& address) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

bool SendAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// What was said before the last line, if that has come.
std::optional<absl::StatusOr<std::string>> Finished(const std::string& text) {
  if (text.empty() || text.back() != '\n') return std::nullopt;
  const std::size_t before =
      text.size() < 2 ? std::string::npos : text.rfind('\n', text.size() - 2);
  const std::size_t start = before == std::string::npos ? 0 : before + 1;
  const std::string last = text.substr(start, text.size() - 1 - start);
  if (last == "ok") return text.substr(0, start);
  constexpr std::string_view kError = "error: ";
  if (last.starts_with(kError)) return base::InvalidArgument(last.substr(kError.size()));
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Listen(const std::string& path,
                                                                     Handler handler) {
  PLATEN_ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(path));
  const int probe = Connect(address);
  if (probe >= 0) {
    close(probe);
    return base::Unavailable("another process already listens at ", path, " (option --control)");
  }
  unlink(path.c_str());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || listen(fd, kClientsMax) != 0) {
    const absl::Status status = SystemError("listening at", path);
    close(fd);
    return status;
  }
  return std::unique_ptr<ControlServer>(new ControlServer(path, fd, std::move(handler)));
}

ControlServer::ControlServer(std::string path, int fd, Handler handler)
    : path_(std::move(path)), listener_(fd), handler_(std::move(handler)) {}

ControlServer::~ControlServer() {
  for (const Client& client : clients_) close(client.fd);
  close(listener_);
  unlink(path_.c_str());
}

std::vector<int> ControlServer::fds() const {
  std::vector<int> fds = {listener_};
  for (const Client& client : clients_) fds.push_back(client.fd);
  return fds;
}

void ControlServer::Step() {
  Accept();
  std::erase_if(clients_, [this](Client& client) {
    if (Serve(client)) return false;
    close(client.fd);
    return true;
  });
}

void ControlServer::Accept() {
  while (clients_.size() < kClientsMax) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    // A client that doesn't read may hold the fleet up no longer than this.
    const timeval patience{.tv_sec = 2, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    clients_.push_back({.fd = fd});
  }
}

bool ControlServer::Serve(Client& client) {
  char buffer[4096];
  while (true) {
    const ssize_t got = recv(client.fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    client.pending.append(buffer, static_cast<std::size_t>(got));
    std::size_t end = 0;
    while ((end = client.pending.find('\n')) != std::string::npos) {
      const std::string line = client.pending.substr(0, end);
      client.pending.erase(0, end + 1);
      if (!SendAll(client.fd, handler_(line))) return false;
    }
    if (client.pending.size() > kLineBytesMax) return false;
  }
}

absl::StatusOr<std::string> SendCommand(const std::string& path, std::string_view line) {
  PLATEN_ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(path));
  const int fd = Connect(address);
  if (fd < 0) return SystemError("connecting to", path);
  std::string text;
  std::optional<absl::StatusOr<std::string>> answer;
  if (SendAll(fd, base::StrCat(line, "\n"))) {
    char buffer[65536];
    while (!answer.has_value()) {
      const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
      answer = Finished(text);
    }
  }
  close(fd);
  if (!answer.has_value()) return base::Unavailable("the simulator at ", path, " hung up");
  return *std::move(answer);
}

}  // namespace platen::fleetsim
