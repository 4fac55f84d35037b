// The control protocol's two ends on a Unix socket (tools/fleetsim/commands.h).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace platen::fleetsim {

// Listens at a path, which only its owner may use; removes it at the end. Up to sixteen clients.
// Thread-confined.
class ControlServer {
 public:
  using Handler = std::function<std::string(std::string_view line)>;

  // A socket left behind by a process that is gone is replaced. Errors: kInvalidArgument (the path
  // is too long for a socket), kUnavailable (somebody listens there, or the path cannot be made).
  static absl::StatusOr<std::unique_ptr<ControlServer>> Listen(const std::string& path,
                                                               Handler handler);

  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  // What to poll for reading, besides the network.
  std::vector<int> fds() const;

  // Handles what there is, without waiting for more.
  void Step();

 private:
  struct Client {
    int fd = -1;
    std::string pending;  // An unfinished line.
  };

  ControlServer(std::string path, int fd, Handler handler);
  void Accept();
  // False when the client has gone or misbehaves.
  bool Serve(Client& client);

  std::string path_;
  int listener_;
  Handler handler_;
  std::vector<Client> clients_;
};

// Sends one line to the server at `path` and returns everything it says before "ok". kUnavailable
// if nobody listens there; kInvalidArgument with its words if it says "error: …".
absl::StatusOr<std::string> SendCommand(const std::string& path, std::string_view line);

}  // namespace platen::fleetsim
