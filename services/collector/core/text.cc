#include "services/collector/core/text.h"

#include <array>
#include <cerrno>
#include <cstdint>

#include <iconv.h>

namespace platen::collector::core {
namespace {

constexpr int kUtf8 = 106;
constexpr int kHpRoman8 = 2004;

struct CharsetName {
  int mib;
  const char* name;
};

// IANA character sets, by MIBenum, under the names that iconv knows them by.
constexpr std::array kCharsets = {
    CharsetName{5, "ISO-8859-2"},
    CharsetName{8, "ISO-8859-5"},
    CharsetName{12, "ISO-8859-9"},
    CharsetName{17, "SHIFT_JIS"},
    CharsetName{1000, "UTF-16BE"},
    CharsetName{1013, "UTF-16BE"},
    CharsetName{1014, "UTF-16LE"},
    CharsetName{1015, "UTF-16"},
    CharsetName{kHpRoman8, "HP-ROMAN8"},
    CharsetName{2024, "CP932"},
};

const char* IconvName(int charset) {
  for (const CharsetName& entry : kCharsets) {
    if (entry.mib == charset) return entry.name;
  }
  return nullptr;
}

bool IsTwoByteCharset(int charset) {
  return charset == 1000 || (charset >= 1013 && charset <= 1015);
}

// RFC 2781: without a byte order mark, big-endian; iconv would take this machine's order.
const char* NameFor(int charset, std::string_view bytes) {
  constexpr int kUtf16 = 1015;
  const bool marked = bytes.starts_with("\xfe\xff") || bytes.starts_with("\xff\xfe");
  return charset == kUtf16 && !marked ? "UTF-16BE" : IconvName(charset);
}

// Nothing where this system can't convert the charset, or the bytes are not text in it. A character
// that is cut off at the end is left out: agents cut texts at their own limits.
std::optional<std::string> Convert(std::string_view bytes, const char* charset) {
  iconv_t converter = iconv_open("UTF-8", charset);
  if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  std::string in(bytes);
  std::string out(bytes.size() * 4, '\0');
  char* from = in.data();
  char* to = out.data();
  std::size_t from_left = in.size();
  std::size_t to_left = out.size();
  const bool converted =
      iconv(converter, &from, &from_left, &to, &to_left) != static_cast<std::size_t>(-1) ||
      errno == EINVAL;
  iconv_close(converter);
  if (!converted) return std::nullopt;
  out.resize(out.size() - to_left);
  return out;
}

std::string FromLatin1(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    if (code < 0x80) {
      out += byte;
    } else {
      out += static_cast<char>(0xc0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3f));
    }
  }
  return out;
}

// How many bytes the sequence that begins with `lead` has; 0 where none can.
std::size_t SequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

// Overlong forms, surrogates and what lies above U+10FFFF show in the second byte.
bool IsSecondByte(unsigned char lead, unsigned char second) {
  const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

// A terminal obeys control characters, so none gets through; C1 controls are C2 80..9F in UTF-8.
std::string WithoutControls(std::string_view utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    const bool is_c1 =
        byte == 0xc2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xa0;
    if (is_c1) {
      ++i;
    } else if ((byte >= 0x20 && byte != 0x7f) || byte == '\n' || byte == '\r' || byte == '\t') {
      out += utf8[i];
    }
  }
  return out;
}

std::string Cut(std::string text) {
  if (text.size() <= kMaxTextBytes) return text;
  std::size_t end = kMaxTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

// Up to the first NUL, without the byte order mark that a conversion may leave.
std::string WithoutPadding(std::string utf8) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (const std::size_t nul = utf8.find('\0'); nul != std::string::npos) utf8.resize(nul);
  if (utf8.starts_with(kMark)) utf8.erase(0, kMark.size());
  return utf8;
}

std::string ToUtf8(std::string_view bytes, int charset) {
  const char* name = NameFor(charset, bytes);
  // In two bytes, NULs are halves of characters; where there are none, UTF-8 goes first as always.
  if (IsTwoByteCharset(charset) && bytes.find('\0') != std::string_view::npos) {
    if (auto converted = Convert(bytes, name); converted.has_value()) {
      return WithoutPadding(*std::move(converted));
    }
  }
  bytes = bytes.substr(0, bytes.find('\0'));
  if (IsValidUtf8(bytes)) return WithoutPadding(std::string(bytes));
  if (name != nullptr) {
    if (auto converted = Convert(bytes, name); converted.has_value()) {
      return WithoutPadding(*std::move(converted));
    }
  }
  return FromLatin1(bytes);
}

}  // namespace

bool IsValidUtf8(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const std::size_t length = SequenceLength(lead);
    if (length == 0 || i + length > bytes.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      const auto byte = static_cast<unsigned char>(bytes[i + k]);
      if (k == 1 ? !IsSecondByte(lead, byte) : (byte & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string DecodeText(std::string_view bytes, int charset) {
  // Twice the limit: every byte of a one-byte charset may become up to three, never fewer than
  // half.
  const std::string clean = WithoutControls(ToUtf8(bytes.substr(0, 2 * kMaxTextBytes), charset));
  return std::string(TrimBlanks(Cut(std::string(TrimBlanks(clean)))));
}

std::string DecodePml(std::string_view bytes) {
  if (bytes.size() < 2 || static_cast<unsigned char>(bytes[0]) >= 0x20) return DecodeText(bytes, 0);
  const int symbol_set =
      static_cast<unsigned char>(bytes[0]) * 256 + static_cast<unsigned char>(bytes[1]);
  constexpr int kRoman8SymbolSet = 0x0115;
  return DecodeText(bytes.substr(2), symbol_set == kRoman8SymbolSet ? kHpRoman8 : kUtf8);
}

std::optional<std::string> Ieee1284Value(std::string_view device_id,
                                         std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    std::string_view rest = device_id;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      const std::string_view field = rest.substr(0, end);
      const std::size_t colon = field.find(':');
      if (colon != std::string_view::npos &&
          LowerCase(TrimBlanks(field.substr(0, colon))) == LowerCase(key)) {
        const std::string_view value = TrimBlanks(field.substr(colon + 1));
        if (!value.empty()) return std::string(value);
      }
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
  return std::nullopt;
}

}  // namespace platen::collector::core
