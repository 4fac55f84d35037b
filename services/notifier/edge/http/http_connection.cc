#include "services/notifier/edge/http/http_connection.h"

#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>

#include "services/notifier/edge/tls_peer.h"

namespace platen::notifier::edge {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

HttpConnection::HttpConnection(asio::io_context& context,
                               Owner& owner,
                               std::shared_ptr<const HttpTarget> target,
                               TlsContexts::Context tls)
    : context_(context),
      owner_(&owner),
      target_(std::move(target)),
      tls_context_(std::move(tls)),
      socket_(context),
      patience_(context) {}

void HttpConnection::Open(Endpoints endpoints, std::uint64_t request, Bytes bytes) {
  endpoints_ = std::move(endpoints);
  request_ = request;
  bytes_ = std::move(bytes);
  TryNext();
}

void HttpConnection::TryNext() {
  const std::size_t left = endpoints_.size() - next_;
  if (left > 1) {
    // So that one that swallows everything leaves time for the others.
    patience_.expires_after(target_->timeout / endpoints_.size());
    // It may go off as its address refuses: then the socket is the next one's.
    patience_.async_wait([self = shared_from_this(), which = next_ + 1](const Error& error) {
      Error ignored;
      if (!error && !self->is_connected_ && self->next_ == which) self->socket_.close(ignored);
    });
  }
  // Of the address before.
  Error ignored;
  socket_.close(ignored);
  socket_.async_connect(endpoints_[next_++], [self = shared_from_this()](const Error& error) {
    self->patience_.cancel();
    if (self->owner_ == nullptr) return;
    if (!error && self->socket_.is_open()) return self->OnConnected();
    if (self->next_ < self->endpoints_.size()) return self->TryNext();
    self->Fail("no connection: " + error.message());
  });
}

void HttpConnection::OnConnected() {
  is_connected_ = true;
  Error ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (tls_context_ == nullptr) {
    Read();
    return Write();
  }
  Handshake();
}

void HttpConnection::Handshake() {
  tls_.emplace(socket_, *tls_context_);
  if (!DemandPeer(tls_->native_handle(), target_->address.host)) {
    return Fail("its name can't be demanded of its certificate", true);
  }
  tls_->async_handshake(ssl::stream_base::client, [self = shared_from_this()](const Error& error) {
    if (self->owner_ == nullptr) return;
    if (error) return self->Fail(HandshakeFailure(self->tls_->native_handle(), error), true);
    self->Read();
    self->Write();
  });
}

void HttpConnection::Send(std::uint64_t request, Bytes bytes) {
  request_ = request;
  bytes_ = std::move(bytes);
  Write();
}

void HttpConnection::Write() {
  answer_.Reset();
  is_written_ = false;
  std::size_t done = 0;
  if (!tls_.has_value()) {
    // Mostly all of it fits; what fails is found out by the rest, or by the answer.
    Error ignored;
    done = socket_.write_some(asio::buffer(*bytes_), ignored);
    if (done == bytes_->size()) {
      is_written_ = true;
      return;
    }
  }
  // A write may begin again after Close(): TLS encrypts the next piece before it sees that.
  const auto written = [self = shared_from_this(), request = request_, bytes = bytes_](
                           const Error& error, std::size_t) {
    if (self->owner_ == nullptr || self->request_ != request) return;
    // What the server said before it left is still to be read; that it left is read too.
    if (!error) self->is_written_ = true;
  };
  tls_.has_value() ? asio::async_write(*tls_, asio::buffer(*bytes_), written)
                   : asio::async_write(socket_, asio::buffer(*bytes_) + done, written);
}

void HttpConnection::Read() {
  const auto done = [self = shared_from_this()](const Error& error, std::size_t bytes) {
    if (self->owner_ != nullptr) self->OnRead(error, bytes);
  };
  tls_.has_value() ? tls_->async_read_some(asio::buffer(read_), done)
                   : socket_.async_read_some(asio::buffer(read_), done);
}

void HttpConnection::OnRead(const Error& error, std::size_t bytes) {
  if (request_ == 0) {
    // The server ends it, or says what nobody asked for.
    Owner& owner = *owner_;
    const auto self = shared_from_this();
    Close();
    return owner.OnGone(*this);
  }
  if (error) {
    const bool in_order = error == asio::error::eof || error == ssl::error::stream_truncated;
    if (in_order && answer_.End() == HttpAnswer::State::kDone) return Finish(false);
    if (served_ > 0 && !answer_.has_begun()) return EndWith({}, false, true);
    return Fail("cut off: " + error.message());
  }
  switch (answer_.Take({read_.data(), bytes})) {
    case HttpAnswer::State::kOpen:
      return Read();
    case HttpAnswer::State::kBroken:
      return Fail("what was answered is no HTTP: " + answer_.fault());
    case HttpAnswer::State::kDone:
      // A server that answers before it has read everything may leave the rest unread.
      return Finish(answer_.keeps_connection() && is_written_);
  }
}

void HttpConnection::Finish(bool stays) {
  EndWith({.completed = true, .status = answer_.status(), .retry_after = answer_.retry_after()},
          stays,
          false);
}

void HttpConnection::Fail(std::string why, bool tls_failed) {
  EndWith(WithReach({.status = status(), .failure = std::move(why), .tls_failed = tls_failed}),
          false,
          false);
}

bool HttpConnection::has_unread() const {
  Error ignored;
  return socket_.available(ignored) > 0;
}

TransferAnswer HttpConnection::WithReach(TransferAnswer answer) const {
  answer.sent = is_written_;
  answer.answered = answer_.has_begun();
  return answer;
}

void HttpConnection::EndWith(TransferAnswer answer, bool stays, bool went_before) {
  const auto self = shared_from_this();
  Owner& owner = *owner_;
  const std::uint64_t request = std::exchange(request_, 0);
  bytes_ = nullptr;
  ++served_;
  if (stays) {
    Read();
  } else {
    Close();
  }
  owner.OnEnd(*this, request, {std::move(answer), stays, went_before});
}

void HttpConnection::Close() {
  owner_ = nullptr;
  Error ignored;
  patience_.cancel();
  socket_.close(ignored);
}

}  // namespace platen::notifier::edge
