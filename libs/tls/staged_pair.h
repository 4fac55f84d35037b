// Hands a key and its certificate to gRPC's file watcher without a file.
//
// gRPC 1.51 reloads a key pair from two paths only, reads them one after the other, and serves
// nobody while they do not match. So it never sees the operator's files: it watches one anonymous
// file in memory that holds key and chain, under /proc/self/fd, and that is exchanged as a whole
// for the next one after the pair was found good.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace platen::tls {

// Thread-compatible. Takes one file descriptor for the rest of the process: gRPC's watcher lives on
// for a while after the last of our references to it, and must never find another file, such as a
// socket, under its number. (Reading one, it aborts the process.)
class StagedPair {
 public:
  // kInternal where the system gives no file.
  static absl::StatusOr<StagedPair> Create(const std::string& key_pem, const std::string& cert_pem);
  ~StagedPair() = default;
  StagedPair(StagedPair&&) = default;
  StagedPair& operator=(StagedPair&&) = default;
  StagedPair(const StagedPair&) = delete;
  StagedPair& operator=(const StagedPair&) = delete;

  // Readers of path() see the former pair or this one, never a part.
  absl::Status Replace(const std::string& key_pem, const std::string& cert_pem);

  // Stays the same, and readable as long as the process runs. Both key and certificate are read
  // from it.
  std::string path() const;

 private:
  explicit StagedPair(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace platen::tls
