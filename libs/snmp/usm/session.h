// One agent, asked as one user of SNMPv3: finding out its engine, keeping its time, and saying what
// is wrong where it refuses (RFC 3414 §3 and §4).
//
// An agent that is not known yet is asked for its engine first; one whose clock we have wrong says
// so: either costs one request more, and both together two. A device without an answer holds up
// nobody but itself.
//
// What is believed: an answer of the level that was asked for, from the engine that was asked,
// under the user and the context, to a message id that can't be guessed and is open (the caller
// asks snmp::ResponseMatcher for it first, before anything is hashed). Our ids are fresh for each
// request, so an old answer fits none: what RFC 3414 §3.2 has its time window for on the asking
// side. Therefore a signed answer's clock is taken as it is, also where its boots went back, as
// those of printers do that lose them with their power; and not the word of anybody without keys,
// but at first, when there is no other.
//
// Reports that can't be signed, for agent and collector share no key (an unknown user, a wrong
// password), end the request with a reason that people can act on: whoever can forge one can read
// the request and suppress its answer as well.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "libs/base/time.h"
#include "libs/snmp/request_template.h"
#include "libs/snmp/usm/secured_message.h"

namespace platen::snmp::usm {

// What became of a message that came for an open request. A metric's label: the order and names
// last.
enum class Heard : std::uint8_t {
  kAnswer,       // Believed; the PDU is to be matched with the question.
  kAgain,        // Engine or clock are known now: ask again, under a new id.
  kRefused,      // The agent does not serve this user, level or context: refusal() says why.
  kWrongEngine,  // From here on: not believed, and the request stays open.
  kWrongUser,
  kWrongLevel,
  kWrongTag,
  kUndecryptable,
  kWrongContext,
  kMalformed,
};

inline constexpr std::size_t kHeards = 10;

// "answer", "wrong_engine", …
std::string_view Name(Heard heard);

// Thread-confined; pure but for the cipher.
class Session {
 public:
  // `user` must outlive this. `salt` is where the numbers for privacy begin: random.
  Session(User& user, std::uint64_t salt) : user_(user), salt_(salt) {}

  // In which context of the agent to ask: "" is the usual one.
  void SetContext(std::string_view name) { context_name_ = name; }

  // Whether requests go as they are. Where not, the next one only asks who is there, and names
  // nothing.
  bool knows_engine() const { return keys_ != nullptr; }

  const std::string& engine_id() const { return engine_id_; }

  // Bytes that Write() needs.
  std::size_t size(const RequestTemplate& request) const;

  // The request under this id, somewhere in `room`; empty when it doesn't fit. REQUIRES: a request
  // of version 3.
  std::span<const std::uint8_t> Write(Cipher& cipher,
                                      base::MonotonicTime now,
                                      const RequestTemplate& request,
                                      std::int32_t message_id,
                                      std::span<std::uint8_t> room);

  // A message whose id belongs to a request that Write() wrote and that is still open. With
  // kAnswer, `message` is what `decoder` made of it.
  Heard Accept(Cipher& cipher,
               MessageDecoder& decoder,
               base::MonotonicTime now,
               std::span<const std::uint8_t> datagram,
               const Frame& frame,
               MessageView& message);

  // Why the agent refuses, in words: "the printer does not know the user …". Until it answers.
  const std::string& refusal() const { return refusal_; }

  // Engine and clock are to be found out again: the device is another one, or was silent for long.
  void Forget();

 private:
  Heard OnReport(base::MonotonicTime now, const Frame& frame, const MessageView& message);
  Heard OnUnknownEngine(base::MonotonicTime now, const Frame& frame);
  void SetTime(base::MonotonicTime now, const Frame& frame);
  std::int32_t TimeAt(base::MonotonicTime now) const;
  Letter MakeLetter(base::MonotonicTime now) const;
  Heard Refuse(std::string reason);
  // Another request, unless that helped nothing several times in a row.
  Heard AskAgain(std::string_view why);

  User& user_;
  std::shared_ptr<const LocalizedKeys> keys_;
  std::string engine_id_;
  std::string context_name_;
  std::string refusal_;
  std::uint64_t salt_;
  base::MonotonicTime time_read_;
  std::int32_t boots_ = 0;
  std::int32_t time_ = 0;
  std::uint8_t asked_again_ = 0;
};

}  // namespace platen::snmp::usm
