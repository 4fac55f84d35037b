// An HTTP server on loopback that does to requests what a test says, right or wrong; in clear, or
// by TLS. Each connection has a thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

namespace platen::notifier::edge {

// What is done about a request.
struct Deed {
  enum class Then {
    kStay,
    // Ends the connection.
    kLeave,
    // Says no more, and reads on.
    kHang,
    // Says and reads no more.
    kRest,
  };

  std::string says;
  Then then;
};

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

inline Deed Answer(std::string_view answer = kOk) {
  return {std::string(answer), Deed::Then::kStay};
}

inline Deed AnswerAndLeave(std::string_view answer = kOk) {
  return {std::string(answer), Deed::Then::kLeave};
}

inline Deed Leave() {
  return {"", Deed::Then::kLeave};
}

inline Deed Hang() {
  return {"", Deed::Then::kHang};
}

// Thread-safe.
class ScriptedServer {
 public:
  // How a request ends, or its beginning where it is answered before its end.
  static constexpr std::string_view kMark = "the body";

  // By the numbers of the connection and of the request there, from 0.
  using Script = std::function<Deed(int connection, int request)>;

  explicit ScriptedServer(Script script);
  // By TLS, with a certificate and its key, files in PEM.
  ScriptedServer(Script script, const std::string& cert_file, const std::string& key_file);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const { return port_; }

  int connections() const { return connections_; }

  int requests() const { return requests_; }

  // Connections that have ended, whoever ended them.
  int ended() const { return ended_; }

  // What was read as each request.
  std::vector<std::string> texts() const;

  // The names that clients asked for, one a TLS connection; "" where none was.
  std::vector<std::string> names() const;

  // Without being asked, in clear, over the connection of this number.
  void Say(int connection, std::string_view text);

 private:
  struct Peer;

  void Accept();
  void Serve(Peer& peer);
  void ServeRequests(Peer& peer);

  const Script script_;
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<int> ended_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::thread thread_;
};

}  // namespace platen::notifier::edge
