// A web server of nothing but "200" for what notifiers post: on as many ports of loopback as there
// are receivers, one thread, connections kept. Some may hang: they take what comes and never
// answer.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace platen::bench {

class HttpSink {
 public:
  // Called on the sink's thread for each whole request, before it is answered.
  using OnRequest =
      std::function<void(std::size_t receiver, std::string_view path, std::string_view body)>;

  // The first `hanging` of the receivers hang.
  HttpSink(std::size_t receivers, std::size_t hanging, OnRequest on_request);
  ~HttpSink();
  HttpSink(const HttpSink&) = delete;
  HttpSink& operator=(const HttpSink&) = delete;

  int port(std::size_t receiver) const { return ports_[receiver]; }

 private:
  struct Connection {
    std::size_t receiver = 0;
    std::string received;
  };

  void Serve();
  void Accept(std::size_t receiver);
  bool Read(int socket, Connection& connection);
  // False where the request is not whole yet.
  bool TakeRequest(int socket, Connection& connection);

  const std::size_t hanging_;
  const OnRequest on_request_;
  std::vector<int> listeners_;
  std::vector<int> ports_;
  int poll_ = -1;
  std::atomic<bool> stopping_ = false;
  std::unordered_map<int, Connection> connections_;
  std::thread thread_;
};

// A blocking connection of loopback that posts and waits for the answer, as barely as can be.
class BarePoster {
 public:
  explicit BarePoster(int port);
  ~BarePoster();
  BarePoster(const BarePoster&) = delete;
  BarePoster& operator=(const BarePoster&) = delete;

  void Post(std::string_view path, std::string_view body);

 private:
  int socket_ = -1;
};

// A whole request with a keep-alive connection.
std::string MakePost(std::string_view path, std::string_view body);

// A socket connected to a port of loopback. Ends the program with 2 where that fails.
int Connect(int port);

// The same, or -1.
int TryConnect(int port);

}  // namespace platen::bench
