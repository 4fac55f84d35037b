#include "services/notifier/edge/http/http_address.h"

#include <algorithm>
#include <charconv>

#include "libs/base/status.h"

namespace platen::notifier::edge {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

// ":8080", or nothing.
bool ParsePort(std::string_view text, std::uint16_t& port) {
  if (text.empty()) return true;
  text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

bool IsName(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool IsAddress6(std::string_view host) {
  return !host.empty() && host.find_first_not_of("0123456789abcdefABCDEF:.") == host.npos;
}

}  // namespace

std::optional<HttpAddress> ParseHttpAddress(std::string_view url) {
  HttpAddress address;
  address.tls = url.starts_with(kHttps);
  if (!address.tls && !url.starts_with(kHttp)) return std::nullopt;
  url.remove_prefix(address.tls ? kHttps.size() : kHttp.size());
  if (std::any_of(url.begin(), url.end(), [](char c) { return c > 0 && c <= 0x20; }) ||
      url.find('\x7F') != url.npos || url.find('\0') != url.npos) {
    return std::nullopt;
  }
  url = url.substr(0, url.find('#'));
  const std::size_t path = std::min(url.find_first_of("/?"), url.size());
  const std::string_view authority = url.substr(0, path);
  address.target = url.substr(path);
  if (address.target.empty() || address.target.front() == '?') {
    address.target.insert(address.target.begin(), '/');
  }
  const bool bracketed = authority.starts_with('[');
  const std::size_t end =
      bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (end == authority.npos) return std::nullopt;
  const std::string_view host = bracketed ? authority.substr(1, end - 1) : authority.substr(0, end);
  const std::string_view rest = authority.substr(bracketed ? end + 1 : end);
  address.port = address.tls ? 443 : 80;
  const bool is_host = bracketed ? IsAddress6(host) : IsName(host);
  if (!is_host || (!rest.empty() && rest.front() != ':') || !ParsePort(rest, address.port)) {
    return std::nullopt;
  }
  address.host = host;
  address.authority = authority;
  return address;
}

}  // namespace platen::notifier::edge
