// What to ask an agent next, given what it said: the seam between deciding (Walk, Fetch) and
// sending (Client, or a collector with a hundred thousand of them in the air).
//
//   while (const auto request = dialogue.Next()) {
//     send it; if an answer came: dialogue.OnResponse(answer), else after the last retry:
//     dialogue.OnTimeout()
//   }
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "libs/snmp/message.h"
#include "libs/snmp/request_template.h"

namespace platen::snmp {

// `names` are borrowed from the dialogue until its next call.
struct RequestSpec {
  Version version = Version::kV2c;
  PduType type = PduType::kGet;
  std::span<const OidView> names;
  BulkSize bulk;
};

// What one agent has shown it can do. The caller keeps it for each device, from one dialogue to the
// next; the start values suit most printers and never overflow an unfragmented datagram by much.
struct AgentLimits {
  Version version = Version::kV2c;
  bool version_confirmed = false;  // It has answered in this version.
  std::uint8_t names_max = 12;     // Names in one request.
  std::uint8_t answers_max =
      48;  // Varbinds that one GETBULK asks for; below 2, GETNEXT is used instead.

  friend bool operator==(const AgentLimits&, const AgentLimits&) = default;
};

// Pure: no I/O, no clock. Thread-confined.
class Dialogue {
 public:
  virtual ~Dialogue() = default;

  // The request to send, the same one until it is told what became of it; nothing when the dialogue
  // has ended.
  virtual std::optional<RequestSpec> Next() = 0;

  // What the answer brought, borrowed from it. REQUIRES: Next() gave a request, and this answers
  // it.
  virtual std::span<const VarbindView> OnResponse(const MessageView& response) = 0;

  // The request was not answered, retries included.
  virtual void OnTimeout() = 0;
};

// How a dialogue deals with an agent that doesn't answer: it asks for less, tries SNMPv1 where
// nothing was ever answered in v2c, and gives up after a few requests.
class Patience {
 public:
  // Borrows `limits`, and changes its version.
  Patience(AgentLimits& limits, bool allow_v1) : limits_(limits), allow_v1_(allow_v1) {}

  enum class Verdict : std::uint8_t { kAskForLess, kAskAgain, kGiveUp };

  void OnAnswer() {
    silent_ = 0;
    limits_.version_confirmed = true;
  }

  Verdict OnSilence();

 private:
  static constexpr int kSilentMax = 3;

  AgentLimits& limits_;
  bool allow_v1_;
  bool tried_v1_ = false;
  int silent_ = 0;
};

}  // namespace platen::snmp
