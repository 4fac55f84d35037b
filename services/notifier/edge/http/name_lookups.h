// Names become addresses, off the thread that sends: a name server that hangs delays whoever asks
// for its names.
//
// Bounds: kThreads look-ups at a time, one a name; more wait for their turn, and a request that
// waits for one longer than it may fails. kNamesMax names are remembered, each for kRemembered.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/thread_pool.hpp>

#include "libs/base/time.h"

namespace platen::notifier::edge {

// Of one io_context's thread.
class NameLookups {
 public:
  using Addresses = std::vector<boost::asio::ip::address>;
  // Empty where there are none.
  using Done = std::function<void(const Addresses&)>;

  static constexpr std::size_t kThreads = 16;
  static constexpr std::size_t kNamesMax = 10'000;
  static constexpr base::Duration kRemembered = std::chrono::seconds(60);

  // Looks a name up, on one of the threads, and may take its time.
  using LookUp = std::function<Addresses(const std::string& name)>;

  // As this machine is set up to.
  static Addresses OfSystem(const std::string& name);

  // `context` must outlive this, and may be stopped before.
  NameLookups(boost::asio::io_context& context, LookUp look_up);
  // Waits for look-ups under way.
  ~NameLookups();

  // `done` is called on the context's thread, also before this returns.
  void Find(base::MonotonicTime now, const std::string& name, Done done);

 private:
  struct Name {
    Addresses addresses;
    base::MonotonicTime until;
    bool is_asked = false;
    std::vector<Done> waiting;
  };

  void Ask(const std::string& name);
  void OnFound(const std::string& name, Addresses found);

  boost::asio::io_context& context_;
  const LookUp look_up_;
  std::unordered_map<std::string, Name> names_;
  // Made when the first name is asked for.
  std::unique_ptr<boost::asio::thread_pool> threads_;
};

}  // namespace platen::notifier::edge
