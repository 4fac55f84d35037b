// Text that goes where not every byte may: UTF-8 that is none, and HTML.
#pragma once

#include <string>
#include <string_view>

namespace platen::base {

// The length of the UTF-8 character at the front of `text` (RFC 3629), or 0 if there is none.
// REQUIRES: `text` is not empty.
std::size_t Utf8CharacterLength(std::string_view text);

// `text` with U+FFFD in the place of each byte that belongs to no character.
std::string ToUtf8(std::string_view text);

// `text` as it stands in HTML, in an element or in an attribute's quotes.
std::string EscapeHtml(std::string_view text);

}  // namespace platen::base
