// Streams that are open, and the certificates of who is at their other end: so that a peer that is
// no longer trusted is cut, not only refused the next time it connects.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "libs/tls/policy.h"

namespace platen::tls {

// Thread-safe.
class PeerRegistry {
 public:
  struct Peer {
    PeerChain chain;
    PeerRole role = PeerRole::kClient;
    // Ends the stream; called at most once, from the thread that calls CutRefused().
    std::function<void()> cancel;
  };

  // An open stream's place in the registry. Destroying it takes the stream out; if `cancel` is
  // running meanwhile on another thread, the destructor waits for it, so what `cancel` refers to
  // need only outlive this.
  class Registration {
   public:
    Registration() = default;
    ~Registration();
    Registration(Registration&&) noexcept = default;
    Registration& operator=(Registration&& other) noexcept;
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

   private:
    friend class PeerRegistry;
    struct State;
    struct Entry;
    std::shared_ptr<State> state_;
    std::shared_ptr<Entry> entry_;
    void Remove();
  };

  PeerRegistry();

  Registration Add(Peer peer);

  // Asks `judge` about every open stream, and cancels those that it refuses. Answers how many that
  // were.
  int CutRefused(const std::function<Verdict(const Peer&)>& judge);

  std::size_t size() const;

 private:
  std::shared_ptr<Registration::State> state_;
};

}  // namespace platen::tls
