#include "libs/snmp/match.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "absl/base/internal/raw_logging.h"

namespace platen::snmp {
namespace {

constexpr std::uint64_t kIdMask = 0x7fffffff;

// Requests that leave from one port before the next is drawn: Datagrams sends what shares a port in
// one call.
constexpr std::uint32_t kRequestsPerPort = 64;

// GETNEXT and GETBULK answer with names that only the walk can judge (libs/snmp/walk.h); a GET's
// answer must repeat the names asked for, and so must a refusal, of as many varbinds as the agent
// cared to return.
bool NamesFit(const RequestTemplate& request, const MessageView& message) {
  const bool must_repeat = request.type() == PduType::kGet || message.head.error_status != 0;
  if (!must_repeat) return true;
  for (std::size_t i = 0; i < message.varbinds.size(); ++i) {
    if (message.varbinds[i].name != request.name(i)) return false;
  }
  return true;
}

MatchResult JudgeSource(const OpenRequest& open, const Endpoint& from) {
  if (!open.any_address && open.peer.address != from.address) return MatchResult::kWrongAddress;
  return open.peer.port == from.port ? MatchResult::kMatched : MatchResult::kWrongSourcePort;
}

MatchResult Judge(const OpenRequest& open, const Endpoint& from, const MessageView& message) {
  const MatchResult source = JudgeSource(open, from);
  if (source != MatchResult::kMatched) return source;
  if (open.request->version() != message.head.version) return MatchResult::kWrongVersion;
  if (open.community != message.head.community) return MatchResult::kWrongCommunity;
  const std::size_t most =
      message.head.error_status == 0 ? open.request->max_answers() : open.request->name_count();
  if (message.varbinds.size() > most) return MatchResult::kTooManyVarbinds;
  if (!NamesFit(*open.request, message)) return MatchResult::kWrongNames;
  return MatchResult::kMatched;
}

}  // namespace

ResponseMatcher::ResponseMatcher(SipKey key, std::size_t capacity, std::size_t ports)
    : key_(key),
      ports_(ports),
      entries_(capacity),
      free_(capacity),
      index_(std::bit_ceil(capacity * 2), kEmpty),
      index_mask_(index_.size() - 1),
      ended_(index_.size()) {
  ABSL_RAW_CHECK(capacity > 0 && capacity < kEmpty / 4, "ResponseMatcher: capacity");
  ABSL_RAW_CHECK(ports > 0 && ports <= 256, "ResponseMatcher: 1 to 256 ports");
  std::iota(free_.rbegin(), free_.rend(), 0u);
}

std::optional<Issued> ResponseMatcher::Open(const OpenRequest& request) {
  if (free_.empty()) return std::nullopt;
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  Entry& entry = entries_[slot];
  std::uint64_t hash = 0;
  do {
    hash = SipHash(key_, slot, ++entry.generation);
    entry.id = static_cast<std::int32_t>(hash & kIdMask);
  } while (entry.id == 0 || Find(entry.id).has_value());
  if (opened_++ % kRequestsPerPort == 0) via_ = static_cast<std::uint8_t>((hash >> 32) % ports_);
  entry.via = via_;
  entry.request = request;
  Insert(entry.id, slot);
  return Issued{entry.id, entry.via};
}

std::optional<std::uint64_t> ResponseMatcher::GiveUp(std::int32_t request_id) {
  const auto position = Find(request_id);
  if (!position.has_value()) return std::nullopt;
  const std::uint64_t token = entries_[index_[*position]].request.token;
  End(*position);
  return token;
}

Match ResponseMatcher::Accept(const Endpoint& from, std::uint8_t via, const MessageView& message) {
  const auto count = [this](MatchResult result) {
    ++counts_[static_cast<std::size_t>(result)];
    return Match{result, 0};
  };
  if (message.head.type != PduType::kResponse) return count(MatchResult::kNotAResponse);
  const std::int32_t id = message.head.request_id;
  const auto position = Find(id);
  if (!position.has_value()) return count(Unknown(id));
  const Entry& entry = entries_[index_[*position]];
  MatchResult result = Judge(entry.request, from, message);
  if (result == MatchResult::kMatched && entry.via != via) result = MatchResult::kWrongLocalPort;
  Match match = count(result);
  if (result != MatchResult::kMatched) return match;
  match.token = entry.request.token;
  End(*position);
  return match;
}

std::optional<std::uint64_t> ResponseMatcher::Expects(const Endpoint& from,
                                                      std::uint8_t via,
                                                      std::int32_t id) {
  const auto position = Find(id);
  MatchResult result = MatchResult::kMatched;
  if (!position.has_value()) {
    result = Unknown(id);
  } else {
    const Entry& entry = entries_[index_[*position]];
    result = JudgeSource(entry.request, from);
    if (result == MatchResult::kMatched && entry.via != via) result = MatchResult::kWrongLocalPort;
    if (result == MatchResult::kMatched && entry.request.request->version() != Version::kV3) {
      result = MatchResult::kWrongVersion;
    }
    if (result == MatchResult::kMatched) return entry.request.token;
  }
  ++counts_[static_cast<std::size_t>(result)];
  return std::nullopt;
}

MatchResult ResponseMatcher::Unknown(std::int32_t id) const {
  return id != 0 && ended_[Home(id)] == id ? MatchResult::kLate : MatchResult::kUnknownId;
}

std::optional<std::size_t> ResponseMatcher::Find(std::int32_t id) const {
  for (std::size_t at = Home(id); index_[at] != kEmpty; at = (at + 1) & index_mask_) {
    if (entries_[index_[at]].id == id) return at;
  }
  return std::nullopt;
}

void ResponseMatcher::Insert(std::int32_t id, std::uint32_t slot) {
  std::size_t at = Home(id);
  while (index_[at] != kEmpty) at = (at + 1) & index_mask_;
  index_[at] = slot;
}

// Closes the gap by moving back whatever probed past it, so that no tombstones pile up.
void ResponseMatcher::Erase(std::size_t position) {
  std::size_t gap = position;
  for (std::size_t at = (gap + 1) & index_mask_; index_[at] != kEmpty;
       at = (at + 1) & index_mask_) {
    const std::size_t home = Home(entries_[index_[at]].id);
    const bool may_move = ((at - home) & index_mask_) >= ((at - gap) & index_mask_);
    if (!may_move) continue;
    index_[gap] = index_[at];
    gap = at;
  }
  index_[gap] = kEmpty;
}

void ResponseMatcher::End(std::size_t position) {
  const std::uint32_t slot = index_[position];
  const std::int32_t id = entries_[slot].id;
  Erase(position);
  ended_[Home(id)] = id;
  free_.push_back(slot);
}

std::string_view Name(MatchResult result) {
  switch (result) {
    case MatchResult::kMatched:
      return "matched";
    case MatchResult::kNotAResponse:
      return "not_a_response";
    case MatchResult::kUnknownId:
      return "unknown_id";
    case MatchResult::kLate:
      return "late";
    case MatchResult::kWrongAddress:
      return "wrong_address";
    case MatchResult::kWrongSourcePort:
      return "wrong_source_port";
    case MatchResult::kWrongLocalPort:
      return "wrong_local_port";
    case MatchResult::kWrongVersion:
      return "wrong_version";
    case MatchResult::kWrongCommunity:
      return "wrong_community";
    case MatchResult::kTooManyVarbinds:
      return "too_many_varbinds";
    case MatchResult::kWrongNames:
      return "wrong_names";
  }
  return "unknown";
}

}  // namespace platen::snmp
