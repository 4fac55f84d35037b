// How text travels in a mail: headers after RFC 2047, bodies after RFC 2045. All pure.
#pragma once

#include <string>
#include <string_view>

namespace platen::notifier::edge {

// `text` as an unstructured header's value: as it is where it is printable ASCII, otherwise in
// encoded words (UTF-8, base64) on folded lines. Line ends and other control characters become
// spaces, so that no text can begin a header of its own.
std::string EncodeHeader(std::string_view text);

// Quoted-printable with CRLF line ends; "\n" in `text` ends a line.
std::string QuotedPrintable(std::string_view text);

}  // namespace platen::notifier::edge
