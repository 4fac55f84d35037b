#include "services/gateway/core/paging.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/escaping.h"
#include "libs/base/status.h"

namespace platen::gateway::core {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
constexpr std::size_t kTokenBytesMax = 4096;

// FNV-1a: a token is no secret, it only has to notice other arguments.
std::string Fingerprint(std::initializer_list<std::string_view> arguments) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](unsigned char byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (const std::string_view argument : arguments) {
    for (const char c : argument) add(static_cast<unsigned char>(c));
    add(0);
  }
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(hash >> (8 * i) & 0xFF);
  }
  return bytes;
}

std::string Seal(std::initializer_list<std::string_view> arguments, std::string_view cursor) {
  std::string token;
  absl::WebSafeBase64Escape(Fingerprint(arguments) + std::string(cursor), &token);
  return token;
}

bool Open(std::initializer_list<std::string_view> arguments,
          std::string_view token,
          std::string& cursor) {
  std::string bytes;
  if (token.size() > kTokenBytesMax || !absl::WebSafeBase64Unescape(base::ToAbsl(token), &bytes) ||
      !std::string_view(bytes).starts_with(Fingerprint(arguments))) {
    return false;
  }
  cursor = bytes.substr(8);
  return true;
}

}  // namespace

absl::StatusOr<int> PageSize(std::int32_t asked) {
  if (asked < 0) return base::InvalidArgument("page_size is negative");
  return asked == 0 ? kDefaultPageSize : std::min(asked, kMaxPageSize);
}

std::string MakePageToken(std::initializer_list<std::string_view> arguments,
                          std::string_view cursor) {
  return Seal(arguments, cursor);
}

absl::StatusOr<std::string> ReadPageToken(std::initializer_list<std::string_view> arguments,
                                          std::string_view token) {
  std::string cursor;
  if (token.empty() || Open(arguments, token, cursor)) return cursor;
  return base::InvalidArgument(
      "page_token is not from an earlier answer to the same call; leave it out to begin again");
}

std::string MakeResumeToken(std::string_view store_id,
                            std::string_view parent,
                            std::int64_t position) {
  return Seal({store_id, parent, "resume"}, std::to_string(position));
}

absl::StatusOr<std::int64_t> ReadResumeToken(std::string_view store_id,
                                             std::string_view parent,
                                             std::string_view token) {
  std::string cursor;
  std::int64_t position = 0;
  if (Open({store_id, parent, "resume"}, token, cursor)) {
    const char* end = cursor.data() + cursor.size();
    const auto [rest, error] = std::from_chars(cursor.data(), end, position);
    if (error == std::errc() && rest == end && position >= 0) return position;
  }
  return absl::OutOfRangeError(
      "resume_token is not of this store and parent; leave it out to begin with a snapshot");
}

}  // namespace platen::gateway::core
