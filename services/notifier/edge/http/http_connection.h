// One connection to a server, in clear or by TLS, and the requests that go over it one after the
// other. While none is under way it listens all the same: a connection that the server has ended is
// not taken for another request.
//
// Of one io_context's thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "services/notifier/edge/http/http_address.h"
#include "services/notifier/edge/http/http_answer.h"
#include "services/notifier/edge/http/tls_contexts.h"
#include "services/notifier/edge/transfer_answer.h"

namespace platen::notifier::edge {

// Where and on which terms requests go.
struct HttpTarget {
  HttpAddress address;
  TlsFiles files;
  // Loopback, private and link-local addresses are refused on the connected address.
  bool allow_private_addresses = false;
  // From the look-up of the name to the end of the answer.
  base::Duration timeout = std::chrono::seconds(10);
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  // A request as it is written. What is being written when the request ends is held until that is
  // known not to be needed any more.
  using Bytes = std::shared_ptr<const std::string>;

  // How a request ended.
  struct End {
    TransferAnswer answer;
    // Another request may go over this connection.
    bool stays = false;
    // The server ended a connection that had carried others, without a word to this one: it had
    // left before it could see the request.
    bool went_before = false;
  };

  class Owner {
   public:
    virtual ~Owner() = default;

    // The request that Send() was called with has ended. The connection is closed unless it stays.
    virtual void OnEnd(HttpConnection& connection, std::uint64_t request, const End& end) = 0;
    // It was idle, and is closed.
    virtual void OnGone(HttpConnection& connection) = 0;
  };

  // `tls` null: in clear. `context` and `owner` must outlive this, or Close() is called before.
  HttpConnection(boost::asio::io_context& context,
                 Owner& owner,
                 std::shared_ptr<const HttpTarget> target,
                 TlsContexts::Context tls);

  // Tries one address after the other, then sends. At least one.
  void Open(Endpoints endpoints, std::uint64_t request, Bytes bytes);

  // Over a connection that stays.
  void Send(std::uint64_t request, Bytes bytes);

  // Cuts it off: nothing is called any more.
  void Close();

  // `answer` to the request under way, with how far that has come.
  TransferAnswer WithReach(TransferAnswer answer) const;

  // Of the request under way; 0 where no answer's head was read.
  int status() const { return answer_.status(); }

  // Whether the server has said something that was not read yet: it is this thread that is late,
  // and not the server.
  bool has_unread() const;

  const TlsContexts::Context& tls() const { return tls_context_; }

  const HttpTarget& target() const { return *target_; }

 private:
  using Error = boost::system::error_code;
  // Of the context itself, and not of any executor: an operation needs no type erased.
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                                  boost::asio::io_context::executor_type>;

  void TryNext();
  void OnConnected();
  void Handshake();
  void Write();
  void Read();
  void OnRead(const Error& error, std::size_t bytes);
  void EndWith(TransferAnswer answer, bool stays, bool went_before);
  void Fail(std::string why, bool tls_failed = false);
  void Finish(bool stays);

  boost::asio::io_context& context_;
  Owner* owner_;
  const std::shared_ptr<const HttpTarget> target_;
  const TlsContexts::Context tls_context_;
  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  // With an address that does not answer, where there are others.
  boost::asio::steady_timer patience_;
  Endpoints endpoints_;
  std::size_t next_ = 0;
  bool is_connected_ = false;
  // 0: none is under way.
  std::uint64_t request_ = 0;
  Bytes bytes_;
  bool is_written_ = false;
  // Requests that have ended.
  std::uint64_t served_ = 0;
  HttpAnswer answer_;
  std::array<char, 2048> read_;
};

}  // namespace platen::notifier::edge
