#include "services/notifier/edge/http/kept_connections.h"

#include <utility>

namespace platen::notifier::edge {

void KeptConnections::Keep(base::MonotonicTime now, const std::string& key, Connection connection) {
  if (max_ == 0) return connection->Close();
  if (kept_.size() >= max_) CloseOldest();
  const HttpConnection* const which = connection.get();
  kept_.push_back({.connection = std::move(connection), .key = key, .until = now + kKeptFor});
  by_key_[key].push_back(std::prev(kept_.end()));
  by_connection_.emplace(which, std::prev(kept_.end()));
}

KeptConnections::Connection KeptConnections::Take(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  const Entry newest = found->second.back();
  Connection connection = newest->connection;
  Forget(newest);
  return connection;
}

void KeptConnections::OnGone(const HttpConnection& connection) {
  const auto found = by_connection_.find(&connection);
  if (found != by_connection_.end()) Forget(found->second);
}

void KeptConnections::CloseAll() {
  while (!kept_.empty()) CloseOldest();
}

void KeptConnections::CloseThoseDue(base::MonotonicTime now) {
  while (!kept_.empty() && kept_.front().until <= now) CloseOldest();
}

std::optional<base::MonotonicTime> KeptConnections::next_due() const {
  return kept_.empty() ? std::nullopt : std::optional(kept_.front().until);
}

void KeptConnections::CloseOldest() {
  kept_.front().connection->Close();
  Forget(kept_.begin());
}

void KeptConnections::Forget(Entry entry) {
  by_connection_.erase(entry->connection.get());
  const auto same = by_key_.find(entry->key);
  std::erase(same->second, entry);
  if (same->second.empty()) by_key_.erase(same);
  kept_.erase(entry);
}

}  // namespace platen::notifier::edge
