#include "libs/tls/peer_registry.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace platen::tls {

struct PeerRegistry::Registration::Entry {
  Peer peer;
  bool cut = false;                 // `cancel` has been or is being called.
  std::thread::id cancelling = {};  // The thread that calls it right now.
};

struct PeerRegistry::Registration::State {
  mutable std::mutex mutex;
  std::condition_variable cancel_done;
  std::vector<std::shared_ptr<Entry>> entries;
};

PeerRegistry::PeerRegistry() : state_(std::make_shared<Registration::State>()) {}

PeerRegistry::Registration::~Registration() {
  Remove();
}

PeerRegistry::Registration& PeerRegistry::Registration::operator=(Registration&& other) noexcept {
  if (this == &other) return *this;
  Remove();
  state_ = std::move(other.state_);
  entry_ = std::move(other.entry_);
  return *this;
}

void PeerRegistry::Registration::Remove() {
  if (entry_ == nullptr) return;
  std::unique_lock lock(state_->mutex);
  // A cancel that ends the stream at once destroys this from within: then there is nothing to wait
  // for.
  state_->cancel_done.wait(lock, [this] {
    return entry_->cancelling == std::thread::id() ||
           entry_->cancelling == std::this_thread::get_id();
  });
  std::erase(state_->entries, entry_);
  lock.unlock();
  entry_.reset();
}

PeerRegistry::Registration PeerRegistry::Add(Peer peer) {
  Registration registration;
  registration.state_ = state_;
  registration.entry_ = std::make_shared<Registration::Entry>();
  registration.entry_->peer = std::move(peer);
  const std::lock_guard lock(state_->mutex);
  state_->entries.push_back(registration.entry_);
  return registration;
}

int PeerRegistry::CutRefused(const std::function<Verdict(const Peer&)>& judge) {
  std::unique_lock lock(state_->mutex);
  const std::vector<std::shared_ptr<Registration::Entry>> entries = state_->entries;
  lock.unlock();
  int cut = 0;
  for (const auto& entry : entries) {
    if (judge(entry->peer).accepted()) continue;
    lock.lock();
    const bool gone =
        std::find(state_->entries.begin(), state_->entries.end(), entry) == state_->entries.end();
    if (gone || entry->cut) {
      lock.unlock();
      continue;
    }
    entry->cut = true;
    entry->cancelling = std::this_thread::get_id();
    lock.unlock();
    entry->peer.cancel();
    ++cut;
    lock.lock();
    entry->cancelling = std::thread::id();
    lock.unlock();
    state_->cancel_done.notify_all();
  }
  return cut;
}

std::size_t PeerRegistry::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->entries.size();
}

}  // namespace platen::tls
