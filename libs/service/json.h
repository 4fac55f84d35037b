// Strings as JSON writes them: what little JSON this library writes by hand.
#pragma once

#include <string>
#include <string_view>

namespace platen::service {

// Appends `text` as a JSON string, quotes included. Whatever the bytes, the result is valid JSON on
// one line: control characters are escaped, and bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

std::string JsonString(std::string_view text);

}  // namespace platen::service
