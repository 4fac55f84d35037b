// What HttpPosts owes beyond the contract of the channels that use it: how it uses connections.
#include "services/notifier/edge/http/http_posts.h"

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace platen::notifier::edge {
namespace {

enum class Deed {
  kAnswer,
  kAnswerAndLeave,
  // Ends the connection without a word.
  kLeave,
  // Says nothing until the client leaves.
  kHang,
};

// A server on loopback whose connections each have a thread.
class Server {
 public:
  // What is done about a request, by the numbers of its connection and of it there, from 0.
  using Script = std::function<Deed(int connection, int request)>;

  explicit Server(Script script) : script_(std::move(script)) {
    signal(SIGPIPE, SIG_IGN);  // As every service does.
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 64), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Accept(); });
  }

  ~Server() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    {
      const std::lock_guard lock(mutex_);
      for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    for (const int socket : sockets_) close(socket);
  }

  int port() const { return port_; }

  int connections() const { return connections_; }

  int requests() const { return requests_; }

 private:
  void Accept() {
    while (true) {
      const int socket = accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      const std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
      threads_.emplace_back([this, socket, number = connections_++] { Serve(socket, number); });
    }
  }

  void Serve(int socket, int number) {
    std::array<char, 4096> read;
    std::string all;
    for (int request = 0; true; ++request) {
      while (all.find("the body") == std::string::npos) {
        const ssize_t got = recv(socket, read.data(), read.size(), 0);
        if (got <= 0) return;
        all.append(read.data(), static_cast<std::size_t>(got));
      }
      all.clear();
      ++requests_;
      const Deed deed = script_(number, request);
      if (deed == Deed::kHang) {
        while (recv(socket, read.data(), read.size(), 0) > 0) {
        }
        return;
      }
      static constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      if (deed != Deed::kLeave) {
        EXPECT_GT(send(socket, kOk.data(), kOk.size(), MSG_NOSIGNAL), 0);
      }
      if (deed != Deed::kAnswer) {
        shutdown(socket, SHUT_RDWR);
        return;
      }
    }
  }

  const Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread thread_;
};

std::future<TransferAnswer> Begin(HttpPosts& posts,
                                  const Server& server,
                                  base::Duration timeout = std::chrono::seconds(30)) {
  const auto target = std::make_shared<const HttpTarget>(
      HttpTarget{.address = *ParseHttpAddress("http://127.0.0.1:" + std::to_string(server.port())),
                 .allow_private_addresses = true,
                 .timeout = timeout});
  auto answer = std::make_shared<std::promise<TransferAnswer>>();
  posts.Start(target, {"A: b"}, "the body", [answer](const TransferAnswer& said) {
    answer->set_value(said);
  });
  return answer->get_future();
}

TEST(HttpPostsTest, SpeaksOverOneConnectionWhereItsServerAnswers) {
  Server server([](int, int) { return Deed::kAnswer; });
  HttpPosts posts;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpPostsTest, OpensAnotherConnectionWhereOneIsInUseForLong) {
  Server server([](int connection, int) { return connection == 0 ? Deed::kHang : Deed::kAnswer; });
  HttpPosts posts;
  auto hangs = Begin(posts, server);
  while (server.requests() == 0) std::this_thread::yield();

  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpPostsTest, OpensAnotherConnectionWhereTheServerHasLeftAfterItsAnswer) {
  Server server([](int, int) { return Deed::kAnswerAndLeave; });
  HttpPosts posts;
  for (int i = 0; i < 20; ++i) {
    const TransferAnswer answer = Begin(posts, server).get();
    EXPECT_EQ(answer.status, 200) << answer.failure;
  }
  EXPECT_EQ(server.connections(), 20);
}

TEST(HttpPostsTest, GoesOnceMoreWhereAKeptConnectionEndsWithoutAWord) {
  Server server([](int, int request) { return request == 0 ? Deed::kAnswer : Deed::kLeave; });
  HttpPosts posts;
  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(server.requests(), 3);
}

TEST(HttpPostsTest, DoesNotInsistOnANewConnectionThatEndsWithoutAWord) {
  Server server([](int, int) { return Deed::kLeave; });
  HttpPosts posts;
  const TransferAnswer answer = Begin(posts, server).get();
  EXPECT_FALSE(answer.completed);
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(server.requests(), 1);
}

TEST(HttpPostsTest, ThoseThatWaitGoOnWhereTheOneBeforeThemIsOutOfTime) {
  std::atomic<bool> well = false;
  Server server([&](int, int) { return well ? Deed::kAnswer : Deed::kHang; });
  HttpPosts posts;
  EXPECT_THAT(Begin(posts, server, std::chrono::milliseconds(100)).get().failure,
              testing::HasSubstr("Timeout"));
  well = true;
  std::vector<std::future<TransferAnswer>> answers;
  for (int i = 0; i < 200; ++i) answers.push_back(Begin(posts, server));
  for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200);
}

TEST(HttpPostsTest, AnswersWhatIsUnderWayWhenItEnds) {
  Server server([](int, int) { return Deed::kHang; });
  std::vector<std::future<TransferAnswer>> answers;
  {
    HttpPosts posts;
    for (int i = 0; i < 20; ++i) answers.push_back(Begin(posts, server));
  }
  for (auto& answer : answers) EXPECT_FALSE(answer.get().completed);
}

}  // namespace
}  // namespace platen::notifier::edge
