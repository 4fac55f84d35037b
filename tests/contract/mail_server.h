// An SMTP server on loopback that keeps whoever has sent a mail waiting for the answer, until it is
// told to give it. It never answers to QUIT. Each connection has a thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace platen::notifier::edge {

// Thread-safe.
class HoldingMailServer {
 public:
  // `holds`: from the first mail on, until Release().
  explicit HoldingMailServer(bool holds);
  ~HoldingMailServer();
  HoldingMailServer(const HoldingMailServer&) = delete;
  HoldingMailServer& operator=(const HoldingMailServer&) = delete;

  int port() const { return port_; }

  // Returns once so many mails wait for their answers.
  void AwaitHeld(std::size_t count);
  void Release();

  std::size_t held() const;
  std::size_t connections() const;
  // Those that were answered.
  std::size_t mails() const;

 private:
  void Accept();
  void Serve(int socket);
  // False where the server ends before.
  bool Hold();

  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool holds_;
  bool is_ending_ = false;
  std::size_t held_ = 0;
  std::size_t mails_ = 0;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread thread_;
};

}  // namespace platen::notifier::edge
