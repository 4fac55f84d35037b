// Connections that wait for the next request to where they lead.
//
// Bounds: `max` of them, the oldest is closed where one more comes; kKeptFor each.
// Of one io_context's thread.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/notifier/edge/http/http_connection.h"

namespace platen::notifier::edge {

class KeptConnections {
 public:
  using Connection = std::shared_ptr<HttpConnection>;

  static constexpr base::Duration kKeptFor = std::chrono::seconds(60);

  explicit KeptConnections(std::size_t max) : max_(max) {}

  // `key`: where it leads, and on which terms.
  void Keep(base::MonotonicTime now, const std::string& key, Connection connection);

  // The one that was used last; null where there is none.
  Connection Take(const std::string& key);

  // It has closed by itself.
  void OnGone(const HttpConnection& connection);

  void CloseAll();
  void CloseThoseDue(base::MonotonicTime now);
  std::optional<base::MonotonicTime> next_due() const;

 private:
  struct Kept {
    Connection connection;
    std::string key;
    base::MonotonicTime until;
  };

  using Entry = std::list<Kept>::iterator;

  void CloseOldest();
  void Forget(Entry entry);

  const std::size_t max_;
  // The oldest first.
  std::list<Kept> kept_;
  std::unordered_map<std::string, std::vector<Entry>> by_key_;
  std::unordered_map<const HttpConnection*, Entry> by_connection_;
};

}  // namespace platen::notifier::edge
