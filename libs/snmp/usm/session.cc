#include "libs/snmp/usm/session.h"

#include <algorithm>
#include <array>
#include <limits>

#include "libs/base/status.h"
#include "libs/snmp/back_writer.h"
#include "libs/snmp/ber.h"

namespace platen::snmp::usm {
namespace {

// Requests that bring nothing but the wish for another, one behind the other: the engine, then the
// clock, and each once more where the agent restarts meanwhile.
constexpr std::uint8_t kAskAgainMax = 4;

// RFC 3414 §5 and RFC 3412 §5: what stands in a Report, below snmpModules.
constexpr Oid kUnsupportedSecLevels = "1.3.6.1.6.3.15.1.1.1.0"_oid;
constexpr Oid kNotInTimeWindows = "1.3.6.1.6.3.15.1.1.2.0"_oid;
constexpr Oid kUnknownUserNames = "1.3.6.1.6.3.15.1.1.3.0"_oid;
constexpr Oid kUnknownEngineIds = "1.3.6.1.6.3.15.1.1.4.0"_oid;
constexpr Oid kWrongDigests = "1.3.6.1.6.3.15.1.1.5.0"_oid;
constexpr Oid kDecryptionErrors = "1.3.6.1.6.3.15.1.1.6.0"_oid;
constexpr Oid kUnavailableContexts = "1.3.6.1.6.3.12.1.4.0"_oid;
constexpr Oid kUnknownContexts = "1.3.6.1.6.3.12.1.5.0"_oid;

// A GET without names (RFC 3414 §4): its answer is a Report that tells the engine.
constexpr std::size_t kProbeBytes = 16;

void WriteProbe(std::int32_t id, std::span<std::uint8_t> pdu) {
  snmp::internal::BackWriter writer(pdu.data(), pdu.size());
  writer.PutHeader(snmp::internal::kSequence, pdu.size());
  writer.PutInt32(0);
  writer.PutInt32(0);
  writer.PutWideInt32(id);
  writer.PutHeader(static_cast<std::uint8_t>(PduType::kGet), pdu.size());
}

Heard HeardOf(OpenFault fault) {
  switch (fault) {
    case OpenFault::kNone:
      return Heard::kAnswer;
    case OpenFault::kWrongLevel:
      return Heard::kWrongLevel;
    case OpenFault::kWrongTag:
      return Heard::kWrongTag;
    case OpenFault::kUndecryptable:
      return Heard::kUndecryptable;
  }
  return Heard::kMalformed;
}

}  // namespace

std::string_view Name(Heard heard) {
  constexpr std::array<std::string_view, kHeards> kNames = {"answer",
                                                            "again",
                                                            "refused",
                                                            "wrong_engine",
                                                            "wrong_user",
                                                            "wrong_level",
                                                            "wrong_tag",
                                                            "undecryptable",
                                                            "wrong_context",
                                                            "malformed"};
  return kNames[static_cast<std::size_t>(heard)];
}

Letter Session::MakeLetter(base::MonotonicTime now) const {
  if (!knows_engine()) return {};
  return {.engine_id = engine_id_,
          .boots = boots_,
          .time = TimeAt(now),
          .user = user_.name(),
          .keys = keys_.get(),
          .salt = salt_,
          .context_engine_id = engine_id_,
          .context_name = context_name_};
}

std::size_t Session::size(const RequestTemplate& request) const {
  return (knows_engine() ? request.pdu_size() : kProbeBytes) + MaxFrameBytes(MakeLetter({}));
}

std::span<const std::uint8_t> Session::Write(Cipher& cipher,
                                             base::MonotonicTime now,
                                             const RequestTemplate& request,
                                             std::int32_t message_id,
                                             std::span<std::uint8_t> room) {
  Letter letter = MakeLetter(now);
  letter.message_id = message_id;
  room = room.first(std::min(room.size(), size(request)));
  if (!knows_engine()) {
    return cipher.Seal(
        letter,
        kProbeBytes,
        [message_id](std::span<std::uint8_t> pdu) { WriteProbe(message_id, pdu); },
        room);
  }
  ++salt_;
  return cipher.Seal(
      letter,
      request.pdu_size(),
      [&](std::span<std::uint8_t> pdu) { request.RenderPdu(message_id, pdu); },
      room);
}

Heard Session::Accept(Cipher& cipher,
                      MessageDecoder& decoder,
                      base::MonotonicTime now,
                      std::span<const std::uint8_t> datagram,
                      const Frame& frame,
                      MessageView& message) {
  static const LocalizedKeys kNoKeys;
  ScopedPdu scoped;
  const OpenFault fault = cipher.Open(datagram, frame, knows_engine() ? *keys_ : kNoKeys, scoped);
  if (fault != OpenFault::kNone) return HeardOf(fault);
  if (decoder.DecodePdu(scoped.pdu, message) != DecodeFault::kNone) return Heard::kMalformed;
  if (message.head.type == PduType::kReport) return OnReport(now, frame, message);
  if (!knows_engine() || frame.engine_id != engine_id_) return Heard::kWrongEngine;
  if (frame.user != user_.name()) return Heard::kWrongUser;
  if (frame.level != LevelOf(*keys_)) return Heard::kWrongLevel;
  if (scoped.context_name != context_name_) return Heard::kWrongContext;
  if (frame.level != Level::kNoAuthNoPriv) SetTime(now, frame);
  asked_again_ = 0;
  refusal_.clear();
  return Heard::kAnswer;
}

Heard Session::OnReport(base::MonotonicTime now, const Frame& frame, const MessageView& message) {
  if (message.varbinds.empty()) return Heard::kMalformed;
  const OidView what = message.varbinds.front().name;
  if (what == kUnknownEngineIds) return OnUnknownEngine(now, frame);
  // Before an engine is known nothing else was asked; and another engine can't refuse for this one.
  if (!knows_engine() || frame.engine_id != engine_id_) return Heard::kWrongEngine;
  if (what == kNotInTimeWindows) {
    if (frame.level == Level::kNoAuthNoPriv) return Heard::kWrongLevel;
    SetTime(now, frame);
    return AskAgain("says again and again that its clock is another");
  }
  const std::string user = base::StrCat("user \"", user_.name(), "\"");
  if (what == kUnknownUserNames) return Refuse(base::StrCat("it knows no ", user));
  if (what == kWrongDigests) {
    return Refuse(base::StrCat("it refuses the signature of ",
                               user,
                               ": the password for authentication is another, or its protocol not ",
                               Name(user_.auth())));
  }
  if (what == kDecryptionErrors) {
    return Refuse(base::StrCat("it can't decrypt what ",
                               user,
                               " says: the password for privacy is another, or its protocol not ",
                               Name(user_.priv())));
  }
  if (what == kUnsupportedSecLevels) {
    return Refuse(
        base::StrCat("it does not serve ", user, " at the level ", Name(LevelOf(*keys_))));
  }
  if (what == kUnknownContexts || what == kUnavailableContexts) {
    return Refuse(base::StrCat("it has no context \"", context_name_, "\""));
  }
  return Refuse(base::StrCat("it reports ", what.ToString()));
}

// Where the engine is known, this is an agent that was exchanged or has a new engine id: it says so
// without a signature, for it has no key under our name for it yet.
Heard Session::OnUnknownEngine(base::MonotonicTime now, const Frame& frame) {
  if (frame.engine_id.size() < kEngineIdMin || frame.engine_id.size() > kEngineIdMax) {
    return Heard::kMalformed;
  }
  if (!knows_engine() || frame.engine_id != engine_id_) {
    engine_id_ = frame.engine_id;
    keys_ = user_.KeysFor(engine_id_);
    SetTime(now, frame);
  }
  return AskAgain("says again and again that its engine is another");
}

void Session::SetTime(base::MonotonicTime now, const Frame& frame) {
  boots_ = std::max(frame.boots, 0);
  time_ = std::max(frame.time, 0);
  time_read_ = now;
}

std::int32_t Session::TimeAt(base::MonotonicTime now) const {
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - time_read_).count();
  const std::int64_t time = time_ + std::max<std::int64_t>(passed, 0);
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(time, std::numeric_limits<std::int32_t>::max()));
}

Heard Session::Refuse(std::string reason) {
  refusal_ = std::move(reason);
  asked_again_ = 0;
  return Heard::kRefused;
}

Heard Session::AskAgain(std::string_view why) {
  if (++asked_again_ <= kAskAgainMax) return Heard::kAgain;
  return Refuse(base::StrCat("it ", why));
}

void Session::Forget() {
  keys_.reset();
  engine_id_.clear();
  refusal_.clear();
  boots_ = 0;
  time_ = 0;
  asked_again_ = 0;
}

}  // namespace platen::snmp::usm
