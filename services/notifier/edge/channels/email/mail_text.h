// What a mail about an alert says, apart from how mails are written.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

struct MailText {
  // Customer, location, serial number, page count, tray: what the person who goes there needs
  // first.
  std::string first_line;
  // "Jam in tray 2", "Cleared: jam in tray 2".
  std::string headline;
  // Label and value; only what is known.
  std::vector<std::pair<std::string, std::string>> rows;
};

MailText Describe(const v1::Notification& notification);

// Lines end in "\n".
std::string RenderPlain(const MailText& text);

// Escaped; no images, links or scripts.
std::string RenderHtml(const MailText& text);

}  // namespace platen::notifier::edge
