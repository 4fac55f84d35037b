// The inside of Exchanges: one exchange under way, whatever it speaks. It finds the peer's
// addresses, leaves out those that are refused, keeps the time, and answers once.
//
// Everything here runs on the thread of the io_context.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>

#include "services/notifier/edge/address_policy.h"
#include "services/notifier/edge/exchanges.h"

namespace platen::notifier::edge {

class AnyExchange {
 public:
  virtual ~AnyExchange() = default;

  virtual void Begin() = 0;
  // Ends it before its time.
  virtual void Abandon(std::string_view why) = 0;
};

// `Protocol`: asio::ip::tcp or udp.
template <class Protocol>
class Exchange : public AnyExchange, public std::enable_shared_from_this<Exchange<Protocol>> {
 public:
  using Error = boost::system::error_code;
  using Endpoint = typename Protocol::endpoint;
  using Resolver = typename Protocol::resolver;

  Exchange(boost::asio::io_context& context, Peer peer, Exchanges::Done done)
      : resolver_(context), deadline_(context), peer_(std::move(peer)), done_(std::move(done)) {}

  void Begin() final {
    deadline_.expires_after(peer_.timeout);
    deadline_.async_wait([self = this->shared_from_this()](const Error& error) {
      if (!error) self->Fail("it took too long");
    });
    Error none;
    const auto address = boost::asio::ip::make_address(peer_.host, none);
    if (!none) return Meet({Endpoint(address, peer_.port)});
    resolver_.async_resolve(
        peer_.host,
        std::to_string(peer_.port),
        Resolver::numeric_service,
        [self = this->shared_from_this()](const Error& error,
                                          const typename Resolver::results_type& found) {
          if (self->is_over()) return;
          if (error) return self->Fail("its name can't be looked up: " + error.message());
          self->Meet({found.begin(), found.end()});
        });
  }

  void Abandon(std::string_view why) final { Fail(std::string(why)); }

 protected:
  // At least one; all may be spoken to.
  virtual void OnAddresses(const std::vector<Endpoint>& endpoints) = 0;
  // Closes sockets, so that what waits for them ends.
  virtual void Close() = 0;

  bool is_over() const { return done_ == nullptr; }

  const Peer& peer() const { return peer_; }

  void Complete(std::string said) { End({.completed = true, .said = std::move(said)}); }

  void Fail(std::string why) { End({.failure = std::move(why)}); }

 private:
  void Meet(std::vector<Endpoint> endpoints) {
    if (!peer_.allow_private_addresses) {
      std::erase_if(endpoints,
                    [](const Endpoint& endpoint) { return !IsPublicAddress(*endpoint.data()); });
    }
    if (endpoints.empty()) return Fail("the address is not a public one");
    OnAddresses(endpoints);
  }

  void End(const ExchangeAnswer& answer) {
    if (is_over()) return;
    const Exchanges::Done done = std::exchange(done_, nullptr);
    resolver_.cancel();
    deadline_.cancel();
    Close();
    done(answer);
  }

  Resolver resolver_;
  boost::asio::steady_timer deadline_;
  const Peer peer_;
  // Null once it was called.
  Exchanges::Done done_;
};

std::shared_ptr<AnyExchange> MakeTlsExchange(boost::asio::io_context& context,
                                             TlsMessage message,
                                             Exchanges::Done done);
std::shared_ptr<AnyExchange> MakeDatagramExchange(boost::asio::io_context& context,
                                                  Question question,
                                                  Exchanges::Done done);

}  // namespace platen::notifier::edge
