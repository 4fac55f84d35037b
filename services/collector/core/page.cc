#include "services/collector/core/page.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "libs/base/status.h"

namespace platen::collector::core {
namespace {

using base::StrCat;

// The code point at the front, which is taken off. REQUIRES: valid UTF-8, not empty.
std::uint32_t TakeCodePoint(std::string_view& utf8) {
  const auto lead = static_cast<unsigned char>(utf8[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint32_t code = length == 1 ? lead : lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length && i < utf8.size(); ++i) {
    code = code << 6 | (static_cast<unsigned char>(utf8[i]) & 0x3f);
  }
  utf8.remove_prefix(std::min(length, utf8.size()));
  return code;
}

}  // namespace

std::string Page::Paint(std::string_view text, std::string_view code) const {
  if (!style_.colour || code.empty()) return std::string(text);
  return StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

void Page::Line(std::string_view text) {
  text_ += StrCat(text, "\n");
}

void Page::Joined(const std::vector<std::string>& parts, std::string_view code) {
  const std::string_view separator = style_.unicode ? " · " : " - ";
  std::string line;
  for (const std::string& part : parts) {
    if (!part.empty()) line += StrCat(line.empty() ? "" : separator, part);
  }
  if (!line.empty()) Line(Paint(line, code));
}

void Page::Heading(std::string_view text) {
  Line(StrCat("\n", Paint(text, kBold)));
}

std::size_t DisplayWidth(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) {
    const std::uint32_t code = TakeCodePoint(utf8);
    const bool wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
                      (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
                      (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
                      (code >= 0x20000 && code <= 0x3fffd);
    const bool combining = code >= 0x300 && code <= 0x36f;
    width += combining ? 0 : wide ? 2 : 1;
  }
  return width;
}

std::string Padded(std::string text, std::size_t width) {
  const std::size_t have = DisplayWidth(text);
  if (have < width) text.append(width - have, ' ');
  return text;
}

std::string PaddedLeft(const std::string& text, std::size_t width) {
  const std::size_t have = DisplayWidth(text);
  return have < width ? std::string(width - have, ' ') + text : text;
}

std::string Shortened(const std::string& text, std::size_t width) {
  if (DisplayWidth(text) <= width) return text;
  std::string cut = text;
  while (!cut.empty() && DisplayWidth(cut) >= width) {
    while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xc0) == 0x80) cut.pop_back();
    if (!cut.empty()) cut.pop_back();
  }
  return cut + "…";
}

std::string Bar(double percent, const ReportStyle& style) {
  const double filled = std::clamp(percent, 0.0, 100.0) / 100.0 * kBarWidth;
  const auto eighths = static_cast<std::size_t>(std::lround(filled * 8.0));
  std::string bar;
  if (!style.unicode) {
    const std::size_t whole = (eighths + 4) / 8;
    return std::string(whole, '#') + std::string(kBarWidth - whole, '.');
  }
  constexpr std::string_view kParts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  for (std::size_t i = 0; i < eighths / 8; ++i) bar += "█";
  bar += kParts[eighths % 8];
  const std::size_t used = eighths / 8 + (eighths % 8 != 0 ? 1 : 0);
  for (std::size_t i = used; i < kBarWidth; ++i) bar += "░";
  return bar;
}

}  // namespace platen::collector::core
