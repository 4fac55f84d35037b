#include "services/collector/edge/notifications.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/snmp/memory/sim_network.h"
#include "libs/snmp/message_writer.h"
#include "libs/snmp/usm/session.h"
#include "services/collector/core/printer_oids.h"

namespace platen::collector::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Bytes = std::vector<std::uint8_t>;
using snmp::operator""_oid;

constexpr std::string_view kOurEngine("\x80\0\0\0\4ours", 9);
constexpr std::string_view kPrinterEngine("\x80\x00\x1f\x88\x80printer", 12);

snmp::usm::UserOptions Fleet() {
  return {.name = "fleet",
          .auth = snmp::usm::AuthProtocol::kSha256,
          .auth_password = "a password to sign",
          .priv = snmp::usm::PrivProtocol::kAes128,
          .priv_password = "one to encrypt"};
}

// A printer, a collector that listens, and what goes between them.
class NotificationsTest : public testing::Test {
 protected:
  using Varbinds = std::vector<snmp::Varbind>;

  void Send(const Bytes& datagram) {
    const std::vector<snmp::OutDatagram> batch{{.to = at_, .bytes = datagram}};
    ASSERT_EQ(printer_->Send(batch), 1u);
    clock_.Advance(std::chrono::milliseconds(10));
  }

  static Bytes Message(snmp::PduType type,
                       const Varbinds& varbinds,
                       std::string_view community = "public") {
    Bytes room(8192);
    snmp::MessageWriter writer(room, community.size());
    for (const snmp::Varbind& varbind : varbinds) EXPECT_TRUE(writer.Add(varbind.view()));
    const auto bytes = writer.Finish({.type = type, .request_id = 4711, .community = community});
    return {bytes.begin(), bytes.end()};
  }

  // A trap of the printer's engine, as that user signs and encrypts it.
  static Bytes SecuredTrap(const snmp::usm::UserOptions& options, const Varbinds& varbinds) {
    const Bytes message = Message(snmp::PduType::kTrap, varbinds, "");
    // Behind the sequence's head, the version and an empty community.
    constexpr std::size_t kHead = 7;
    EXPECT_LT(message.size(), 128u);
    snmp::usm::User user(options);
    const auto keys = user.KeysFor(kPrinterEngine);
    snmp::usm::Cipher cipher;
    Bytes room(2048);
    const auto sealed = cipher.Seal(
        {.message_id = 1,
         .reportable = false,
         .engine_id = kPrinterEngine,
         .boots = 1,
         .user = options.name,
         .keys = keys.get(),
         .salt = 1,
         .context_engine_id = kPrinterEngine},
        message.size() - kHead,
        [&](std::span<std::uint8_t> pdu) {
          std::copy(message.begin() + kHead, message.end(), pdu.begin());
        },
        room);
    return {sealed.begin(), sealed.end()};
  }

  std::vector<Notifications::Sender> Take() { return taker_.Take(clock_.Now()); }

  // What the printer was sent.
  std::vector<Bytes> Answers() {
    taker_.Acknowledge();
    clock_.Advance(std::chrono::milliseconds(10));
    std::vector<Bytes> answers;
    for (const snmp::InDatagram& in : printer_->Receive()) {
      answers.emplace_back(in.bytes.begin(), in.bytes.end());
    }
    return answers;
  }

  std::uint64_t Counted(Notified result) const {
    return taker_.figures().results[static_cast<std::size_t>(result)];
  }

