#include "libs/snmp/usm/session.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/snmp/message_writer.h"
#include "libs/snmp/usm/agent_engine.h"

namespace platen::snmp::usm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kEngine("\x80\x00\x1f\x88\x80printer", 12);

UserOptions Somebody() {
  return {.name = "fleet",
          .auth = AuthProtocol::kSha256,
          .auth_password = "a password to sign",
          .priv = PrivProtocol::kAes128,
          .priv_password = "one to encrypt"};
}

using Bytes = std::vector<std::uint8_t>;

// A session, an agent, and a line between them that a test can tamper with.
class SessionTest : public ::testing::Test {
 protected:
  // Puts another device in the place of this one.
  void SetAgent(const AgentEngineOptions& options, std::string_view engine_id = kEngine) {
    agent_ = std::make_unique<AgentEngine>(options);
    engine_.engine_id = engine_id;
  }

  void SetUser(const UserOptions& options) {
    user_ = std::make_unique<User>(options);
    session_ = std::make_unique<Session>(*user_, 7);
  }

  Bytes Request() {
    Bytes room(session_->size(request_));
    const auto sent = session_->Write(cipher_, Now(), request_, ++id_, room);
    EXPECT_FALSE(sent.empty());
    return {sent.begin(), sent.end()};
  }

  // What the device says to `datagram`: the number of its pages.
  Bytes AnswerTo(const Bytes& datagram) {
    const auto received = agent_->Receive(engine_, datagram);
    if (!received.request.has_value()) return received.report;
    EXPECT_EQ(received.context, context_);
    Bytes room(512);
    MessageWriter writer(room, 0);
    writer.Add(
        {received.request->varbinds.front().name, ValueView::Number(ValueType::kCounter32, 12345)});
    return agent_->Reply(engine_,
                         writer.Finish({.type = PduType::kResponse,
                                        .request_id = received.request->head.request_id}));
  }

  Heard Hear(const Bytes& datagram) {
    Frame frame;
    if (Parse(datagram, frame) != DecodeFault::kNone) return Heard::kMalformed;
    EXPECT_EQ(frame.message_id, id_);
    return session_->Accept(cipher_, decoder_, Now(), datagram, frame, message_);
  }

  // Asks as long as there is something to ask; what was heard, in order.
  std::vector<Heard> Ask() {
    std::vector<Heard> heard;
    do {
      heard.push_back(Hear(AnswerTo(Request())));
    } while (heard.back() == Heard::kAgain && heard.size() < 100);
    return heard;
  }

  base::MonotonicTime Now() const { return base::MonotonicTime(std::chrono::seconds(seconds_)); }

