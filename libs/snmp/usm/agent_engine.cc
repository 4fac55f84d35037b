#include "libs/snmp/usm/agent_engine.h"

#include <algorithm>
#include <cstdlib>

#include "libs/snmp/ber.h"
#include "libs/snmp/message_writer.h"

namespace platen::snmp::usm {
namespace {

constexpr std::int64_t kTimeWindow = 150;  // Seconds (RFC 3414 §2.2.3).

// A PDU out of a message of version 2c.
std::span<const std::uint8_t> PduOf(std::span<const std::uint8_t> message) {
  snmp::internal::BerReader contents;
  snmp::internal::BerReader skipped;
  snmp::internal::BerReader(message).Expect(snmp::internal::kSequence, contents);
  contents.Expect(static_cast<std::uint8_t>(ValueType::kInteger), skipped);
  contents.Expect(static_cast<std::uint8_t>(ValueType::kOctetString), skipped);
  return contents.rest();
}

Oid NameOf(std::size_t stat) {
  static const std::array<Oid, 7> kNames = {"1.3.6.1.6.3.15.1.1.1.0"_oid,
                                            "1.3.6.1.6.3.15.1.1.2.0"_oid,
                                            "1.3.6.1.6.3.15.1.1.3.0"_oid,
                                            "1.3.6.1.6.3.15.1.1.4.0"_oid,
                                            "1.3.6.1.6.3.15.1.1.5.0"_oid,
                                            "1.3.6.1.6.3.15.1.1.6.0"_oid,
                                            "1.3.6.1.6.3.12.1.5.0"_oid};
  return kNames[stat];
}

}  // namespace

AgentEngine::AgentEngine(const AgentEngineOptions& options)
    : contexts_(options.contexts), salt_(options.salt) {
  for (const UserOptions& user : options.users) users_.push_back(std::make_unique<User>(user));
}

AgentEngine::Received AgentEngine::Receive(const EngineNow& engine,
                                           std::span<const std::uint8_t> datagram) {
  Frame frame;
  if (Parse(datagram, frame) != DecodeFault::kNone) return {};
  message_id_ = frame.message_id;
  user_ = frame.user;
  keys_.reset();
  ScopedPdu scoped;
  if (const auto stat = Judge(engine, datagram, frame, scoped); stat.has_value()) {
    return frame.reportable ? Report(engine, frame, *stat) : Received{};
  }
  context_ = scoped.context_name;
  context_engine_id_ = scoped.context_engine_id;
  Received received{.context = context_,
                    .context_engine_id = std::string(scoped.context_engine_id)};
  if (decoder_.DecodePdu(scoped.pdu, received.request.emplace()) != DecodeFault::kNone) return {};
  received.request->head.version = Version::kV2c;
  return received;
}

std::optional<AgentEngine::Stat> AgentEngine::Judge(const EngineNow& engine,
                                                    std::span<const std::uint8_t> datagram,
                                                    const Frame& frame,
                                                    ScopedPdu& scoped) {
  if (frame.engine_id != engine.engine_id) return Stat::kUnknownEngineIds;
  const auto user = std::find_if(
      users_.begin(), users_.end(), [&](const auto& known) { return known->name() == frame.user; });
  if (user == users_.end()) return Stat::kUnknownUserNames;
  const auto keys = (*user)->KeysFor(engine.engine_id);
  if (frame.level != LevelOf(*keys)) return Stat::kUnsupportedSecLevels;
  const OpenFault fault = cipher_.Open(datagram, frame, *keys, scoped);
  if (fault == OpenFault::kWrongTag) return Stat::kWrongDigests;
  keys_ = keys;
  const std::int64_t late = std::int64_t{engine.time} - frame.time;
  const bool timely = frame.boots == engine.boots && std::abs(late) <= kTimeWindow;
  if (frame.level != Level::kNoAuthNoPriv && !timely) return Stat::kNotInTimeWindows;
  if (fault != OpenFault::kNone) return Stat::kDecryptionErrors;
  const bool has_context =
      scoped.context_name.empty() ||
      std::find(contexts_.begin(), contexts_.end(), scoped.context_name) != contexts_.end();
  return has_context ? std::nullopt : std::optional(Stat::kUnknownContexts);
}

// At the level that the asker can read, which is what it was not refused for.
AgentEngine::Received AgentEngine::Report(const EngineNow& engine, const Frame& frame, Stat stat) {
  const auto number = static_cast<std::size_t>(stat);
  std::vector<std::uint8_t> room(256);
  MessageWriter writer(room, 0);
  const Oid name = NameOf(number);
  writer.Add({name, ValueView::Number(ValueType::kCounter32, ++stats_[number])});
  const auto message = writer.Finish({.type = PduType::kReport, .request_id = frame.message_id});
  // RFC 3414 §3.2: a wrong clock is told under a signature, and nothing is encrypted.
  LocalizedKeys signing;
  if (stat == Stat::kNotInTimeWindows) signing = *keys_;
  signing.priv = PrivProtocol::kNone;
  return {.report = Seal({.message_id = frame.message_id,
                          .reportable = false,
                          .engine_id = engine.engine_id,
                          .boots = engine.boots,
                          .time = engine.time,
                          .user = user_,
                          .keys = &signing,
                          .context_engine_id = engine.engine_id},
                         PduOf(message))};
}

std::vector<std::uint8_t> AgentEngine::Reply(const EngineNow& engine,
                                             std::span<const std::uint8_t> message) {
  return Seal({.message_id = message_id_,
               .reportable = false,
               .engine_id = engine.engine_id,
               .boots = engine.boots,
               .time = engine.time,
               .user = user_,
               .keys = keys_.get(),
               .salt = ++salt_,
               .context_engine_id = context_engine_id_,
               .context_name = context_},
              PduOf(message));
}

std::vector<std::uint8_t> AgentEngine::Seal(const Letter& letter,
                                            std::span<const std::uint8_t> pdu) {
  std::vector<std::uint8_t> room(pdu.size() + MaxFrameBytes(letter));
  const auto sealed = cipher_.Seal(
      letter,
      pdu.size(),
      [pdu](std::span<std::uint8_t> out) { std::copy(pdu.begin(), pdu.end(), out.begin()); },
      room);
  return {sealed.begin(), sealed.end()};
}

}  // namespace platen::snmp::usm