  base::SimClock clock_;
  snmp::memory::SimNetwork network_{clock_, 1};
  const snmp::Endpoint at_ = snmp::Endpoint::V4(0xc0000201, 162);
  const snmp::Endpoint from_ = snmp::Endpoint::V4(0xc0000207, 40'000);
  std::unique_ptr<snmp::Datagrams> listener_ = network_.Open({.address = at_});
  std::unique_ptr<snmp::Datagrams> printer_ = network_.Open({.address = from_});
  Notifications taker_{*listener_,
                       {.communities = {"public", "quiet"},
                        .users = {Fleet()},
                        .engine_id = std::string(kOurEngine),
                        .boots = 3},
                       clock_.Now()};
};

TEST_F(NotificationsTest, ATrapComesDownToWhoMayHaveSentIt) {
  Send(Message(snmp::PduType::kTrap,
               {{core::oids::kSysName, snmp::Value::Octets("front-desk")},
                {core::oids::kGeneralEntry.Child({core::oids::kSerialNumber, 1}),
                 snmp::Value::Octets("CNB0012345")},
                {"1.3.6.1.4.1.99999.7"_oid, snmp::Value::Octets("Tray 2 is empty")},
                {"1.3.6.1.4.1.99999.8"_oid, snmp::Value::Integer(12345678)}}));

  const auto senders = Take();

  ASSERT_EQ(senders.size(), 1u);
  EXPECT_THAT(senders[0].clues.agents, ElementsAre(from_));
  EXPECT_EQ(senders[0].clues.sys_name, "front-desk");
  EXPECT_THAT(senders[0].clues.texts, ElementsAre("CNB0012345", "Tray 2 is empty"));
  EXPECT_EQ(senders[0].engine_id, "");
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(Counted(Notified::kHeard), 1u);
}

TEST_F(NotificationsTest, WhatIsTooLongOrTooMuchIsLeftOut) {
  Varbinds varbinds = {
      {core::oids::kSysName, snmp::Value::Octets(std::string(65, 'n'))},
      {"1.3.6.1.4.1.99999.7"_oid, snmp::Value::Octets(std::string(65, 'x'))},
      {"1.3.6.1.4.1.99999.7"_oid, snmp::Value::Octets("abc")},
  };
  for (int i = 0; i < 100; ++i) {
    varbinds.emplace_back("1.3.6.1.4.1.99999.9"_oid,
                          snmp::Value::Octets(std::to_string(10000 + i)));
  }
  Send(Message(snmp::PduType::kTrap, varbinds));

  const auto senders = Take();

  ASSERT_EQ(senders.size(), 1u);
  EXPECT_EQ(senders[0].clues.sys_name, "");
  EXPECT_EQ(senders[0].clues.texts.size(), 32u);
  EXPECT_EQ(senders[0].clues.texts[0], "10000");
}

TEST_F(NotificationsTest, ATrapOfVersion1NamesItsAgent) {
  // RFC 1157 §4.1.6: enterprise 1.3.6.1, agent 10.0.0.9, generic trap 6, specific trap 1.
  Send({0x30, 0x23, 0x02, 1,    0,    0x04, 6,    'p',  'u', 'b',  'l', 'i', 'c',
        0xa4, 0x16, 0x06, 3,    0x2b, 6,    1,    0x40, 4,   10,   0,   0,   9,
        0x02, 1,    6,    0x02, 1,    1,    0x43, 1,    7,   0x30, 0});

  const auto senders = Take();

  ASSERT_EQ(senders.size(), 1u);
  EXPECT_THAT(senders[0].clues.agents, ElementsAre(from_, snmp::Endpoint::V4(0x0a000009, 0)));
}

TEST_F(NotificationsTest, AnInformIsAnsweredOnceSomethingWasMadeOfIt) {
  const Varbinds said = {{core::oids::kSysName, snmp::Value::Octets("front-desk")}};
  Send(Message(snmp::PduType::kInform, said));

  EXPECT_EQ(Take().size(), 1u);

  EXPECT_THAT(Answers(), ElementsAre(Message(snmp::PduType::kResponse, said)));
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_THAT(Answers(), IsEmpty()) << "once";
}

TEST_F(NotificationsTest, OnlyOurCommunitiesAreHeard) {
  Send(Message(snmp::PduType::kInform, {}, "secret"));
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(Counted(Notified::kWrongCommunity), 1u);
  Send(Message(snmp::PduType::kTrap, {}, "quiet"));
  EXPECT_EQ(Take().size(), 1u);
}

TEST_F(NotificationsTest, WhatIsNoNotificationIsCounted) {
  Send({0x30});
  Send(Message(snmp::PduType::kResponse, {}));
  Send(Message(snmp::PduType::kGet, {}));
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(Counted(Notified::kUndecodable), 1u);
  EXPECT_EQ(Counted(Notified::kOther), 2u);
}

TEST_F(NotificationsTest, InVersion3ATrapIsItsEngines) {
  Send(SecuredTrap(Fleet(), {{core::oids::kSysName, snmp::Value::Octets("front-desk")}}));

  const auto senders = Take();

  ASSERT_EQ(senders.size(), 1u);
  EXPECT_EQ(senders[0].engine_id, kPrinterEngine);
  EXPECT_EQ(senders[0].clues.sys_name, "front-desk");
}

TEST_F(NotificationsTest, InVersion3AnotherUserLevelOrKeyIsNotHeard) {
  snmp::usm::UserOptions user = Fleet();
  user.auth_password = "another password";
  Send(SecuredTrap(user, {}));
  user = Fleet();
  user.priv = snmp::usm::PrivProtocol::kNone;
  Send(SecuredTrap(user, {}));
  user = Fleet();
  user.name = "nobody";
  Send(SecuredTrap(user, {}));
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_EQ(Counted(Notified::kUnbelieved), 3u);
}

TEST_F(NotificationsTest, CredentialsMayChange) {
  snmp::usm::UserOptions changed = Fleet();
  changed.auth_password = "another password";
  taker_.SetCredentials({"other"}, {changed}, 99);
  Send(SecuredTrap(Fleet(), {}));
  Send(Message(snmp::PduType::kTrap, {}));
  EXPECT_THAT(Take(), IsEmpty());
  Send(SecuredTrap(changed, {}));
  Send(Message(snmp::PduType::kTrap, {}, "other"));
  EXPECT_EQ(Take().size(), 2u);
}

TEST_F(NotificationsTest, WhoAsksIsToldOurEngine) {
  snmp::usm::User user(Fleet());
  snmp::usm::Session session(user, 7);
  const std::vector<snmp::Oid> names = {core::oids::kSysName};
  const snmp::RequestTemplate request(snmp::Version::kV3, snmp::PduType::kGet, names, {});
  snmp::usm::Cipher cipher;
  Bytes room(session.size(request));
  const auto sent = session.Write(cipher, clock_.Now(), request, 1, room);
  Send({sent.begin(), sent.end()});

  EXPECT_THAT(Take(), IsEmpty());

  const std::vector<Bytes> answers = Answers();
  ASSERT_EQ(answers.size(), 1u);
  snmp::usm::Frame frame;
  ASSERT_EQ(snmp::usm::Parse(answers[0], frame), snmp::DecodeFault::kNone);
  EXPECT_EQ(frame.engine_id, kOurEngine);
  EXPECT_EQ(frame.boots, 3);
  EXPECT_EQ(Counted(Notified::kReported), 1u);
}

}  // namespace
}  // namespace platen::collector::edge
