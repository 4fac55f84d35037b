#include "services/collector/edge/announcement_session.h"

#include <algorithm>

namespace platen::collector::edge {
namespace {

// Questions without an answer yet.
constexpr std::size_t kOpenMax = 1024;

}  // namespace

AnnouncementSession::AnnouncementSession(const core::AnnouncementQuery& query,
                                         const DiscoveryOptions& options,
                                         snmp::Datagrams& network,
                                         snmp::SipKey key)
    : query_(query),
      timeout_(options.timeout),
      network_(network),
      id_(static_cast<std::uint16_t>(key.k1)),
      datagram_(core::QueryDatagram(query, id_)),
      announcements_(query, id_),
      sweep_(query.asked.size(),
             {.per_second = options.per_second,
              .tries = options.tries,
              .open_max = kOpenMax,
              .seed = key.k0}),
      links_(options.links),
      questions_(kOpenMax) {
  for (std::size_t slot = kOpenMax; slot-- > 0;) {
    free_.push_back(static_cast<core::DeviceSlot>(slot));
  }
}

void AnnouncementSession::Poll(base::MonotonicTime now) {
  // Answers first, so that none that has come is late. A batch at a time: whoever sends without end
  // keeps nothing from ending.
  Receive();
  Expire(now);
  while (const auto question = sweep_.Next(now)) Ask(*question);
  links_.Release(now, ready_, ready_);
  SendReady(now);
}

std::optional<base::MonotonicTime> AnnouncementSession::next() const {
  std::optional<base::MonotonicTime> next = sweep_.next_time();
  const auto consider = [&next](std::optional<base::MonotonicTime> time) {
    if (time.has_value() && (!next.has_value() || *time < *next)) next = time;
  };
  consider(links_.next());
  if (!deadlines_.empty()) consider(deadlines_.front().first);
  // The network had no room.
  if (!ready_.empty()) consider(base::MonotonicTime());
  return next;
}

collector::v1::AnnouncementTally AnnouncementSession::tally() const {
  collector::v1::AnnouncementTally tally = announcements_.tally();
  const std::uint64_t oversized = network_.counts().receive_oversized;
  tally.set_queries(queries_);
  tally.set_answers(tally.answers() + oversized);
  tally.set_malformed(tally.malformed() + oversized);
  return tally;
}

void AnnouncementSession::Receive() {
  for (const snmp::InDatagram& in : network_.Receive()) {
    if (!announcements_.OnAnswer(in.from, in.bytes)) continue;
    // Of a group, others may answer as well, at each repetition.
    if (const auto open = open_.find(in.from); open != open_.end()) {
      questions_[open->second].answered = true;
    }
  }
}

void AnnouncementSession::Expire(base::MonotonicTime now) {
  while (!deadlines_.empty() && deadlines_.front().first <= now) {
    const core::DeviceSlot slot = deadlines_.front().second;
    deadlines_.pop_front();
    const Question& question = questions_[slot];
    open_.erase(question.to);
    free_.push_back(slot);
    sweep_.OnEnd(question.place, question.answered);
  }
}

void AnnouncementSession::Ask(const core::Sweep::Question& question) {
  // The sweep has no more open than there are slots.
  const core::DeviceSlot slot = free_.back();
  free_.pop_back();
  const snmp::Endpoint to = query_.asked.At(question.place, query_.port);
  questions_[slot] = {.place = question.place, .to = to, .answered = false};
  open_[to] = slot;
  if (Links::Link* const link = links_.Find(to); link != nullptr) {
    links_.Queue(*link, slot, true);
  } else {
    ready_.push_back(slot);
  }
}

void AnnouncementSession::SendReady(base::MonotonicTime now) {
  std::vector<snmp::OutDatagram> batch;
  for (const core::DeviceSlot slot : ready_) {
    batch.push_back({.to = questions_[slot].to, .bytes = datagram_});
  }
  const std::size_t taken = batch.empty() ? 0 : network_.Send(batch);
  for (std::size_t i = 0; i < taken; ++i) deadlines_.emplace_back(now + timeout_, ready_[i]);
  queries_ += taken;
  ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(taken));
}

}  // namespace platen::collector::edge
