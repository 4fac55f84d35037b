// What TLS connections are made with: authorities, a certificate and its key, read from their files
// once and again when one of them is another file than before, which is looked at every second.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ssl/context.hpp>

#include "libs/base/time.h"

namespace platen::notifier::edge {

struct TlsFiles {
  // CAs that vouch for the server, PEM; the system's where empty.
  std::string ca_file;
  // Client certificate chain and key, PEM; both or neither.
  std::string cert_file;
  std::string key_file;

  friend auto operator<=>(const TlsFiles&, const TlsFiles&) = default;
};

// Thread-confined.
class TlsContexts {
 public:
  using Context = std::shared_ptr<boost::asio::ssl::context>;

  // TLS 1.2 or later, the peer's certificate is verified; its name is the connection's to check.
  // Null where a file can't be used, and `fault` says why, without its path.
  Context Get(base::MonotonicTime now, const TlsFiles& files, std::string& fault);

 private:
  // Which file it was: device, inode, size, time of its last change.
  using Stamp = std::array<std::int64_t, 5>;

  struct Entry {
    std::vector<Stamp> stamps;
    Context context;
    base::MonotonicTime looked_at;
  };

  static std::vector<Stamp> StampsOf(const TlsFiles& files);

  std::map<TlsFiles, Entry> entries_;
};

}  // namespace platen::notifier::edge
