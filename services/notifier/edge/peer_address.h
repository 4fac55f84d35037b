// Whom a channel speaks to, as the configuration names it.
#pragma once

#include <optional>
#include <string_view>

#include "google/protobuf/duration.pb.h"

#include "services/notifier/edge/exchanges.h"

namespace platen::notifier::edge {

// "host:port", "192.0.2.1:port", "[2001:db8::1]:port"; nullopt where it is none of these.
std::optional<Peer> ParsePeer(std::string_view text);

// What is in `text`, and the terms on which it is spoken to. REQUIRES: ParsePeer() takes it.
Peer ToPeer(std::string_view text,
            bool allow_private_addresses,
            const google::protobuf::Duration* timeout);

}  // namespace platen::notifier::edge
