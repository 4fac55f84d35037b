#include "libs/service/json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "libs/base/text.h"

namespace platen::service {
namespace {

// Of each byte whether JSON has it as it is.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool IsPlain(char c) {
  return kPlain[static_cast<unsigned char>(c)];
}

// How many bytes from the front JSON has as they are; eight at a time, for most of what is said is
// plain.
std::size_t PlainBytes(std::string_view text) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  constexpr std::uint64_t kHigh = kEach * 0x80;
  // The high bit of each byte that is less than `than` (at most 0x80); right unless one is above
  // 0x7f.
  const auto less = [](std::uint64_t bytes, std::uint64_t than) {
    return (bytes - kEach * than) & ~bytes & kHigh;
  };
  std::size_t done = 0;
  for (; done + sizeof(std::uint64_t) <= text.size(); done += sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + done, sizeof bytes);
    const std::uint64_t special = (bytes & kHigh) | less(bytes, 0x20) |
                                  less(bytes ^ kEach * '"', 1) | less(bytes ^ kEach * '\\', 1) |
                                  less(bytes ^ kEach * 0x7f, 1);
    if (special != 0) break;
  }
  const auto rest = text.substr(done);
  return done + static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), IsPlain) -
                                         rest.begin());
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  while (true) {
    const std::size_t plain = PlainBytes(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text[0]);
    std::size_t length = base::Utf8CharacterLength(text);
    if (length == 0) {
      out += "\\ufffd";
      length = 1;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      if (byte == '"' || byte == '\\') out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  out += '"';
}

std::string JsonString(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

}  // namespace platen::service
