#include "libs/snmp/match.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/random.h"

namespace platen::snmp {
namespace {

constexpr SipKey kKey{1, 2};
const Endpoint kPrinter = Endpoint::V4(0xc0000201, 161);
const std::vector<Oid> kNames = {"1.3.6.1.2.1.1.3.0"_oid, "1.3.6.1.2.1.1.5.0"_oid};

// One open GET and the answer that fits it; each test spoils one thing.
class ResponseMatcherTest : public testing::Test {
 protected:
  ResponseMatcherTest() {
    issued_ =
        *matcher_.Open({.peer = kPrinter, .request = &get_, .community = "public", .token = 42});
    varbinds_ = {{kNames[0], ValueView::Integer(1)}, {kNames[1], ValueView::Integer(2)}};
    answer_.head = {
        .type = PduType::kResponse, .request_id = issued_.request_id, .community = "public"};
  }

  MatchResult Accept(const Endpoint& from, std::uint8_t via) {
    answer_.varbinds = varbinds_;
    const std::uint64_t before = matcher_.counts()[0];
    const Match match = matcher_.Accept(from, via, answer_);
    if (match.result == MatchResult::kMatched) {
      EXPECT_EQ(match.token, 42u);
      EXPECT_EQ(matcher_.counts()[0], before + 1);
    }
    return match.result;
  }

  MatchResult Accept() { return Accept(kPrinter, issued_.via); }

  // After a refusal the request must still be open, and take its true answer.
  void ExpectStillOpen() { EXPECT_EQ(matcher_.open(), 1u); }

