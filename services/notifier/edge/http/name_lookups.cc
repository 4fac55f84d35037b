#include "services/notifier/edge/http/name_lookups.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <netdb.h>

namespace platen::notifier::edge {

namespace asio = boost::asio;

NameLookups::Addresses NameLookups::OfSystem(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
  Addresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (each->ai_family == AF_INET) {
      const auto& in = *reinterpret_cast<const sockaddr_in*>(each->ai_addr);
      addresses.emplace_back(asio::ip::address_v4(ntohl(in.sin_addr.s_addr)));
    } else if (each->ai_family == AF_INET6) {
      const auto& in = *reinterpret_cast<const sockaddr_in6*>(each->ai_addr);
      asio::ip::address_v6::bytes_type bytes;
      std::copy_n(in.sin6_addr.s6_addr, bytes.size(), bytes.begin());
      addresses.emplace_back(asio::ip::address_v6(bytes, in.sin6_scope_id));
    }
  }
  freeaddrinfo(found);
  return addresses;
}

NameLookups::NameLookups(asio::io_context& context, LookUp look_up)
    : context_(context), look_up_(std::move(look_up)) {}

NameLookups::~NameLookups() {
  if (threads_ == nullptr) return;
  threads_->stop();
  threads_->join();
}

void NameLookups::Find(base::MonotonicTime now, const std::string& name, Done done) {
  if (names_.size() >= kNamesMax) {
    std::erase_if(names_, [&](const auto& entry) {
      return !entry.second.is_asked && (names_.size() >= kNamesMax || entry.second.until <= now);
    });
  }
  Name& entry = names_[name];
  if (!entry.is_asked && entry.until > now) return done(entry.addresses);
  entry.waiting.push_back(std::move(done));
  if (std::exchange(entry.is_asked, true)) return;
  entry.until = now + kRemembered;
  Ask(name);
}

void NameLookups::Ask(const std::string& name) {
  if (threads_ == nullptr) threads_ = std::make_unique<asio::thread_pool>(kThreads);
  asio::post(*threads_, [this, name] {
    asio::post(context_,
               [this, name, found = look_up_(name)]() mutable { OnFound(name, std::move(found)); });
  });
}

void NameLookups::OnFound(const std::string& name, Addresses found) {
  Name& entry = names_[name];
  entry.is_asked = false;
  entry.addresses = std::move(found);
  // What was not found is asked for again.
  if (entry.addresses.empty()) entry.until = {};
  const Addresses addresses = entry.addresses;
  for (const Done& done : std::exchange(entry.waiting, {})) done(addresses);
}

}  // namespace platen::notifier::edge
