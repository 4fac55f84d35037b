#include "libs/links/link_keys.h"

#include <cstdint>
#include <optional>

#include <openssl/crypto.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "libs/base/sha256.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::links {
namespace {

// Keeps these signatures apart from others that somebody makes with the same key, and from those of
// links that look otherwise one day.
constexpr std::string_view kPurpose = "platen-acknowledge-link-v1:";

std::string SignatureOf(const std::string& key, std::string_view bytes) {
  const auto signature = base::HmacSha256(key).Sign({kPurpose, bytes});
  return {signature.begin(), signature.end()};
}

std::string ToUrl(std::string_view bytes) {
  std::string text;
  absl::WebSafeBase64Escape(base::ToAbsl(bytes), &text);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

// Only what ToUrl() writes: no padding, no white space, no bits that mean nothing.
std::optional<std::string> FromUrl(std::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(base::ToAbsl(text), &bytes)) return std::nullopt;
  if (ToUrl(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace

absl::StatusOr<LinkKeys> LinkKeys::Parse(std::string_view lines) {
  LinkKeys keys;
  for (const absl::string_view line : absl::StrSplit(base::ToAbsl(lines), '\n')) {
    const absl::string_view key = absl::StripAsciiWhitespace(line);
    if (key.empty()) continue;
    if (key.size() < kKeyBytesMin) {
      return base::InvalidArgument(
          "a key of links has at least ", kKeyBytesMin, " characters: openssl rand -hex 32");
    }
    keys.keys_.emplace_back(key);
  }
  if (keys.keys_.empty()) {
    return base::InvalidArgument("there is no key for links: openssl rand -hex 32");
  }
  if (keys.keys_.size() > kKeysMax) {
    return base::InvalidArgument("at most ", kKeysMax, " keys for links: take out former ones");
  }
  return keys;
}

std::string LinkKeys::Sign(const v1::AcknowledgeLink& link) const {
  const std::string bytes = link.SerializeAsString();
  return base::StrCat(ToUrl(bytes), ".", ToUrl(SignatureOf(keys_.front(), bytes)));
}

absl::StatusOr<v1::AcknowledgeLink> LinkKeys::Open(std::string_view token,
                                                   base::WallTime now) const {
  const absl::Status forged = base::InvalidArgument("the link is damaged, or not ours");
  const std::size_t dot = token.find('.');
  if (token.size() > kTokenBytesMax || dot == std::string_view::npos) return forged;
  const std::optional<std::string> bytes = FromUrl(token.substr(0, dot));
  const std::optional<std::string> signature = FromUrl(token.substr(dot + 1));
  if (!bytes.has_value() || !signature.has_value() || signature->size() != base::kSha256Size) {
    return forged;
  }
  bool is_signed = false;
  for (const std::string& key : keys_) {
    const std::string expected = SignatureOf(key, *bytes);
    is_signed =
        CRYPTO_memcmp(expected.data(), signature->data(), base::kSha256Size) == 0 || is_signed;
  }
  v1::AcknowledgeLink link;
  if (!is_signed || !link.ParseFromString(*bytes)) return forged;
  if (event::FromProto(link.expire_time()) <= now) {
    return base::Error(absl::StatusCode::kDeadlineExceeded, "the link's time is over");
  }
  return link;
}

std::string LinkDigest(const v1::AcknowledgeLink& link) {
  return base::Sha256String(link.SerializeAsString());
}

}  // namespace platen::links
