// Which answer belongs to which question.
//
// SNMPv1 and v2c have no cryptography: whoever can send a datagram can answer. So an answer is
// taken only when everything about it fits one request that is still open: where it came from,
// which of our ports it came to, an id that cannot be guessed (a keyed hash, 31 bits), version,
// community, and the names asked for; and once only. Whatever doesn't fit is counted by reason and
// changes nothing: a forger can neither end a request nor blame a device.
//
// Who answers from another address than he was asked at, as some devices with several interfaces
// do, is believed only where the request says so: all the rest has to fit.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "libs/snmp/endpoint.h"
#include "libs/snmp/message.h"
#include "libs/snmp/request_template.h"
#include "libs/snmp/siphash.h"

namespace platen::snmp {

// What became of a message. A metric's label: the order and names last.
enum class MatchResult : std::uint8_t {
  kMatched,
  kNotAResponse,     // Another PDU type.
  kUnknownId,        // No request has or recently had this id.
  kLate,             // Its request has been answered or given up: a duplicate, or too slow.
  kWrongAddress,     // From another address than the request went to.
  kWrongSourcePort,  // From the right address, another port.
  kWrongLocalPort,   // To another of our ports than the request left from.
  kWrongVersion,
  kWrongCommunity,
  kTooManyVarbinds,  // More than were asked for.
  kWrongNames,       // Other names than were asked for.
};

inline constexpr std::size_t kMatchResults = 11;

// "matched", "unknown_id", …
std::string_view Name(MatchResult result);

// A request as the matcher needs to know it. Template and community are borrowed until it has
// ended.
struct OpenRequest {
  Endpoint peer;
  const RequestTemplate* request = nullptr;
  std::string_view community;
  std::uint64_t token = 0;  // The caller's own: which device, which step.
  // Somebody has said that this peer answers from other addresses too; its port stays the same.
  bool any_address = false;
};

// Under which id and from which port a request is to be sent.
struct Issued {
  std::int32_t request_id = 0;  // Above 0, so that it always fits four bytes.
  std::uint8_t via = 0;
};

struct Match {
  MatchResult result = MatchResult::kUnknownId;
  std::uint64_t token = 0;  // When matched.
};

// The open requests. Every operation is O(1) and, after construction, allocates nothing.
// Thread-confined.
class ResponseMatcher {
 public:
  // `capacity`: requests that may be open at once (about 90 bytes each). `ports`:
  // Datagrams::port_count(). `key` must come from base::SecureRandom64() outside tests.
  ResponseMatcher(SipKey key, std::size_t capacity, std::size_t ports);

  // Opens a request; nothing when `capacity` requests are open.
  std::optional<Issued> Open(const OpenRequest& request);

  // Ends a request without an answer. Returns its token; nothing if it is not open.
  std::optional<std::uint64_t> GiveUp(std::int32_t request_id);

  // Judges a message that came from `from` to our port `via`, counts the result, and ends the
  // request it matches.
  Match Accept(const Endpoint& from, std::uint8_t via, const MessageView& message);

  // The open request that a message of SNMPv3 with this id may answer, by where it came from: its
  // token, and the request stays open, for only its keys tell whether the message is to be
  // believed. Counts what can't be its answer.
  std::optional<std::uint64_t> Expects(const Endpoint& from, std::uint8_t via, std::int32_t id);

  std::size_t open() const { return entries_.size() - free_.size(); }

  std::size_t capacity() const { return entries_.size(); }

  // How many messages had each result.
  const std::array<std::uint64_t, kMatchResults>& counts() const { return counts_; }

 private:
  struct Entry {
    OpenRequest request;
    std::int32_t id = 0;
    std::uint32_t generation = 0;
    std::uint8_t via = 0;
  };

  static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};

  std::size_t Home(std::int32_t id) const { return static_cast<std::uint32_t>(id) & index_mask_; }

  // Position in index_ of the entry with this id; nothing if there is none.
  std::optional<std::size_t> Find(std::int32_t id) const;
  void Insert(std::int32_t id, std::uint32_t slot);
  void Erase(std::size_t position);
  void End(std::size_t position);
  // Why no request is open under this id.
  MatchResult Unknown(std::int32_t id) const;

  SipKey key_;
  std::size_t ports_;
  std::uint8_t via_ = 0;      // The port that requests leave from at present.
  std::uint32_t opened_ = 0;  // Requests opened so far; may wrap.
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;  // Slots of entries_ that hold no open request.
  std::vector<std::uint32_t>
      index_;  // Open addressing by id, which is random: slots of entries_, or kEmpty.
  std::size_t index_mask_;
  std::vector<std::int32_t> ended_;  // Ids that ended lately, each at the place of its low bits.
  std::array<std::uint64_t, kMatchResults> counts_{};
};

}  // namespace platen::snmp
