#include "services/gateway/edge/alert_hub.h"

#include "services/gateway/edge/alert_watch.h"
#include "services/gateway/edge/reader.h"

namespace platen::gateway::edge {

bool AlertHub::Add(const std::shared_ptr<AlertWatch>& watch) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watches_, [](const auto& weak) { return weak.expired(); });
  if (draining_ || watches_.size() >= options_.watches_max) return false;
  watches_.push_back(watch);
  return true;
}

std::vector<std::shared_ptr<AlertWatch>> AlertHub::Watches() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<AlertWatch>> watches;
  for (const auto& weak : watches_) {
    if (auto watch = weak.lock()) watches.push_back(std::move(watch));
  }
  return watches;
}

void AlertHub::Publish(const std::vector<AlertChange>& changes) {
  const auto watches = Watches();
  if (watches.empty()) return;
  for (const AlertChange& change : changes) {
    const auto watched = std::make_shared<const WatchedChange>(
        WatchedChange{.position = change.seq,
                      .place = change.where,
                      .record = MakeAlertRecord(change.where,
                                                change.device,
                                                change.state.open,
                                                change.state.raise_ms,
                                                change.state.end_ms,
                                                change.update_ms,
                                                change.payload)});
    for (const auto& watch : watches) watch->OnChange(watched);
  }
}

void AlertHub::Tick() {
  for (const auto& watch : Watches()) watch->OnTick(clock_.Now());
}

void AlertHub::Drain() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  for (const auto& watch : Watches()) watch->Drain();
}

}  // namespace platen::gateway::edge
