#include "services/notifier/edge/channels/email/mail_text.h"

#include "libs/base/status.h"
#include "services/notifier/edge/channels/email/encoding.h"

namespace platen::notifier::edge {

std::string RenderPlain(const Description& text) {
  std::string plain = base::StrCat(text.first_line, "\n\n", text.headline, "\n\n");
  for (const auto& [label, value] : text.rows) plain += base::StrCat(label, ": ", value, "\n");
  return plain;
}

std::string RenderHtml(const Description& text) {
  std::string html =
      base::StrCat("<!DOCTYPE html>\n<html><body style=\"font-family:sans-serif\">\n<p>",
                   EscapeHtml(text.first_line),
                   "</p>\n<h2>",
                   EscapeHtml(text.headline),
                   "</h2>\n<table>\n");
  for (const auto& [label, value] : text.rows) {
    html += base::StrCat("<tr><td style=\"color:#666;padding-right:1em\">",
                         EscapeHtml(label),
                         "</td><td>",
                         EscapeHtml(value),
                         "</td></tr>\n");
  }
  return html + "</table>\n</body></html>\n";
}

}  // namespace platen::notifier::edge
