#include "libs/snmp/usm/secured_message.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/snmp/request_template.h"

namespace platen::snmp::usm {
namespace {

using ::testing::Ne;

constexpr std::string_view kEngine("\x80\x00\x1f\x88\x80printer", 12);

struct Case {
  AuthProtocol auth;
  PrivProtocol priv;
};

std::vector<Case> SignedCases() {
  std::vector<Case> cases;
  for (int auth = 1; auth <= 6; ++auth) {
    for (int priv = 0; priv <= 4; ++priv) {
      cases.push_back({static_cast<AuthProtocol>(auth), static_cast<PrivProtocol>(priv)});
    }
  }
  return cases;
}

std::vector<Case> AllCases() {
  std::vector<Case> cases = SignedCases();
  cases.push_back({AuthProtocol::kNone, PrivProtocol::kNone});
  return cases;
}

std::shared_ptr<const LocalizedKeys> KeysOf(const Case& which, std::string password = "password") {
  return User({.name = "somebody",
               .auth = which.auth,
               .auth_password = password,
               .priv = which.priv,
               .priv_password = password})
      .KeysFor(kEngine);
}

// A message with each of its parts, of any level.
class SecuredMessageTest : public ::testing::TestWithParam<Case> {
 protected:
  Letter MakeLetter() const {
    return {.message_id = 0x01020304,
            .engine_id = kEngine,
            .boots = 17,
            .time = 4711,
            .user = "somebody",
            .keys = keys_.get(),
            .salt = 0x1122334455667788,
            .context_engine_id = kEngine,
            .context_name = "finisher"};
  }

  std::vector<std::uint8_t> Seal(const Letter& letter) {
    const RequestTemplate request(Version::kV3, PduType::kGet, std::vector<Oid>{name_, name_});
    std::vector<std::uint8_t> room(request.pdu_size() + MaxFrameBytes(letter));
    const auto message = cipher_.Seal(
        letter,
        request.pdu_size(),
        [&](std::span<std::uint8_t> pdu) { request.RenderPdu(letter.message_id, pdu); },
        room);
    return {message.begin(), message.end()};
  }

  // Whether the message is understood as what it was; what it is instead does not matter.
  bool IsBelieved(std::span<const std::uint8_t> datagram, const LocalizedKeys& keys) {
    Frame frame;
    if (Parse(datagram, frame) != DecodeFault::kNone) return false;
    ScopedPdu scoped;
    if (cipher_.Open(datagram, frame, keys, scoped) != OpenFault::kNone) return false;
    MessageView view;
    return decoder_.DecodePdu(scoped.pdu, view) == DecodeFault::kNone &&
           frame.level == LevelOf(keys) && scoped.context_name == "finisher" &&
           view.head.request_id == 0x01020304 && view.varbinds.size() == 2;
  }

