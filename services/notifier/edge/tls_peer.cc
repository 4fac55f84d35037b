#include "services/notifier/edge/tls_peer.h"

#include <boost/asio/ip/address.hpp>
#include <openssl/x509_vfy.h>

namespace platen::notifier::edge {

// OpenSSL checks the name itself, so that it knows afterwards that the name was what is wrong.
bool DemandPeer(SSL* tls, const std::string& host) {
  boost::system::error_code is_name;
  boost::asio::ip::make_address(host, is_name);
  if (!is_name) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1;
  return SSL_set1_host(tls, host.c_str()) == 1 && SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
}

std::string HandshakeFailure(SSL* tls, const boost::system::error_code& error) {
  std::string why = "TLS handshake failed: " + error.message();
  const long verdict = SSL_get_verify_result(tls);
  if (verdict != X509_V_OK) {
    why += std::string(", certificate: ") + X509_verify_cert_error_string(verdict);
  }
  return why;
}

}  // namespace platen::notifier::edge
