// Signed links (platen.links.v1.AcknowledgeLink): the link's bytes and HMAC-SHA-256 over them (RFC
// 2104), both in base64url without padding (RFC 4648, section 5), as one segment of a URL's path:
// BYTES "." SIGNATURE. There is one text for each link; any other is refused.
//
// Whoever has a link may use it: it is as good as the mailbox it was sent to. Its signature keeps
// anybody from making one, or another out of it.
//
// Pure. Thread-compatible: a value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platen/links/v1/acknowledge_link.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace platen::links {

// Longer ones are refused unread.
inline constexpr std::size_t kTokenBytesMax = 2048;
inline constexpr std::size_t kKeyBytesMin = 32;
inline constexpr std::size_t kKeysMax = 8;

class LinkKeys {
 public:
  // A key on each line: the first signs, all are believed, so that a key can be exchanged while
  // links are in mailboxes. kInvalidArgument where there is none, one of less than 32 characters,
  // or more than 8; nothing of the keys is in the message.
  static absl::StatusOr<LinkKeys> Parse(std::string_view lines);

  // The token that stands for `link`. The same link is always the same token under one key.
  std::string Sign(const v1::AcknowledgeLink& link) const;

  // kInvalidArgument: nobody who has a key has signed it. kDeadlineExceeded: its time is over.
  // Signatures are compared in constant time.
  absl::StatusOr<v1::AcknowledgeLink> Open(std::string_view token, base::WallTime now) const;

  friend bool operator==(const LinkKeys&, const LinkKeys&) = default;

 private:
  std::vector<std::string> keys_;
};

// 32 bytes by which a link that was used is known: SHA-256 over what was signed.
std::string LinkDigest(const v1::AcknowledgeLink& link);

}  // namespace platen::links
