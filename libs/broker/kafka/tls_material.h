// The files that a Kafka client's TLS is made of, as bytes, and which clients use which version.
//
// librdkafka reads them when a handle is made and never again (up to and past 2.0.2), so another
// certificate needs another handle. It gets them from memory: what lies under a file's name at that
// moment may be half of what it will be.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace platen::broker::kafka {

// By the property that names the file: "ssl.certificate.location", "ssl.key.location", …
using TlsFileContents = std::map<std::string, std::string>;

// What belongs together. Immutable.
struct TlsVersion {
  std::uint64_t number = 0;
  TlsFileContents files;
};

// Told from any thread, of each handle that is made: its name, which is unique, and the version
// that it uses until it ends.
using OnTlsUse = std::function<void(std::string_view client, const TlsVersion& version)>;

// Thread-safe.
class TlsMaterial {
 public:
  explicit TlsMaterial(TlsFileContents first, OnTlsUse on_use = nullptr);

  // The version for clients that are made now. Whoever keeps the result counts as a user of it.
  std::shared_ptr<const TlsVersion> current() const;

  std::uint64_t number() const { return number_; }

  // From now on clients that have another version replace themselves when they are next polled.
  // `files` must be such that a client can be made of them (TryTlsFiles).
  void Replace(TlsFileContents files);

  // How many still use a version that was replaced.
  std::size_t former_users() const;

  void TellUse(std::string_view client, const TlsVersion& version) const;

 private:
  const OnTlsUse on_use_;
  std::atomic<std::uint64_t> number_{1};  // Of current_: asked for at each Poll().
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsVersion> current_;
  std::vector<std::weak_ptr<const TlsVersion>> former_;
};

}  // namespace platen::broker::kafka
