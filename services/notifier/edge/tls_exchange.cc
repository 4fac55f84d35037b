// A TlsMessage under way: connect, handshake, write, end, and wait for the peer's end.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "services/notifier/edge/exchange.h"
#include "services/notifier/edge/tls_peer.h"

namespace platen::notifier::edge {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;

// In words where it is about our certificate; those alerts are 42 to 46, 48 and 116 (RFC
// 8446, 6.2).
std::string Refusal(int alert) {
  const bool certificate =
      (alert >= SSL_AD_BAD_CERTIFICATE && alert <= SSL_AD_CERTIFICATE_UNKNOWN) ||
      alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_CERTIFICATE_REQUIRED;
  return "the peer refuses by the TLS alert " + std::to_string(alert) +
         (certificate ? ", for our certificate or the lack of one" : "");
}

class TlsExchange final : public Exchange<tcp> {
 public:
  TlsExchange(asio::io_context& context, TlsMessage message, Exchanges::Done done)
      : Exchange(context, message.peer, std::move(done)),
        message_(std::move(message)),
        tls_(ssl::context::tls_client),
        socket_(context) {}

 private:
  std::shared_ptr<TlsExchange> Self() {
    return std::static_pointer_cast<TlsExchange>(shared_from_this());
  }

  void OnAddresses(const std::vector<tcp::endpoint>& endpoints) override {
    if (const Error fault = PrepareTls(); fault) {
      return Fail("TLS can't be prepared: " + fault.message());
    }
    asio::async_connect(
        socket_, endpoints, [self = Self()](const Error& error, const tcp::endpoint&) {
          if (error) return self->Fail("no connection: " + error.message());
          self->Handshake();
        });
  }

  Error PrepareTls() {
    Error fault;
    const auto options = ssl::context::default_workarounds | ssl::context::no_sslv2 |
                         ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1;
    tls_.set_options(options, fault);
    if (!fault) tls_.set_verify_mode(ssl::verify_peer, fault);
    if (!fault) {
      message_.ca_file.empty() ? tls_.set_default_verify_paths(fault)
                               : tls_.load_verify_file(message_.ca_file, fault);
    }
    if (fault || message_.cert_file.empty()) return fault;
    tls_.use_certificate_chain_file(message_.cert_file, fault);
    if (!fault) tls_.use_private_key_file(message_.key_file, ssl::context::pem, fault);
    return fault;
  }

  void Handshake() {
    stream_ = std::make_unique<ssl::stream<tcp::socket&>>(socket_, tls_);
    if (!DemandPeer(stream_->native_handle(), peer().host)) {
      return Fail("its name can't be demanded of its certificate");
    }
    // OpenSSL takes the end of a connection by an alert for its end in order.
    SSL_set_msg_callback(stream_->native_handle(), &TlsExchange::OnMessage);
    SSL_set_msg_callback_arg(stream_->native_handle(), this);
    stream_->async_handshake(ssl::stream_base::client, [self = Self()](const Error& error) {
      if (error) return self->Fail(HandshakeFailure(self->stream_->native_handle(), error));
      self->Write();
    });
  }

  void Write() {
    asio::async_write(
        *stream_, asio::buffer(message_.bytes), [self = Self()](const Error& error, std::size_t) {
          if (error) return self->Fail("cut off: " + error.message());
          self->AwaitEnd();
        });
  }

  // Says that this was all, and waits until the peer says so too, in TLS or by ending the
  // connection. A peer that dies with bytes unread makes the kernel reset it instead.
  void AwaitEnd() {
    stream_->async_shutdown([self = Self()](const Error& error) {
      const bool ended =
          !error || error == asio::error::eof || error == ssl::error::stream_truncated;
      if (!ended) return self->Fail("cut off before its end: " + error.message());
      if (self->alert_ != kCloseNotify) {
        return self->Fail(Refusal(self->alert_));
      }
      self->Complete("");
    });
  }

  // Every record of TLS's own that is sent or received.
  static void OnMessage(int is_sent,
                        int /*version*/,
                        int content_type,
                        const void* bytes,
                        std::size_t size,
                        SSL* /*ssl*/,
                        void* self) {
    if (is_sent != 0 || content_type != SSL3_RT_ALERT || size != 2) return;
    static_cast<TlsExchange*>(self)->alert_ = static_cast<const unsigned char*>(bytes)[1];
  }

  void Close() override {
    Error ignored;
    socket_.close(ignored);
  }

  static constexpr int kCloseNotify = SSL_AD_CLOSE_NOTIFY;

  const TlsMessage message_;
  ssl::context tls_;
  tcp::socket socket_;
  std::unique_ptr<ssl::stream<tcp::socket&>> stream_;
  // The last alert of the peer's.
  int alert_ = kCloseNotify;
};

}  // namespace

std::shared_ptr<AnyExchange> MakeTlsExchange(asio::io_context& context,
                                             TlsMessage message,
                                             Exchanges::Done done) {
  return std::make_shared<TlsExchange>(context, std::move(message), std::move(done));
}

}  // namespace platen::notifier::edge
