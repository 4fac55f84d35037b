#include "libs/snmp/client.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/snmp/fetch.h"

namespace platen::snmp {

Client::Client(Datagrams& network, const base::Clock& clock, SipKey key, ClientOptions options)
    : network_(network),
      clock_(clock),
      options_(std::move(options)),
      matcher_(key, 1, network.port_count()) {}

void Client::Run(Dialogue& dialogue, const Sink& sink) {
  while (const auto request = dialogue.Next()) {
    const MessageView* answer = Ask(*request);
    if (answer == nullptr) {
      dialogue.OnTimeout();
      continue;
    }
    for (const VarbindView& varbind : dialogue.OnResponse(*answer)) sink(varbind);
  }
}

const MessageView* Client::Ask(const RequestSpec& request) {
  const RequestTemplate encoded(request.version, request.type, request.names, request.bulk);
  for (int attempt = 0; attempt <= options_.retries; ++attempt) {
    if (Attempt(encoded)) return &message_;
    ++counts_.timeouts;
  }
  return nullptr;
}

bool Client::Attempt(const RequestTemplate& request) {
  const auto issued =
      matcher_.Open({.peer = options_.agent, .request = &request, .community = options_.community});
  buffer_.resize(request.size(options_.community.size()));
  const OutDatagram out{.to = options_.agent,
                        .bytes = request.Render(options_.community, issued->request_id, buffer_),
                        .via = issued->via};
  ++counts_.requests;
  network_.Send({&out, 1});
  return Await(issued->request_id);
}

bool Client::Await(std::int32_t request_id) {
  const base::MonotonicTime deadline = clock_.Now() + options_.timeout;
  for (base::MonotonicTime now = clock_.Now(); now < deadline; now = clock_.Now()) {
    if (!network_.Wait(deadline - now)) continue;
    for (const InDatagram& in : network_.Receive()) {
      const DecodeFault fault = decoder_.Decode(in.bytes, message_);
      ++counts_.refused[static_cast<std::size_t>(fault)];
      if (fault != DecodeFault::kNone) continue;
      if (matcher_.Accept(in.from, in.via, message_).result == MatchResult::kMatched) return true;
    }
  }
  matcher_.GiveUp(request_id);
  return false;
}

absl::Status Client::Silence() const {
  return base::Unavailable(options_.agent.ToString(), " does not answer SNMP");
}

absl::StatusOr<std::vector<Varbind>> Client::Get(std::span<const Oid> names) {
  std::vector<Varbind> found;
  Fetch fetch({.names = {names.begin(), names.end()}, .allow_v1 = options_.allow_v1}, limits_);
  Run(fetch, [&found](const VarbindView& varbind) { found.emplace_back(varbind); });
  if (fetch.end() == FetchEnd::kSilent) return Silence();
  return found;
}

absl::StatusOr<std::vector<Varbind>> Client::WalkAll(std::span<const Oid> subtrees) {
  std::vector<Varbind> found;
  Walk walk({.subtrees = {subtrees.begin(), subtrees.end()}, .allow_v1 = options_.allow_v1},
            limits_);
  Run(walk, [&found](const VarbindView& varbind) { found.emplace_back(varbind); });
  for (std::size_t i = 0; i < subtrees.size(); ++i) {
    const SubtreeEnd end = walk.ends()[i];
    if (end == SubtreeEnd::kComplete) continue;
    if (end == SubtreeEnd::kSilent) return Silence();
    return base::Error(absl::StatusCode::kAborted,
                       "reading ",
                       subtrees[i].ToString(),
                       " from ",
                       options_.agent.ToString(),
                       " ended early: ",
                       Name(end));
  }
  std::sort(found.begin(), found.end(), [](const Varbind& a, const Varbind& b) {
    return a.name < b.name;
  });
  return found;
}

ClientCounts Client::counts() const {
  ClientCounts counts = counts_;
  counts.matched = matcher_.counts();
  return counts;
}

}  // namespace platen::snmp
