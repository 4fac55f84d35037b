#include "tools/fleetsim/simulator.h"

#include <algorithm>
#include <functional>

namespace platen::fleetsim {

void Simulator::Step() {
  const base::MonotonicTime now = clock_.Now();
  bytes_.clear();
  ends_.clear();
  out_.clear();
  for (const snmp::InDatagram& request : network_.Receive()) Take(now, request);
  Flush();
  while (!delayed_.empty() && delayed_.top().due <= now) {
    const Delayed& answer = delayed_.top();
    const snmp::OutDatagram out{.to = answer.to, .bytes = answer.bytes, .from = answer.from};
    network_.Send({&out, 1});
    delayed_.pop();
  }
}

void Simulator::SendTraps() {
  for (const Fleet::Trap& trap : fleet_.TakeTraps()) {
    const snmp::OutDatagram out{
        .to = trap.to, .bytes = trap.bytes, .from = snmp::Endpoint::V4(trap.from, 0)};
    network_.Send({&out, 1});
  }
}

void Simulator::Take(base::MonotonicTime now, const snmp::InDatagram& request) {
  if (!request.to.is_v4()) return;
  const Reply reply = fleet_.OnDatagram(now, request.to.v4(), request.bytes);
  if (reply.bytes.empty()) return;
  if (reply.delay.count() > 0) {
    if (delayed_.size() == kDelayedMax) return;
    delayed_.push(
        {now + reply.delay, request.to, request.from, {reply.bytes.begin(), reply.bytes.end()}});
    return;
  }
  bytes_.insert(bytes_.end(), reply.bytes.begin(), reply.bytes.end());
  ends_.push_back(bytes_.size());
  out_.push_back({.to = request.from, .from = request.to});
}

// The bytes have found their place only now that no more are added.
void Simulator::Flush() {
  std::size_t start = 0;
  for (std::size_t i = 0; i < out_.size(); ++i) {
    out_[i].bytes = std::span(bytes_).subspan(start, ends_[i] - start);
    start = ends_[i];
  }
  // What the kernel has no room for now is lost; whoever asked will ask again.
  network_.Send(out_);
}

base::Duration Simulator::UntilDue(base::Duration at_most) const {
  if (delayed_.empty()) return at_most;
  return std::clamp(delayed_.top().due - clock_.Now(), base::Duration(0), at_most);
}

}  // namespace platen::fleetsim
