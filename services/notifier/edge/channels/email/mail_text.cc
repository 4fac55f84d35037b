#include "services/notifier/edge/channels/email/mail_text.h"

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace platen::notifier::edge {

std::string RenderPlain(const Description& text) {
  std::string plain = base::StrCat(text.first_line, "\n\n", text.headline, "\n\n");
  for (const auto& [what, url] : text.links) plain += base::StrCat(what, ":\n", url, "\n\n");
  for (const auto& [label, value] : text.rows) plain += base::StrCat(label, ": ", value, "\n");
  return plain;
}

std::string RenderHtml(const Description& text) {
  std::string html =
      base::StrCat("<!DOCTYPE html>\n<html><body style=\"font-family:sans-serif\">\n<p>",
                   base::EscapeHtml(text.first_line),
                   "</p>\n<h2>",
                   base::EscapeHtml(text.headline),
                   "</h2>\n");
  for (const auto& [what, url] : text.links) {
    html += base::StrCat("<p><a href=\"",
                         base::EscapeHtml(url),
                         "\" rel=\"noreferrer\">",
                         base::EscapeHtml(what),
                         "</a></p>\n");
  }
  html += "<table>\n";
  for (const auto& [label, value] : text.rows) {
    html += base::StrCat("<tr><td style=\"color:#666;padding-right:1em\">",
                         base::EscapeHtml(label),
                         "</td><td>",
                         base::EscapeHtml(value),
                         "</td></tr>\n");
  }
  return html + "</table>\n</body></html>\n";
}

}  // namespace platen::notifier::edge