  const RequestTemplate get_{Version::kV2c, PduType::kGet, kNames};
  ResponseMatcher matcher_{kKey, 16, 4};
  Issued issued_;
  std::vector<VarbindView> varbinds_;
  MessageView answer_;
};

TEST_F(ResponseMatcherTest, TakesTheAnswerOnce) {
  EXPECT_EQ(Accept(), MatchResult::kMatched);
  EXPECT_EQ(Accept(), MatchResult::kLate);
  EXPECT_EQ(matcher_.open(), 0u);
}

TEST_F(ResponseMatcherTest, RefusesAnotherSender) {
  EXPECT_EQ(Accept(Endpoint::V4(0xc0000202, 161), issued_.via), MatchResult::kWrongAddress);
  EXPECT_EQ(Accept(Endpoint::V4(0xc0000201, 162), issued_.via), MatchResult::kWrongSourcePort);
  ExpectStillOpen();
}

TEST_F(ResponseMatcherTest, TakesAnotherAddressWhereItIsSaidTo) {
  (void)matcher_.GiveUp(issued_.request_id);
  issued_ = *matcher_.Open({.peer = kPrinter,
                            .request = &get_,
                            .community = "public",
                            .token = 42,
                            .any_address = true});
  answer_.head.request_id = issued_.request_id;
  const Endpoint other = Endpoint::V4(0xc0000202, 161);

  EXPECT_EQ(Accept(Endpoint::V4(0xc0000202, 162), issued_.via), MatchResult::kWrongSourcePort);
  EXPECT_EQ(Accept(other, static_cast<std::uint8_t>(issued_.via ^ 1)),
            MatchResult::kWrongLocalPort);
  answer_.head.community = "private";
  EXPECT_EQ(Accept(other, issued_.via), MatchResult::kWrongCommunity);
  answer_.head.community = "public";
  ExpectStillOpen();
  EXPECT_EQ(Accept(other, issued_.via), MatchResult::kMatched);
}

TEST_F(ResponseMatcherTest, RefusesAnotherOfOurPorts) {
  EXPECT_EQ(Accept(kPrinter, static_cast<std::uint8_t>(issued_.via ^ 1)),
            MatchResult::kWrongLocalPort);
  ExpectStillOpen();
}

TEST_F(ResponseMatcherTest, RefusesAGuessedId) {
  answer_.head.request_id = issued_.request_id + 1;
  EXPECT_EQ(Accept(), MatchResult::kUnknownId);
  answer_.head.request_id = 0;
  EXPECT_EQ(Accept(), MatchResult::kUnknownId);
  ExpectStillOpen();
}

TEST_F(ResponseMatcherTest, RefusesAnotherVersionCommunityOrPdu) {
  answer_.head.version = Version::kV1;
  EXPECT_EQ(Accept(), MatchResult::kWrongVersion);
  answer_.head.version = Version::kV2c;
  answer_.head.community = "private";
  EXPECT_EQ(Accept(), MatchResult::kWrongCommunity);
  answer_.head.community = "public";
  answer_.head.type = PduType::kGet;
  EXPECT_EQ(Accept(), MatchResult::kNotAResponse);
  ExpectStillOpen();
}

TEST_F(ResponseMatcherTest, RefusesOtherNamesAndMoreThanAsked) {
  varbinds_[1].name = kNames[0];
  EXPECT_EQ(Accept(), MatchResult::kWrongNames);
  varbinds_[1].name = kNames[1];
  varbinds_.push_back(varbinds_[0]);
  EXPECT_EQ(Accept(), MatchResult::kTooManyVarbinds);
  ExpectStillOpen();
}

TEST_F(ResponseMatcherTest, TakesAShorterAnswerAndAnEmptyRefusal) {
  varbinds_.pop_back();
  EXPECT_EQ(Accept(), MatchResult::kMatched);

  issued_ =
      *matcher_.Open({.peer = kPrinter, .request = &get_, .community = "public", .token = 42});
  answer_.head.request_id = issued_.request_id;
  answer_.head.error_status = static_cast<std::int32_t>(ErrorStatus::kTooBig);
  varbinds_.clear();
  EXPECT_EQ(Accept(), MatchResult::kMatched);
}

TEST_F(ResponseMatcherTest, CallsAnAnswerToAGivenUpRequestLate) {
  EXPECT_EQ(matcher_.GiveUp(issued_.request_id), 42u);
  EXPECT_EQ(matcher_.GiveUp(issued_.request_id), std::nullopt);
  EXPECT_EQ(Accept(), MatchResult::kLate);
}

TEST_F(ResponseMatcherTest, LeavesABulksNamesToTheWalk) {
  const RequestTemplate bulk(Version::kV2c, PduType::kGetBulk, kNames, {.max_repetitions = 1});
  issued_ =
      *matcher_.Open({.peer = kPrinter, .request = &bulk, .community = "public", .token = 42});
  answer_.head.request_id = issued_.request_id;
  const Oid other = "1.3.6.1.2.1.1.6.0"_oid;
  varbinds_[1].name = other;
  EXPECT_EQ(Accept(), MatchResult::kMatched);
}

TEST_F(ResponseMatcherTest, IsFullAtItsCapacity) {
  for (std::size_t i = matcher_.open(); i < matcher_.capacity(); ++i) {
    EXPECT_TRUE(
        matcher_.Open({.peer = kPrinter, .request = &get_, .community = "public"}).has_value());
  }
  EXPECT_FALSE(
      matcher_.Open({.peer = kPrinter, .request = &get_, .community = "public"}).has_value());
}

TEST_F(ResponseMatcherTest, KeepsCountThroughManyRequests) {
  base::Random random(1);
  ResponseMatcher matcher(kKey, 64, 4);
  std::vector<Issued> open;
  std::set<std::int32_t> seen;
  for (int step = 0; step < 20000; ++step) {
    if (open.size() < matcher.capacity() && random.Chance(0.5)) {
      const auto issued = matcher.Open({.peer = kPrinter, .request = &get_, .community = "public"});
      ASSERT_TRUE(issued.has_value());
      EXPECT_GT(issued->request_id, 0);
      open.push_back(*issued);
      seen.insert(issued->request_id);
    } else if (!open.empty()) {
      const std::size_t at = random.Below(open.size());
      answer_.head.request_id = open[at].request_id;
      answer_.varbinds = varbinds_;
      ASSERT_EQ(matcher.Accept(kPrinter, open[at].via, answer_).result, MatchResult::kMatched);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    }
    ASSERT_EQ(matcher.open(), open.size());
  }
  EXPECT_GT(seen.size(),
            9000u);  // Ids spread over 31 bits; a counter's would, too, but see the next test.
}

TEST_F(ResponseMatcherTest, IdsDependOnTheKey) {
  ResponseMatcher other({3, 4}, 16, 4);
  const auto issued = other.Open({.peer = kPrinter, .request = &get_, .community = "public"});

  EXPECT_NE(issued->request_id, issued_.request_id);
}

}  // namespace
}  // namespace platen::snmp
