// The mail that a notification becomes. Pure: the same notification is the same mail, byte for
// byte, at every try.
//
// One incident is one thread: a raise refers to <incident-ID@domain>, which all its mails share;
// whatever is said later answers the raise's mail. Message-ID is <notification-id@domain>, so that
// a mail sent twice is known as one.
#pragma once

#include <string>
#include <vector>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

struct MailFrame {
  // As in the header: "alarms@example.com" or "Platen <alarms@example.com>".
  std::string from;
  std::vector<std::string> to;
  // Right side of Message-IDs.
  std::string message_id_domain;
};

// A whole RFC 5322 message with CRLF line ends, text and HTML.
std::string ComposeMail(const v1::Notification& notification, const MailFrame& frame);

}  // namespace platen::notifier::edge
