// Posts by HTTP/1.1, for every channel that speaks it: many at a time on one thread, none waits for
// another, connections are kept. Redirects are not followed, proxies not used.
//
// A receiver that answers at once is spoken to over one connection. Where a post has waited 50
// milliseconds for one that is in use, it gets another.
//
// Bounds: kUnderWayMax posts under way, the others wait for their turn, and their time with them;
// kKeptMax connections that wait for the next post, kKeptFor each, and no more than half of the
// process's descriptors.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/notifier/edge/http/http_connection.h"
#include "services/notifier/edge/http/name_lookups.h"
#include "services/notifier/edge/transfer_answer.h"

namespace platen::notifier::edge {

// Thread-safe. REQUIRES: the process ignores SIGPIPE, as with Transfers.
class HttpPosts {
 public:
  static constexpr std::size_t kUnderWayMax = 10'000;
  static constexpr std::size_t kKeptMax = 4'000;
  static constexpr base::Duration kKeptFor = std::chrono::seconds(60);

  // `look_up` is how names become addresses.
  explicit HttpPosts(NameLookups::LookUp look_up = &NameLookups::OfSystem);
  // Cuts off what is under way; each `done` is still called.
  ~HttpPosts();
  HttpPosts(const HttpPosts&) = delete;
  HttpPosts& operator=(const HttpPosts&) = delete;

  // Begins to post and returns at once. `headers`: "Name: value" each; Host and Content-Length are
  // added. `done` is called exactly once, on the thread of this object, and must not block.
  //
  // A post that goes over a kept connection which the server ends at that moment, without a word,
  // goes once more over a new one.
  void Start(std::shared_ptr<const HttpTarget> target,
             const std::vector<std::string>& headers,
             std::string_view body,
             TransferDone done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platen::notifier::edge
