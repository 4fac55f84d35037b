#include "services/notifier/edge/http/http_answer.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace platen::notifier::edge {
namespace {

using State = HttpAnswer::State;
using std::chrono::seconds;

TEST(HttpAnswerTest, IsReadHoweverItsBytesCome) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nlater";
  for (std::size_t cut = 0; cut <= kAnswer.size(); ++cut) {
    HttpAnswer answer;
    State state = answer.Take(kAnswer.substr(0, cut));
    if (cut < kAnswer.size()) {
      EXPECT_EQ(state, State::kOpen) << cut;
      state = answer.Take(kAnswer.substr(cut));
    }
    EXPECT_EQ(state, State::kDone) << cut;
    EXPECT_EQ(answer.status(), 503);
    EXPECT_EQ(answer.retry_after(), seconds(7));
    EXPECT_TRUE(answer.keeps_connection());
  }
}

TEST(HttpAnswerTest, HasItsStatusOnceItsHeadIsWhole) {
  HttpAnswer answer;
  EXPECT_FALSE(answer.has_begun());
  EXPECT_EQ(answer.Take("HTTP/1.1 200 OK\r\nContent-"), State::kOpen);
  EXPECT_TRUE(answer.has_begun());
  EXPECT_EQ(answer.status(), 0);
  EXPECT_EQ(answer.Take("Length: 5\r\n\r\n"), State::kOpen);
  EXPECT_EQ(answer.status(), 200);
}

TEST(HttpAnswerTest, EndsWithItsLastChunk) {
  HttpAnswer answer;
  EXPECT_EQ(answer.Take("HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            State::kOpen);
  EXPECT_EQ(answer.Take("0\r\n\r\n"), State::kDone);
  EXPECT_EQ(answer.status(), 202);
  EXPECT_TRUE(answer.keeps_connection());
}

TEST(HttpAnswerTest, EndsBehindTheTrailersOfItsLastChunk) {
  HttpAnswer answer;
  EXPECT_EQ(answer.Take("HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"),
            State::kOpen);
  EXPECT_EQ(answer.Take("Checksum: 1\r\n"), State::kOpen);
  EXPECT_EQ(answer.Take("\r\n"), State::kDone);
  EXPECT_TRUE(answer.keeps_connection());
}

TEST(HttpAnswerTest, EndsWithTheConnectionWhereItHasNoLength) {
  HttpAnswer answer;
  EXPECT_EQ(answer.Take("HTTP/1.1 200 OK\r\n\r\nso much"), State::kOpen);
  EXPECT_EQ(answer.End(), State::kDone);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_FALSE(answer.keeps_connection());
}

TEST(HttpAnswerTest, WasCutOffWhereItsLengthIsNotReached) {
  HttpAnswer answer;
  EXPECT_EQ(answer.Take("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"), State::kOpen);
  EXPECT_EQ(answer.End(), State::kBroken);
  EXPECT_EQ(answer.status(), 200) << "the server's word all the same";
}

TEST(HttpAnswerTest, IsNoneWhereItsStatusIsNone) {
  for (const std::string_view status : {"000", "007", "099", "20", "abc"}) {
    HttpAnswer answer;
    EXPECT_EQ(answer.Take("HTTP/1.1 " + std::string(status) + " OK\r\nContent-Length: 0\r\n\r\n"),
              State::kBroken)
        << status;
    EXPECT_EQ(answer.status(), 0) << status;
    EXPECT_EQ(answer.fault(), "bad status") << status;
  }
}

TEST(HttpAnswerTest, HasNoBodyWhereItsStatusSaysSo) {
  HttpAnswer answer;
  EXPECT_EQ(answer.Take("HTTP/1.1 204 No Content\r\n\r\n"), State::kDone);
  EXPECT_TRUE(answer.keeps_connection());
}

TEST(HttpAnswerTest, ComesAfterInterimAnswers) {
  HttpAnswer answer;
  EXPECT_EQ(answer.Take("HTTP/1.1 100 Continue\r\n\r\n"), State::kOpen);
  EXPECT_EQ(answer.status(), 0);
  EXPECT_EQ(answer.Take("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: "
                        "0\r\n\r\n"),
            State::kDone);
  EXPECT_EQ(answer.status(), 201);
}

TEST(HttpAnswerTest, DoesNotKeepAConnectionThatIsToBeClosedOrSaysMore) {
  for (const std::string_view text :
       {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"}) {
    HttpAnswer answer;
    EXPECT_EQ(answer.Take(text), State::kDone) << text;
    EXPECT_FALSE(answer.keeps_connection()) << text;
  }
}

TEST(HttpAnswerTest, IsNotReadWithoutEnd) {
  HttpAnswer body;
  State state = body.Take("HTTP/1.1 200 OK\r\n\r\n");
  const std::string more(1000, 'x');
  std::size_t taken = 0;
  for (; state == State::kOpen; taken += more.size()) state = body.Take(more);
  EXPECT_EQ(state, State::kDone);
  EXPECT_EQ(body.status(), 200);
  EXPECT_LE(taken, HttpAnswer::kBytesMax + more.size());
  EXPECT_FALSE(body.keeps_connection());

  HttpAnswer head;
  state = head.Take("HTTP/1.1 200 OK\r\n");
  for (taken = 0; state == State::kOpen; taken += more.size())
    state = head.Take("X: " + more + "\r\n");
  EXPECT_EQ(state, State::kBroken);
  EXPECT_LE(taken, HttpAnswer::kBytesMax + more.size());
}

TEST(HttpAnswerTest, IsRefusedWhereItIsNoHttp) {
  for (const std::string_view text :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: "
        "2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_EQ(HttpAnswer().Take(text), State::kBroken) << text;
  }
}

TEST(HttpAnswerTest, AsksForTimeBySecondsOrByADate) {
  const auto asked = [](std::string_view headers) {
    HttpAnswer answer;
    answer.Take("HTTP/1.1 429 Slow down\r\n");
    answer.Take(headers);
    EXPECT_EQ(answer.Take("Content-Length: 0\r\n\r\n"), State::kDone);
    return answer.retry_after();
  };
  EXPECT_EQ(asked(""), std::nullopt);
  EXPECT_EQ(asked("Retry-After: 120\r\n"), seconds(120));
  EXPECT_EQ(asked("Retry-After: soon\r\n"), std::nullopt);
  EXPECT_EQ(asked("Retry-After: -5\r\n"), seconds(0));
  const std::string date = "Date: Wed, 21 Oct 2026 07:28:00 GMT\r\n";
  EXPECT_EQ(asked(date + "Retry-After: Wed, 21 Oct 2026 07:28:30 GMT\r\n"), seconds(30));
  EXPECT_EQ(asked("Retry-After: Wed, 21 Oct 2026 07:28:30 GMT\r\n"), std::nullopt)
      << "nobody knows how long that is";
}

}  // namespace
}  // namespace platen::notifier::edge