  const Oid name_ = "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid;
  const std::shared_ptr<const LocalizedKeys> keys_ = KeysOf(GetParam());
  Cipher cipher_;
  MessageDecoder decoder_;
};

class SignedMessageTest : public SecuredMessageTest {};

TEST_P(SecuredMessageTest, WhatIsSealedCanBeOpened) {
  const std::vector<std::uint8_t> message = Seal(MakeLetter());
  ASSERT_FALSE(message.empty());
  EXPECT_TRUE(IsVersion3(message));
  Frame frame;
  ASSERT_EQ(Parse(message, frame), DecodeFault::kNone);
  EXPECT_EQ(frame.message_id, 0x01020304);
  EXPECT_EQ(frame.engine_id, kEngine);
  EXPECT_EQ(frame.boots, 17);
  EXPECT_EQ(frame.time, 4711);
  EXPECT_EQ(frame.user, "somebody");
  EXPECT_TRUE(frame.reportable);
  EXPECT_TRUE(IsBelieved(message, *keys_));
}

TEST_P(SignedMessageTest, NoByteOfWhatIsSignedCanBeChanged) {
  const std::vector<std::uint8_t> message = Seal(MakeLetter());
  for (std::size_t at = 0; at < message.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::vector<std::uint8_t> changed = message;
      changed[at] ^= static_cast<std::uint8_t>(1 << bit);
      EXPECT_FALSE(IsBelieved(changed, *keys_)) << "byte " << at << ", bit " << bit;
    }
  }
}

TEST_P(SignedMessageTest, AnotherPasswordOpensNothing) {
  const std::vector<std::uint8_t> message = Seal(MakeLetter());
  EXPECT_FALSE(IsBelieved(message, *KeysOf(GetParam(), "passwort")));
}

TEST_P(SecuredMessageTest, WhatIsSecretIsNotThereToBeRead) {
  const std::vector<std::uint8_t> message = Seal(MakeLetter());
  const std::string_view text(reinterpret_cast<const char*>(message.data()), message.size());
  const bool secret = GetParam().priv != PrivProtocol::kNone;
  EXPECT_EQ(text.find("finisher") == std::string_view::npos, secret);
}

TEST_P(SecuredMessageTest, NoPrefixIsAMessageAndNoRoomIsOverrun) {
  const Letter letter = MakeLetter();
  const std::vector<std::uint8_t> message = Seal(letter);
  for (std::size_t size = 0; size < message.size(); ++size) {
    Frame frame;
    EXPECT_THAT(Parse(std::span(message).first(size), frame), Ne(DecodeFault::kNone)) << size;
  }
  std::vector<std::uint8_t> small(message.size() / 2);
  const auto nothing = cipher_.Seal(
      letter, message.size(), [](std::span<std::uint8_t>) { FAIL(); }, small);
  EXPECT_TRUE(nothing.empty());
}

std::string NameOf(const ::testing::TestParamInfo<Case>& of) {
  std::string name(Name(of.param.auth));
  name += "_";
  name += Name(of.param.priv);
  std::erase(name, '-');
  return name;
}

INSTANTIATE_TEST_SUITE_P(EachAlgorithm,
                         SecuredMessageTest,
                         ::testing::ValuesIn(AllCases()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(EachAlgorithm,
                         SignedMessageTest,
                         ::testing::ValuesIn(SignedCases()),
                         NameOf);

TEST(FrameTest, OtherVersionsAndModelsAreSaidToBeUnknown) {
  // SNMPv2c, and a message of version 3 with the security model 4 (TLS, RFC 5953).
  const std::vector<std::uint8_t> v2c = {0x30, 0x05, 0x02, 0x01, 0x01, 0x04, 0x00};
  Frame frame;
  EXPECT_FALSE(IsVersion3(v2c));
  EXPECT_EQ(Parse(v2c, frame), DecodeFault::kUnknownVersion);
  const std::vector<std::uint8_t> tls = {0x30, 0x14, 0x02, 0x01, 0x03, 0x30, 0x0d, 0x02,
                                         0x01, 0x01, 0x02, 0x02, 0x10, 0x00, 0x04, 0x01,
                                         0x04, 0x02, 0x01, 0x04, 0x04, 0x00};
  EXPECT_TRUE(IsVersion3(tls));
  EXPECT_EQ(Parse(tls, frame), DecodeFault::kUnknownVersion);
}

TEST(FrameTest, PrivacyWithoutAuthenticationIsRefused) {
  const std::vector<std::uint8_t> message = {0x30, 0x12, 0x02, 0x01, 0x03, 0x30, 0x0d,
                                             0x02, 0x01, 0x01, 0x02, 0x02, 0x10, 0x00,
                                             0x04, 0x01, 0x02, 0x02, 0x01, 0x03};
  Frame frame;
  EXPECT_EQ(Parse(message, frame), DecodeFault::kBadNumber);
}

}  // namespace
}  // namespace platen::snmp::usm
