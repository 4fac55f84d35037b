// Asking one agent and waiting for it: for tools and tests. (A collector runs many dialogues at
// once on its own loop, from the same parts.)
#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/snmp/datagrams.h"
#include "libs/snmp/dialogue.h"
#include "libs/snmp/match.h"
#include "libs/snmp/walk.h"

namespace platen::snmp {

struct ClientOptions {
  Endpoint agent;
  std::string community = "public";
  base::Duration timeout = std::chrono::seconds(2);  // For each attempt.
  int retries = 1;       // Attempts after the first, each under an id of its own.
  bool allow_v1 = true;  // May fall back to SNMPv1.
};

struct ClientCounts {
  std::uint64_t requests = 0;
  std::uint64_t timeouts = 0;  // Attempts without an answer.
  std::array<std::uint64_t, kDecodeFaults>
      refused{};  // Datagrams that were no message, by DecodeFault.
  std::array<std::uint64_t, kMatchResults> matched{};  // Messages by MatchResult.
};

// Thread-confined. Borrows network and clock. Blocks at most (retries + 1) · timeout for each
// request.
class Client {
 public:
  using Sink = std::function<void(const VarbindView&)>;

  Client(Datagrams& network, const base::Clock& clock, SipKey key, ClientOptions options);

  // Runs `dialogue` to its end and hands on what it brings. The views live only during the call of
  // `sink`.
  void Run(Dialogue& dialogue, const Sink& sink);

  // What stands under `names`; what the agent doesn't have is there as an exception, what it fails
  // at is missing. kUnavailable if it doesn't answer.
  absl::StatusOr<std::vector<Varbind>> Get(std::span<const Oid> names);

  // Everything below `subtrees`, in the order of the names. kUnavailable if the agent doesn't
  // answer, kAborted with the reason if it answers but a subtree could not be read to its end.
  absl::StatusOr<std::vector<Varbind>> WalkAll(std::span<const Oid> subtrees);

  // What was learned about the agent.
  AgentLimits& limits() { return limits_; }

  ClientCounts counts() const;

 private:
  // One request with its retries; null if nothing came. The message lives until the next call.
  const MessageView* Ask(const RequestSpec& request);
  bool Attempt(const RequestTemplate& request);
  bool Await(std::int32_t request_id);
  absl::Status Silence() const;

  Datagrams& network_;
  const base::Clock& clock_;
  ClientOptions options_;
  ResponseMatcher matcher_;
  MessageDecoder decoder_;
  MessageView message_;
  AgentLimits limits_;
  ClientCounts counts_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace platen::snmp