  std::int32_t seconds_ = 1000;
  EngineNow engine_{.engine_id = kEngine, .boots = 3, .time = 86'400};
  std::int32_t id_ = 100;
  std::string context_;
  const RequestTemplate request_{
      Version::kV3, PduType::kGet, std::vector<Oid>{"1.3.6.1.2.1.43.10.2.1.4.1.1"_oid}};
  std::unique_ptr<AgentEngine> agent_ =
      std::make_unique<AgentEngine>(AgentEngineOptions{.users = {Somebody()}});
  std::unique_ptr<User> user_ = std::make_unique<User>(Somebody());
  std::unique_ptr<Session> session_ = std::make_unique<Session>(*user_, 7);
  Cipher cipher_;
  MessageDecoder decoder_;
  MessageView message_;
};

TEST_F(SessionTest, AnAgentIsAskedOnceForItsEngineAndThenAtOnce) {
  EXPECT_THAT(Ask(), ElementsAre(Heard::kAgain, Heard::kAnswer));
  EXPECT_EQ(message_.head.version, Version::kV3);
  ASSERT_EQ(message_.varbinds.size(), 1);
  EXPECT_EQ(message_.varbinds[0].value.AsUnsigned(), 12345);
  EXPECT_EQ(session_->engine_id(), kEngine);
  for (int i = 0; i < 10; ++i) {
    seconds_ += 3600;
    engine_.time += 3600;
    EXPECT_THAT(Ask(), ElementsAre(Heard::kAnswer));
  }
}

TEST_F(SessionTest, EveryLevelIsSpoken) {
  for (const auto& [auth, priv] : {std::pair{AuthProtocol::kNone, PrivProtocol::kNone},
                                   std::pair{AuthProtocol::kMd5, PrivProtocol::kNone},
                                   std::pair{AuthProtocol::kSha1, PrivProtocol::kDes},
                                   std::pair{AuthProtocol::kSha512, PrivProtocol::kAes256}}) {
    UserOptions options = Somebody();
    options.auth = auth;
    options.priv = priv;
    SetUser(options);
    SetAgent({.users = {options}});
    EXPECT_THAT(Ask(), ElementsAre(Heard::kAgain, Heard::kAnswer)) << Name(auth) << Name(priv);
  }
}

TEST_F(SessionTest, AClockThatWasSetIsFollowedWithinTwoRequests) {
  Ask();
  for (const std::int32_t jump : {5000, -5000, 86'400 * 365}) {
    engine_.time += jump;
    EXPECT_THAT(Ask(), ElementsAre(Heard::kAgain, Heard::kAnswer)) << jump;
  }
}

// Also one that has forgotten how often it has booted.
TEST_F(SessionTest, ADeviceThatHasBootedIsFollowedWithinTwoRequests) {
  Ask();
  for (const std::int32_t boots : {4, 1}) {
    engine_.boots = boots;
    engine_.time = 12;
    EXPECT_THAT(Ask(), ElementsAre(Heard::kAgain, Heard::kAnswer)) << boots;
  }
}

TEST_F(SessionTest, AnotherDeviceInItsPlaceIsFoundOut) {
  Ask();
  SetAgent({.users = {Somebody()}}, "another engine");
  engine_.boots = 9;
  EXPECT_THAT(Ask(), ElementsAre(Heard::kAgain, Heard::kAnswer));
  EXPECT_EQ(session_->engine_id(), "another engine");
}

TEST_F(SessionTest, ContextsAreAskedFor) {
  SetAgent({.users = {Somebody()}, .contexts = {"finisher"}});
  session_->SetContext("finisher");
  context_ = "finisher";
  EXPECT_THAT(Ask(), ElementsAre(Heard::kAgain, Heard::kAnswer));
  session_->SetContext("sorter");
  EXPECT_THAT(Ask(), ElementsAre(Heard::kRefused));
  EXPECT_THAT(session_->refusal(), HasSubstr("no context \"sorter\""));
}

struct Refusal {
  std::function<void(UserOptions&)> change;
  std::string said;
};

TEST_F(SessionTest, WhatIsRefusedIsSaidInWords) {
  const std::vector<Refusal> refusals = {
      {[](UserOptions& user) { user.name = "nobody"; }, "it knows no user \"nobody\""},
      {[](UserOptions& user) { user.auth_password = "another password"; },
       "the password for authentication is another, or its protocol not SHA-256"},
      {[](UserOptions& user) { user.auth = AuthProtocol::kSha1; }, "its protocol not SHA-1"},
      {[](UserOptions& user) { user.priv_password = "another password"; },
       "the password for privacy is another, or its protocol not AES-128"},
      {[](UserOptions& user) { user.priv = PrivProtocol::kNone; },
       "does not serve user \"fleet\" at the level authNoPriv"},
  };
  for (const Refusal& refusal : refusals) {
    UserOptions options = Somebody();
    refusal.change(options);
    SetUser(options);
    EXPECT_THAT(Ask(), ElementsAre(Heard::kAgain, Heard::kRefused)) << refusal.said;
    EXPECT_THAT(session_->refusal(), HasSubstr(refusal.said));
    SetUser(Somebody());
    EXPECT_THAT(Ask(), ElementsAre(Heard::kAgain, Heard::kAnswer));
    EXPECT_THAT(session_->refusal(), IsEmpty());
  }
}

TEST_F(SessionTest, WhoNeverAgreesAboutTheClockIsNotAskedForEver) {
  Ask();
  std::vector<Heard> heard;
  do {
    engine_.time += 100'000;
    heard.push_back(Hear(AnswerTo(Request())));
  } while (heard.back() == Heard::kAgain && heard.size() < 100);
  EXPECT_EQ(heard.back(), Heard::kRefused);
  EXPECT_LE(heard.size(), 6);
  EXPECT_THAT(session_->refusal(), HasSubstr("clock"));
}

// Who can send under the device's address and has seen the request, but has no key.
class ForgedAnswerTest : public SessionTest {
 protected:
  ForgedAnswerTest() { Ask(); }

  Bytes Forge(Letter letter, PduType type, const Oid& name) {
    Bytes room(512);
    MessageWriter writer(room, 0);
    writer.Add({name, ValueView::Number(ValueType::kCounter32, 1)});
    const auto message = writer.Finish({.type = type, .request_id = id_});
    // Behind the sequence's header, the version and the empty community.
    const std::span<const std::uint8_t> pdu = message.subspan(7);
    letter.message_id = id_;
    letter.reportable = false;
    Bytes out(pdu.size() + MaxFrameBytes(letter));
    const auto sealed = cipher_.Seal(
        letter,
        pdu.size(),
        [pdu](std::span<std::uint8_t> at) { std::copy(pdu.begin(), pdu.end(), at.begin()); },
        out);
    return {sealed.begin(), sealed.end()};
  }

  const Oid pages_ = "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid;
};

TEST_F(ForgedAnswerTest, NothingIsBelievedWithoutTheKey) {
  const Bytes request = Request();
  const Letter plain{.engine_id = kEngine, .user = "fleet", .context_engine_id = kEngine};
  EXPECT_EQ(Hear(Forge(plain, PduType::kResponse, pages_)), Heard::kWrongLevel);
  UserOptions guess = Somebody();
  guess.auth_password = "a guess at it";
  User guesser(guess);
  const auto keys = guesser.KeysFor(kEngine);
  Letter guessed = plain;
  guessed.keys = keys.get();
  EXPECT_EQ(Hear(Forge(guessed, PduType::kResponse, pages_)), Heard::kWrongTag);
  // Nor can the clock be set, which would shut the collector out.
  EXPECT_EQ(Hear(Forge(plain, PduType::kReport, "1.3.6.1.6.3.15.1.1.2.0"_oid)), Heard::kWrongLevel);
  // The right answer is still waited for.
  EXPECT_EQ(Hear(AnswerTo(request)), Heard::kAnswer);
}

TEST_F(ForgedAnswerTest, WhoHasTheKeyOfAnotherEngineOrUserIsNotBelieved) {
  const Bytes request = Request();
  const auto keys = user_->KeysFor(kEngine);
  Letter letter{.engine_id = "another engine",
                .user = "fleet",
                .keys = keys.get(),
                .context_engine_id = kEngine};
  EXPECT_EQ(Hear(Forge(letter, PduType::kResponse, pages_)), Heard::kWrongEngine);
  letter.engine_id = kEngine;
  letter.user = "somebody else";
  EXPECT_EQ(Hear(Forge(letter, PduType::kResponse, pages_)), Heard::kWrongUser);
  letter.user = "fleet";
  letter.context_name = "elsewhere";
  EXPECT_EQ(Hear(Forge(letter, PduType::kResponse, pages_)), Heard::kWrongContext);
  letter.context_name = "";
  EXPECT_EQ(Hear(Forge(letter, PduType::kResponse, pages_)), Heard::kAnswer);
  EXPECT_EQ(Hear(AnswerTo(request)), Heard::kAnswer);
}

TEST_F(ForgedAnswerTest, NoCutOrChangedAnswerIsBelieved) {
  const Bytes answer = AnswerTo(Request());
  for (std::size_t at = 0; at < answer.size(); ++at) {
    Bytes changed = answer;
    changed[at] ^= 0x10;
    Frame frame;
    if (Parse(changed, frame) != DecodeFault::kNone || frame.message_id != id_) continue;
    EXPECT_NE(Hear(changed), Heard::kAnswer) << at;
    EXPECT_EQ(session_->engine_id(), kEngine);
  }
  EXPECT_EQ(Hear(answer), Heard::kAnswer);
}

}  // namespace
}  // namespace platen::snmp::usm
