// Any datagram of SNMPv3 is refused or understood, by the agent that is asked and by who asks; and
// any bytes that are sealed are the same when opened. The first byte says what the rest is.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/usm/agent_engine.h"
#include "libs/snmp/usm/session.h"

namespace {

using namespace platen::snmp::usm;
using platen::snmp::DecodeFault;
using Bytes = std::span<const std::uint8_t>;

constexpr std::string_view kEngine = "an engine id";

UserOptions UserOf(std::uint8_t choice) {
  return {.name = "user",
          .auth = static_cast<AuthProtocol>(1 + choice % 6),
          .auth_password = "password",
          .priv = static_cast<PrivProtocol>(choice / 6 % 5),
          .priv_password = "password"};
}

// Passwords take a millisecond each: once for each choice.
User& Known(std::uint8_t choice) {
  static std::array<std::unique_ptr<User>, 30> users;
  std::unique_ptr<User>& user = users[choice % 30];
  if (user == nullptr) user = std::make_unique<User>(UserOf(choice % 30));
  return *user;
}

void Judge(Cipher& cipher, User& user, Bytes datagram) {
  Frame frame;
  if (Parse(datagram, frame) != DecodeFault::kNone) return;
  ABSL_RAW_CHECK(IsVersion3(datagram), "what has a frame is of version 3");
  Session session(user, 1);
  platen::snmp::MessageDecoder decoder;
  platen::snmp::MessageView message;
  for (int i = 0; i < 2; ++i) {
    const Heard heard = session.Accept(cipher, decoder, {}, datagram, frame, message);
    ABSL_RAW_CHECK(heard != Heard::kAnswer, "nothing is signed by chance");
  }
  // Seeds are signed for it. Without a signature anybody may say anything, of the time too.
  static AgentEngine agent({.users = {UserOf(27), {.name = "open"}}});
  agent.Receive({.engine_id = kEngine, .time = 100}, datagram);
}

void SealAndOpen(Cipher& cipher, User& user, Bytes pdu) {
  const auto keys = user.KeysFor(kEngine);
  const Letter letter{.message_id = 1,
                      .engine_id = kEngine,
                      .boots = 1,
                      .time = 2,
                      .user = "user",
                      .keys = keys.get(),
                      .salt = 3,
                      .context_engine_id = kEngine};
  std::vector<std::uint8_t> room(pdu.size() + MaxFrameBytes(letter));
  const Bytes message = cipher.Seal(
      letter,
      pdu.size(),
      [pdu](std::span<std::uint8_t> at) { std::copy(pdu.begin(), pdu.end(), at.begin()); },
      room);
  if (message.empty()) return;
  Frame frame;
  ABSL_RAW_CHECK(Parse(message, frame) == DecodeFault::kNone, "what we write, we read");
  ScopedPdu scoped;
  ABSL_RAW_CHECK(cipher.Open(message, frame, *keys, scoped) == OpenFault::kNone, "and believe");
  ABSL_RAW_CHECK(std::equal(scoped.pdu.begin(), scoped.pdu.end(), pdu.begin(), pdu.end()),
                 "and it is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static Cipher cipher;
  const std::uint8_t choice = data[0];
  const Bytes rest{data + 1, size - 1};
  Judge(cipher, Known(choice), rest);
  SealAndOpen(cipher, Known(choice), rest);
  return 0;
}
