// Who must be at the other end of a TLS connection, and what is said where somebody else is.
#pragma once

#include <string>

#include <boost/asio/ssl/stream.hpp>

namespace platen::notifier::edge {

// The peer's certificate must be for `host`, a name or an address without brackets; a name is asked
// for as well (SNI). Before the handshake, whose context verifies peers. False: it can't be
// demanded, and nothing may be said to this peer.
bool DemandPeer(SSL* tls, const std::string& host);

// Why a handshake failed, with what is wrong with the peer's certificate.
std::string HandshakeFailure(SSL* tls, const boost::system::error_code& error);

}  // namespace platen::notifier::edge
