// Text as printers send it, made into UTF-8 that is safe to store and to print.
//
// The order of trust: what is valid UTF-8 is UTF-8, whatever the device declares (many declare
// latin-1 and send UTF-8); then the charset it declares; then latin-1, which can't fail. Pure
// functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace platen::collector::core {

// Longer texts are cut at a character's end.
inline constexpr std::size_t kMaxTextBytes = 2048;

// `charset`: IANA MIBenum as prtLocalizationCharacterSet has it, 0 where the device does not say.
// The result is valid UTF-8 without control characters other than line breaks and tabs, cut at the
// first NUL, with blanks at both ends removed.
std::string DecodeText(std::string_view bytes, int charset);

// HP's PML strings begin with two bytes that name the symbol set (01 15 is HP Roman-8).
std::string DecodePml(std::string_view bytes);

// One value of an IEEE 1284 device id ("MFG:Brother;MDL:HL-5350DN series;"); `keys` are tried in
// order, letter case does not matter. Nothing where there is none or it is empty.
std::optional<std::string> Ieee1284Value(std::string_view device_id,
                                         std::initializer_list<std::string_view> keys);

bool IsValidUtf8(std::string_view bytes);

// In lower case, ASCII letters only.
std::string LowerCase(std::string_view text);

// Without blanks, line breaks and tabs at both ends.
std::string_view TrimBlanks(std::string_view text);

}  // namespace platen::collector::core
