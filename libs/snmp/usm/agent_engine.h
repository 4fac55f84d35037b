// The answering side of the User-based Security Model, for whom informs are sent to, and for
// simulated devices and tests: knows
// users, tells a device's engine id and clock to who asks (RFC 3414 §4), and refuses as RFC 3414
// §3.2 says. One serves any number of devices with the same users.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libs/snmp/usm/secured_message.h"

namespace platen::snmp::usm {

struct AgentEngineOptions {
  std::vector<UserOptions> users;
  // Contexts besides "".
  std::vector<std::string> contexts;
  // Where the numbers begin that are never used twice by one key in one boot.
  std::uint64_t salt = 0;
};

// The device that is asked, at the time of asking.
struct EngineNow {
  std::string_view engine_id;
  std::int32_t boots = 1;
  std::int32_t time = 0;  // Seconds since the last boot.
};

// Thread-confined.
class AgentEngine {
 public:
  explicit AgentEngine(const AgentEngineOptions& options);

  // What came. One of: a request to be answered by Reply(); a report to be sent; nothing, where
  // there is nothing to say. Views into the datagram, the engine and the decoder.
  struct Received {
    std::optional<MessageView> request;
    std::string context;
    std::string context_engine_id;  // What it is about; who informs us says his own.
    std::vector<std::uint8_t> report;
  };

  Received Receive(const EngineNow& engine, std::span<const std::uint8_t> datagram);

  // The answer to the request that Receive() gave last: `message` as MessageWriter makes it of a
  // head of version 2c with no community.
  std::vector<std::uint8_t> Reply(const EngineNow& engine, std::span<const std::uint8_t> message);

 private:
  // RFC 3414 §5: usmStats, in the order of their numbers.
  enum class Stat : std::uint8_t {
    kUnsupportedSecLevels,
    kNotInTimeWindows,
    kUnknownUserNames,
    kUnknownEngineIds,
    kWrongDigests,
    kDecryptionErrors,
    kUnknownContexts,  // RFC 3412's, behind them.
  };

  // Why the message is not taken, or nothing.
  std::optional<Stat> Judge(const EngineNow& engine,
                            std::span<const std::uint8_t> datagram,
                            const Frame& frame,
                            ScopedPdu& scoped);
  Received Report(const EngineNow& engine, const Frame& frame, Stat stat);
  std::vector<std::uint8_t> Seal(const Letter& letter, std::span<const std::uint8_t> pdu);

  std::vector<std::unique_ptr<User>> users_;
  std::vector<std::string> contexts_;
  std::array<std::uint32_t, 7> stats_{};
  Cipher cipher_;
  MessageDecoder decoder_;
  std::uint64_t salt_;
  // Of the last request.
  std::int32_t message_id_ = 0;
  std::string user_;
  std::shared_ptr<const LocalizedKeys> keys_;
  std::string context_engine_id_;  // The asker's choice: an inform's is its sender's own.
  std::string context_;
};

}  // namespace platen::snmp::usm
