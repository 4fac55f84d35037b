#include "libs/service/admin_server.h"

#include <memory>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/service/http_client_for_test.h"

namespace platen::service {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Client = HttpClientForTest;

class AdminServerTest : public ::testing::Test {
 protected:
  void Start(AdminOptions options = {}) {
    server_.emplace(std::move(options), metrics_);
    const absl::Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started;
  }

  std::string Exchange(std::string_view request) const {
    const Client client(server_->port());
    client.Send(request);
    return client.ReadAll();
  }

  std::string Get(const std::string& target) const {
    return Exchange("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  Metrics metrics_;
  std::optional<AdminServer> server_;
};

TEST_F(AdminServerTest, IsAliveAndReadyWithoutChecks) {
  Start();
  EXPECT_THAT(Get("/livez"), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(Get("/readyz"), EndsWith("{\"ready\":true,\"checks\":[]}\n"));
}

TEST_F(AdminServerTest, ReadinessNamesWhatIsMissingAndWhy) {
  Start();
  server_->AddReadinessCheck("kafka", [] { return base::Unavailable("no broker answers"); });
  server_->AddReadinessCheck("store", [] { return absl::OkStatus(); });

  const std::string answer = Get("/readyz");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer,
              EndsWith("{\"ready\":false,\"checks\":[{\"name\":\"kafka\",\"ok\":false,\"reason\":"
                       "\"no broker answers\"},"
                       "{\"name\":\"store\",\"ok\":true}]}\n"));
  EXPECT_THAT(Get("/livez"), StartsWith("HTTP/1.1 200 OK")) << "not ready is not dead";
}

TEST_F(AdminServerTest, ServesMetrics) {
  Start();
  metrics_.AddCounter("platen_events_total", "Events.").Increment();
  EXPECT_THAT(Get("/metrics"), HasSubstr("platen_events_total 1\n"));
}

TEST_F(AdminServerTest, ServesPagesByPathAndByPrefix) {
  Start();
  server_->AddPage("/", [](const HttpRequest&) {
    return HttpResponse{.content_type = "text/html", .body = "front"};
  });
  server_->AddPage("/device/", [](const HttpRequest& r) {
    return HttpResponse{.body = r.path + "|" + r.Query("q")};
  });

  EXPECT_THAT(Get("/"), EndsWith("\r\n\r\nfront"));
  EXPECT_THAT(Get("/device/7?q=a%20b"), EndsWith("\r\n\r\n/device/7|a b"));
  EXPECT_THAT(Get("/other"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(AdminServerTest, AnswersHeadWithoutBody) {
  Start();
  const std::string answer =
      Exchange("HEAD /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 27\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(AdminServerTest, AnswersSeveralRequestsOnOneConnection) {
  Start();
  const std::string answers = Exchange(
      "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answers, HasSubstr("\"alive\":true"));
  EXPECT_THAT(answers, HasSubstr("\"ready\":true"));
}

TEST_F(AdminServerTest, RefusesWhatIsNotARead) {
  Start();
  EXPECT_THAT(Exchange("POST /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Exchange("GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Exchange("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(AdminServerTest, RefusesHeadersWithoutEnd) {
  Start({.header_bytes_max = 1024});
  EXPECT_THAT(Exchange("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(4096, 'x') +
                       "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(AdminServerTest, RefusesAHostThatIsNotThisMachine) {
  Start();
  EXPECT_THAT(Exchange("GET /livez HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 421 "));
  EXPECT_THAT(Exchange("GET /livez HTTP/1.1\r\nHost: 127.0.0.1:80\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Exchange("GET /livez HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, ClosesAConnectionThatSaysNothing) {
  Start({.request_timeout = std::chrono::milliseconds(50)});
  EXPECT_EQ(Exchange(""), "");
}

TEST_F(AdminServerTest, ServesTheNextWhenConnectionsAreAllTaken) {
  Start({.connections_max = 1, .request_timeout = std::chrono::milliseconds(200)});
  const Client idle(server_->port());
  ASSERT_TRUE(idle.connected());
  EXPECT_THAT(Get("/livez"), StartsWith("HTTP/1.1 200 OK")) << "once the idle one has timed out";
}

TEST_F(AdminServerTest, ConnectionsThatAskNothingMakeRoomForAProbe) {
  Start({.connections_max = 4,
         .request_timeout = std::chrono::hours(1),
         .answer_timeout = std::chrono::hours(1)});
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<Client>(server_->port()));
    ASSERT_TRUE(slow.back()->connected());
    slow.back()->Send("GET /livez HTTP/1.1\r\nHost: local");
  }

  EXPECT_THAT(Get("/livez"), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(Get("/metrics"), HasSubstr("platen_admin_connections_dropped_total 97\n"));
}

TEST_F(AdminServerTest, StopsWithConnectionsOpenAndStartsAgain) {
  Start();
  const Client idle(server_->port());
  server_->Stop();
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_TRUE(server_->Start().ok());
  EXPECT_THAT(Get("/livez"), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(AdminServerTest, RefusesATakenPort) {
  Start();
  AdminServer second({.address = base::StrCat("127.0.0.1:", server_->port())}, metrics_);
  const absl::Status started = second.Start();
  EXPECT_EQ(started.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(started.message()), HasSubstr("is another process there?"));
}

TEST(AdminAddressTest, TakesLoopbackOnly) {
  for (const char* good : {"127.0.0.1:0", "127.8.9.1:80", "[::1]:9100", "localhost:1"}) {
    EXPECT_TRUE(CheckAdminAddress(good).ok()) << good;
  }
  for (const char* bad : {"0.0.0.0:9100",
                          "[::]:9100",
                          "192.0.2.1:80",
                          "example.com:80",
                          "127.0.0.1",
                          "127.0.0.1:65536",
                          "127.0.0.1:x",
                          ""}) {
    EXPECT_EQ(CheckAdminAddress(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace platen::service
