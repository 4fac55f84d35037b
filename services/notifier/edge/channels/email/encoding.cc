#include "services/notifier/edge/channels/email/encoding.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "libs/base/status.h"

namespace platen::notifier::edge {
namespace {

// An encoded word has at most 75 characters: 12 of frame, 60 of base64.
constexpr std::size_t kWordBytesMax = 45;
// Soft line breaks come before this column (RFC 2045: 76 with the "=").
constexpr std::size_t kBodyLineMax = 75;

bool IsPlain(char c) {
  return c >= 0x20 && c < 0x7F;
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Bytes of the longest piece of `text` that ends at a character's end.
std::size_t PieceOf(std::string_view text) {
  if (text.size() <= kWordBytesMax) return text.size();
  std::size_t end = kWordBytesMax;
  while (end > 1 && IsContinuation(text[end])) --end;
  return end;
}

}  // namespace

std::string EncodeHeader(std::string_view text) {
  std::string clean(text);
  std::replace_if(
      clean.begin(),
      clean.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
      ' ');
  const bool ascii = std::all_of(clean.begin(), clean.end(), IsPlain);
  // "=?" would be taken for the beginning of an encoded word.
  if (ascii && clean.find("=?") == std::string::npos && clean.size() <= 900) return clean;
  std::string encoded;
  for (std::string_view rest = clean; !rest.empty();) {
    const std::size_t piece = PieceOf(rest);
    if (!encoded.empty()) encoded += "\r\n ";
    encoded +=
        base::StrCat("=?UTF-8?B?", absl::Base64Escape(base::ToAbsl(rest.substr(0, piece))), "?=");
    rest.remove_prefix(piece);
  }
  return encoded;
}

std::string QuotedPrintable(std::string_view text) {
  std::string encoded;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      encoded += "\r\n";
      column = 0;
      continue;
    }
    // A space at a line's end would be lost on the way.
    const bool last_of_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool plain = IsPlain(c) && c != '=' && !(c == ' ' && last_of_line);
    const std::size_t width = plain ? 1 : 3;
    if (column + width > kBodyLineMax) {
      encoded += "=\r\n";
      column = 0;
    }
    if (plain) {
      encoded.push_back(c);
    } else {
      encoded += absl::StrFormat("=%02X", static_cast<unsigned char>(c));
    }
    column += width;
  }
  return encoded;
}

}  // namespace platen::notifier::edge
